import { type NamedHost, matchesHost, namedHosts, noSuchHost } from './host-patterns.ts';
import { type Path, formatPath } from './problem.ts';
import type { InventoryFile } from './schema.ts';
import type { Complaint, Draft } from './shape.ts';
import type { Host, LogSource } from './types.ts';

type Written = NonNullable<InventoryFile['logs']>[number];
type WrittenDraft = Draft<Written>;

const A_HOST = 'a host’s name, a glob or a @tag that a host has, proxies, agents';

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

function checkHosts({ hosts: patterns }: WrittenDraft, path: Path, hosts: readonly NamedHost[]): Complaint[] {
  return (patterns ?? []).flatMap((pattern, index) =>
    pattern === undefined || hosts.some((host) => matchesHost(pattern, host))
      ? []
      : [noSuchHost(pattern, [...path, 'hosts', index], hosts, A_HOST)],
  );
}

/** The operator's own sources, with the hosts that their patterns mean, each once, in the inventory's order. */
export function resolveLogSources(written: InventoryFile['logs'], hosts: readonly Host[]): LogSource[] {
  return (written ?? []).map((source) => {
    const patterns = source.hosts;
    const chosen = hosts.filter(
      (host) => patterns === undefined || patterns.some((pattern) => matchesHost(pattern, host)),
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
