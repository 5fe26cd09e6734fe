import { readAgentAddress, readHost } from './addresses.ts';
import { canonical } from './canonical.ts';
import { checkDeclaredSessions } from './declared-sessions.ts';
import { type Folders, expandPath } from './expand-path.ts';
import { checkGateway } from './gateway-checks.ts';
import type { InspectKey, KeyFile } from './key-file.ts';
import { quote } from '../shell/shell.ts';
import { checkLogSources } from './log-sources.ts';
import { type Path, formatPath, showPlain, showValue } from './problem.ts';
import type { InventoryFile } from './schema.ts';
import type { Complaint, Draft } from './shape.ts';
import { type HostSection, jumpOf, namesOf, sshSetting, sshSources } from './ssh-sections.ts';
import { unknownHost } from './unknown-host.ts';

/*
 * What no schema can say: names and addresses that have to be unique, names that have to exist, files that have to be
 * there. Each check takes what is usable of the file, so that a wrong port never hides a doubled name.
 */

type Content = Draft<InventoryFile>;
type LineOf = (path: Path) => number;

/** All checks that need the file's content alone. */
export function checkContent(content: Content, lineOf: LineOf): Complaint[] {
  const hosts = hostSections(content);
  return [
    ...checkNames(hosts, lineOf),
    ...checkAddresses(hosts, content, lineOf),
    ...checkGateway(hosts, content),
    ...checkJumps(hosts, content),
    ...checkLogSources(content),
    ...checkDeclaredSessions(content, lineOf),
  ];
}

/** What a file without complaints may still lack. */
export function checkCompleteness(file: InventoryFile): Complaint[] {
  const complaints: Complaint[] = [];
  if ((file.agents ?? []).length === 0 && file.gateway.agent_networks === undefined) {
    const allowed = 'agents, or gateway.agent_networks, or both';
    complaints.push({
      path: ['agents'],
      at: 'key',
      what: 'no agents',
      found: 'nothing to route to',
      allowed,
    });
  }
  if (sessionUser(file) === undefined) {
    const allowed = 'the user the desktops run as (no ssh.user of the agents can stand in)';
    complaints.push({ path: ['sessions', 'defaults', 'user'], at: 'key', what: 'missing', allowed });
  }
  return complaints;
}

/** Who desktops run as: what is written, else the SSH user that all agents share. */
export function sessionUser(file: InventoryFile): string | undefined {
  const { user, owner } = file.sessions?.defaults ?? {};
  const shared = sshSetting(sshSources({ role: 'agent' }, file.defaults), 'user')?.value;
  const [only, ...more] = new Set((file.agents ?? []).map((agent) => agent.ssh?.user ?? shared));
  return user ?? owner ?? shared ?? (more.length === 0 ? only : undefined);
}

/** Both lists, each entry with its place. */
export function hostSections(content: Content): HostSection[] {
  const { proxies = [], agents = [] } = content;
  return [
    ...proxies.flatMap((host, index) =>
      host === undefined ? [] : [{ ...host, role: 'proxy' as const, path: ['proxies', index] }],
    ),
    ...agents.flatMap((host, index) =>
      host === undefined ? [] : [{ ...host, role: 'agent' as const, path: ['agents', index] }],
    ),
  ];
}

function checkNames(hosts: readonly HostSection[], lineOf: LineOf): Complaint[] {
  const first = new Map<string, HostSection>();
  return hosts.flatMap((host) => {
    if (host.name === undefined) return [];
    const earlier = first.get(host.name.toLowerCase());
    if (earlier === undefined) first.set(host.name.toLowerCase(), host);
    return earlier === undefined ? [] : [sameAgain('name', host, earlier, lineOf)];
  });
}

/**
 * An agent is its address: twice the same is one agent. Proxies may share an address when their SSH ports differ
 * (ports forwarded through one address), and so may a proxy and an agent.
 */
function checkAddresses(hosts: readonly HostSection[], content: Content, lineOf: LineOf): Complaint[] {
  const first = new Map<string, HostSection>();
  return hosts.flatMap((host) => {
    const address = canonical(host.host, host.role === 'agent' ? readAgentAddress : readHost);
    if (address === undefined) return [];
    const port = sshSetting(sshSources(host, content.defaults), 'port')?.value ?? 22;
    const identities = [`${address} ${port}`, ...(host.role === 'agent' ? [`agent ${address}`] : [])];
    const earlier = identities.flatMap((identity) => first.get(identity) ?? [])[0];
    for (const identity of identities) if (!first.has(identity)) first.set(identity, host);
    return earlier === undefined ? [] : [sameAgain('host', host, earlier, lineOf)];
  });
}

function sameAgain(key: 'name' | 'host', host: HostSection, earlier: HostSection, lineOf: LineOf): Complaint {
  const line = lineOf([...earlier.path, key]);
  return {
    path: [...host.path, key],
    what: `the same ${key === 'name' ? 'name' : 'address'} twice`,
    allowed: `another one (${formatPath([...earlier.path, key])} in line ${line} has it)`,
  };
}

function checkJumps(hosts: readonly HostSection[], content: Content): Complaint[] {
  const names = namesOf(hosts);
  const jumps = new Map(
    hosts.map((host) => [host.name, jumpOf(host.name, sshSources(host, content.defaults))] as const),
  );
  const unknown = [...jumps.values()].flatMap((jump) =>
    jump === undefined || names.includes(jump.value)
      ? []
      : [unknownHost(jump.value, jump.path, names, 'the name of a host, or none')],
  );
  return [...unknown, ...circles(jumps)];
}

type Jumps = ReadonlyMap<string | undefined, { readonly value: string; readonly path: Path } | undefined>;

/** Each circle of jumps once, at a host's own setting if one is part of it. */
function circles(jumps: Jumps): Complaint[] {
  const complaints: Complaint[] = [];
  const followed = new Set<string | undefined>();
  for (const start of jumps.keys()) {
    const way: string[] = [];
    let name = start;
    while (name !== undefined && !followed.has(name)) {
      followed.add(name);
      way.push(name);
      name = jumps.get(name)?.value;
    }
    if (name === undefined || !way.includes(name)) continue;
    const circle = way.slice(way.indexOf(name));
    const paths = circle.map((host) => jumps.get(host)?.path ?? []);
    complaints.push({
      path: paths.find(([section]) => section !== 'defaults') ?? paths[0] ?? [],
      what: 'jumps in a circle',
      found: [...circle, name].join(' → '),
      allowed: 'a way that ends at a host without a jump (jump: none)',
    });
  }
  return complaints;
}

/** Looks at every private key that the file names, each file once. */
export async function checkKeys(
  content: Content,
  folders: Folders,
  inspect: InspectKey,
): Promise<Complaint[]> {
  const { defaults } = content;
  const places: { path: Path; key: string | undefined }[] = [
    { path: ['defaults', 'ssh', 'key'], key: defaults?.ssh?.key },
    { path: ['defaults', 'agents', 'ssh', 'key'], key: defaults?.agents?.ssh?.key },
    ...hostSections(content).map(({ path, ssh }) => ({ path: [...path, 'ssh', 'key'], key: ssh?.key })),
  ];
  const seen = new Map<string, { path: Path; key: string }>();
  for (const { path, key } of places) {
    const file = key === undefined ? undefined : expandPath(key, folders);
    if (key !== undefined && file !== undefined && !seen.has(file)) seen.set(file, { path, key });
  }
  const complaints = await Promise.all(
    [...seen].map(async ([file, { path, key }]) => keyComplaint(await inspect(file), { file, path, key })),
  );
  return complaints.flatMap((complaint) => complaint ?? []);
}

function keyComplaint(
  kind: KeyFile,
  { file, path, key }: { file: string; path: Path; key: string },
): Complaint | undefined {
  if (kind === 'usable') return undefined;
  const found = showValue(key) + (/^[~/]/.test(key) ? '' : ` (${showPlain(file)})`);
  const typed = /^~\/[A-Za-z0-9_./-]+$/.test(key) ? key : quote(file);
  const hint = kind === 'open-to-others' ? { hint: `chmod 600 ${typed}` } : {};
  return { path, found, ...KEY_COMPLAINTS[kind], ...hint };
}

const KEY_COMPLAINTS: Record<Exclude<KeyFile, 'usable'>, { what: string; allowed: string }> = {
  missing: { what: 'no such key file', allowed: 'the path of a private key' },
  unreadable: { what: 'the key file cannot be read', allowed: 'a file that you may read' },
  'not-a-file': { what: 'the key is not a file', allowed: 'the path of a private key' },
  'open-to-others': {
    what: 'others can read the private key',
    allowed: 'a file only you can read, mode 600',
  },
  'public-key': { what: 'a public key', allowed: 'the private one, often the same name without .pub' },
  'no-key': { what: 'no private key in this file', allowed: 'a private key in PEM or OpenSSH form' },
};
