import { zoneMinutes } from '../../logs/formats/times.ts';
import type { SystemFacts } from '../facts/system.ts';
import { parseDisks } from './disks.ts';
import { parseFirewalls } from './firewalls.ts';
import { linesOf } from './lines.ts';
import { parseListeners } from './listeners.ts';
import type { Probe, Probes } from './probes.ts';
import { parseUnits } from './units.ts';

/** The operator's clock, in seconds since 1970: when the script was sent, and when its first word came. */
export interface Asked {
  readonly before: number;
  readonly after: number;
}

/** Reads what `SYSTEM` told of a host. Pure; what was not told, or makes no sense, is undefined or empty. */
export function parseSystem(probes: Probes, asked: Asked): SystemFacts {
  const { text } = probes;
  const [hostname = '', kernel = '', architecture = ''] = (text('uname') ?? '').split(' ');
  const [uptime, load1, cpus = ''] = (text('load') ?? '').split(' ');
  const clock = parseClock(text('clock'), asked);
  const now = (asked.before + asked.after) / 2 + clock.offset;
  return {
    hostname,
    os: parseOsRelease(text('os')),
    kernel,
    architecture,
    ec2: /amazon/i.test(text('vendor') ?? '') || /^ec2/im.test(text('vendor') ?? ''),
    packageManager: MANAGERS.find((manager) => manager === text('package-manager')),
    packages: parsePackages(probes.first('packages')),
    clock: { ...clock, synchronised: parseSynchronised(text('clock-state')) },
    uptime: numberOf(uptime),
    cpus: countCpus(cpus),
    load1: numberOf(load1),
    memory: parseMemory(text('memory')),
    outOfMemory: linesOf(text('out-of-memory')),
    disks: parseDisks(probes.all('disks')),
    units: parseUnits(probes.first('units'), now - numberOf(uptime)),
    defaultTarget: linesOf(text('default-target')).find((line) => line.endsWith('.target')),
    listeners: parseListeners(probes.first('listeners')),
    firewalls: parseFirewalls(probes),
    selinux: parseSelinux(probes, now),
    forwardProxy: parseForwardProxy(text('forward-proxy')),
  };
}

const MANAGERS = ['apt-get', 'dnf', 'yum', 'zypper'] as const;

function numberOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}(?:\.\d+)?$/.test(text) ? Number(text) : 0;
}

/** os-release(5): shell assignments, whose values may have quotes. */
function parseOsRelease(text: string | undefined): SystemFacts['os'] {
  const values = new Map(
    linesOf(text).flatMap((line) => {
      const [, name, value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, unquoted(value)] as const];
    }),
  );
  return {
    id: values.get('ID') ?? '',
    like: (values.get('ID_LIKE') ?? '').split(' ').filter((id) => id !== ''),
    version: values.get('VERSION_ID') ?? '',
    name: values.get('PRETTY_NAME') ?? '',
  };
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
}

/** `NAME VERSION` as rpm tells it, with the status before it from dpkg, which says 1 when a name has no package. */
function parsePackages(probe: Probe | undefined): Record<string, string> | undefined {
  if (probe === undefined || probe.code > 1) return undefined;
  return Object.fromEntries(
    linesOf(probe.output).flatMap((line) => {
      const [, name, version] = /^(?:installed )?([A-Za-z0-9][\w.+-]*) (\d\S*)$/.exec(line) ?? [];
      return name === undefined || version === undefined ? [] : [[name, version] as const];
    }),
  );
}

/** `SECONDS.NANOSECONDS ±HHMM`, told at some moment between the two of the operator's. */
function parseClock(
  text: string | undefined,
  { before, after }: Asked,
): Omit<SystemFacts['clock'], 'synchronised'> {
  const uncertainty = Math.max(0, (after - before) / 2);
  const [, seconds, zone] = /^(\d{1,12}(?:\.\d+)?) ([+-]\d{4})$/.exec(text ?? '') ?? [];
  if (seconds === undefined || zone === undefined) return { offset: 0, uncertainty, utcOffsetMinutes: 0 };
  return {
    offset: Number(seconds) - (before + after) / 2,
    uncertainty,
    utcOffsetMinutes: zoneMinutes(zone),
  };
}

/** `timedatectl` of systemd 239 and later, and of those before. */
function parseSynchronised(text: string | undefined): boolean | undefined {
  const word = /^\s*(?:System clock|NTP) synchronized: (yes|no)\s*$/m.exec(text ?? '')?.[1];
  return word === undefined ? undefined : word === 'yes';
}

/** `0-3,8` */
function countCpus(text: string): number {
  const ranges = text.split(',').map((range) => /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range));
  const counts = ranges.map((range) =>
    range === null ? 0 : Number(range[2] ?? range[1]) - Number(range[1]) + 1,
  );
  return Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
}

function parseMemory(text: string | undefined): SystemFacts['memory'] {
  const kib = (name: string): number =>
    numberOf(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1]);
  return {
    totalKiB: kib('MemTotal'),
    availableKiB: kib('MemAvailable'),
    swapTotalKiB: kib('SwapTotal'),
    swapFreeKiB: kib('SwapFree'),
  };
}

const DAY = 86_400;

/** The audit log has the time in seconds since 1970: `msg=audit(1764087848.123:456)`. */
function parseSelinux(probes: Probes, now: number): SystemFacts['selinux'] {
  const told = probes.text('selinux');
  if (told === undefined) return undefined;
  const mode = told === '1' ? 'enforcing' : told === '0' ? 'permissive' : 'disabled';
  const denials = linesOf(probes.first('denials')?.output).filter((line) => {
    const at = /msg=audit\((\d{1,12})/.exec(line)?.[1];
    return at !== undefined && Number(at) > now - DAY;
  });
  return { mode, denials };
}

/** Variables by their names in lower case; the last one counts. `$http_proxy` as a value is the one before. No credentials. */
function parseForwardProxy(text: string | undefined): Record<string, string> {
  const proxies: Record<string, string> = {};
  for (const line of linesOf(text)) {
    const [, name, value = ''] = /^\s*(?:export\s+)?((?:https?|no)_proxy)=(.*?);?\s*$/i.exec(line) ?? [];
    if (name === undefined) continue;
    const set = unquoted(value.replace(/\s+#.*$/, '')).replace(/^([a-z]+:\/\/)?\S*@/i, '$1');
    const other = /^\$\{?([a-z_]+)\}?$/i.exec(set)?.[1]?.toLowerCase();
    const found = other === undefined ? set : (proxies[other] ?? '');
    if (found !== '') proxies[name.toLowerCase()] = found;
  }
  return proxies;
}
