import { matchesGlob } from './glob.ts';
import { didYouMean } from './near-match.ts';
import { ROLE_WORDS } from './logs-schema.ts';
import { type Path, formatPath, showValue } from './problem.ts';
import type { InventoryFile } from './schema.ts';
import type { Complaint, Draft } from './shape.ts';
import type { Host, LogSource } from './types.ts';
import { unknownHost } from './unknown-host.ts';

type Written = NonNullable<InventoryFile['logs']>[number];
type WrittenDraft = Draft<Written>;

/** What of a host its patterns look at; undefined where the file has a mistake. */
type Named = { readonly role: Host['role'] } & Draft<Pick<Host, 'name' | 'host' | 'tags'>>;

/** What no schema can say of the operator's own log sources. */
export function checkLogSources(content: Draft<InventoryFile>): Complaint[] {
  const hosts = namedHosts(content);
  const first = new Map<string, Path>();
  return (content.logs ?? []).flatMap((source, index) => {
    if (source === undefined) return [];
    const path = ['logs', index];
    const name = source.name?.toLowerCase();
    const earlier = name === undefined ? undefined : first.get(name);
    if (name !== undefined && earlier === undefined) first.set(name, path);
    return [
      ...(earlier === undefined ? [] : [sameName(path, earlier)]),
      ...checkPlace(source, path),
      ...checkHosts(source, path, hosts),
    ];
  });
}

function namedHosts({ proxies = [], agents = [] }: Draft<InventoryFile>): Named[] {
  return [
    ...proxies.flatMap((host) => (host === undefined ? [] : [{ ...host, role: 'proxy' as const }])),
    ...agents.flatMap((host) => (host === undefined ? [] : [{ ...host, role: 'agent' as const }])),
  ];
}

function sameName(path: Path, earlier: Path): Complaint {
  return {
    path: [...path, 'name'],
    what: 'the same name twice',
    allowed: `another one (${formatPath(earlier)} has it)`,
  };
}

/** A source is files or a unit; the journal has one format, its own. */
function checkPlace(source: WrittenDraft, path: Path): Complaint[] {
  // a value that is there and wrong is undefined here; it has its complaint already
  const [hasPath, hasUnit] = [Object.hasOwn(source, 'path'), Object.hasOwn(source, 'unit')];
  if (!hasPath && !hasUnit) {
    return [{ path: [...path, 'path'], at: 'key', what: 'missing', allowed: 'a path, or a unit' }];
  }
  if (hasPath && hasUnit) {
    const allowed = 'path or unit, one of them';
    return [{ path: [...path, 'unit'], at: 'key', what: 'a path and a unit', allowed }];
  }
  if (!hasUnit || !Object.hasOwn(source, 'format')) return [];
  const allowed = 'no format for a unit: it is the journal’s';
  return [{ path: [...path, 'format'], at: 'key', what: 'no meaning here', allowed }];
}

function checkHosts({ hosts: patterns }: WrittenDraft, path: Path, hosts: readonly Named[]): Complaint[] {
  return (patterns ?? []).flatMap((pattern, index) =>
    pattern === undefined || hosts.some((host) => matches(pattern, host))
      ? []
      : [noSuchHost(pattern, [...path, 'hosts', index], hosts)],
  );
}

function noSuchHost(pattern: string, path: Path, hosts: readonly Named[]): Complaint {
  if (!pattern.startsWith('@')) {
    const names = hosts.flatMap(({ name }) => name ?? []);
    return unknownHost(
      pattern,
      path,
      names,
      'a host’s name, a glob or a @tag that a host has, proxies, agents',
    );
  }
  const tags = [...new Set(hosts.flatMap((host) => (host.tags ?? []).flatMap((tag) => tag ?? [])))];
  const near = didYouMean(pattern.slice(1), tags).replace(/(mean|or) "/g, '$1 "@');
  return {
    path,
    what: 'no host has this tag',
    found: `${showValue(pattern)}${near}`,
    allowed:
      tags.length === 0 ? 'a tag (no host has one)' : `one of ${tags.map((tag) => `@${tag}`).join(', ')}`,
  };
}

function matches(pattern: string, { role, name = '', host = '', tags = [] }: Named): boolean {
  if (pattern.startsWith('@')) return tags.includes(pattern.slice(1));
  if (Object.hasOwn(ROLE_WORDS, pattern)) return ROLE_WORDS[pattern as keyof typeof ROLE_WORDS] === role;
  if (/[*?]/.test(pattern)) return matchesGlob(pattern, name) || matchesGlob(pattern, host);
  return name === pattern;
}

/** The operator's own sources, with the hosts that their patterns mean, each once, in the inventory's order. */
export function resolveLogSources(written: InventoryFile['logs'], hosts: readonly Host[]): LogSource[] {
  return (written ?? []).map((source) => {
    const patterns = source.hosts;
    const chosen = hosts.filter(
      (host) => patterns === undefined || patterns.some((pattern) => matches(pattern, host)),
    );
    const common = { name: source.name, hosts: chosen.map(({ name }) => name) };
    return source.unit === undefined
      ? { ...common, kind: 'file', path: source.path ?? '', format: source.format ?? 'text' }
      : { ...common, kind: 'unit', unit: unitOf(source.unit), format: 'journal' };
  });
}

/** As systemd completes a name: without a known type at its end it is a service (systemd.unit(5)). */
function unitOf(written: string): string {
  const typed = /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/.test(
    written,
  );
  return typed ? written : `${written}.service`;
}

/** A source in the file's own words. `all` are the names of all hosts: they need not be said. */
export function showLogSource(source: LogSource, all: readonly string[]): Written {
  const hosts = source.hosts.length === all.length ? {} : { hosts: [...source.hosts] };
  return source.kind === 'unit'
    ? { name: source.name, unit: source.unit, ...hosts }
    : { name: source.name, path: source.path, format: source.format, ...hosts };
}
