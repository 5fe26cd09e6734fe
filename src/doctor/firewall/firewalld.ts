import { type Verdict, portMatches } from './outcomes.ts';

/** Services that firewalld knows, and their TCP ports as far as they may be asked about here; others may be anything. */
const SERVICES: Readonly<Record<string, readonly number[]>> = {
  ssh: [22],
  http: [80],
  https: [443],
  'pcsync-https': [8443],
  cockpit: [9090],
  mdns: [],
  'dhcpv6-client': [],
  'ipp-client': [],
  'samba-client': [],
  dns: [53],
  ntp: [],
  'vnc-server': [5900, 5901, 5902, 5903],
  rdp: [3389],
  nfs: [2049],
};

/** What `firewall-cmd --list-all` says of a port: the default zone, as far as it is the one in use. Pure. */
export function judgeFirewalld(lines: readonly string[], port: number): Verdict {
  if (!lines.some((line) => /^\S+ \(.*active.*\)/.test(line))) return 'unknown';
  const services = setting(lines, 'services');
  const ports = setting(lines, 'ports').filter((entry) => entry.endsWith('/tcp'));
  const rich = lines.filter((line) => /^\s*rule /.test(line)).map((line) => judgeRich(line, port));
  if (rich.includes('closed')) return 'closed';
  if (
    setting(lines, 'target').includes('ACCEPT') ||
    rich.includes('open') ||
    services.some((name) => SERVICES[name]?.includes(port) === true) ||
    ports.some((entry) => portMatches(entry.replace('/tcp', ''), port) === 'yes')
  ) {
    return 'open';
  }
  const isKnown = services.every((name) => SERVICES[name] !== undefined);
  return isKnown && !rich.includes('unknown') ? 'closed' : 'unknown';
}

/** The words behind `services:`, `ports:`, … */
function setting(lines: readonly string[], name: string): string[] {
  const line = lines.map((text) => text.trim()).find((text) => text.startsWith(`${name}:`)) ?? '';
  return line
    .slice(name.length + 1)
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** `rule family="ipv4" source address="10.0.0.0/8" port port="8443" protocol="tcp" accept`; undefined: not about this port. */
function judgeRich(rule: string, port: number): Verdict | undefined {
  if (rule.includes('family="ipv6"')) return undefined;
  const named = /\bport port="([\d-]+)" protocol="(\w+)"/.exec(rule);
  if (named !== null && (named[2] !== 'tcp' || portMatches(named[1] ?? '', port) !== 'yes')) return undefined;
  const isNarrow = / source | destination | service |NOT/.test(rule);
  if (named === null || isNarrow) return 'unknown';
  if (/ accept\b/.test(rule)) return 'open';
  return / (?:drop|reject)\b/.test(rule) ? 'closed' : 'unknown';
}
