import { DEFAULTS } from './defaults.ts';
import { type NamedHost, matchesHost, namedHosts, noSuchHost } from './host-patterns.ts';
import { type Path, formatPath } from './problem.ts';
import type { InventoryFile } from './schema.ts';
import type { Complaint, Draft } from './shape.ts';
import type { DeclaredSession, SessionDefaults } from './types.ts';

type Content = Draft<InventoryFile>;
/** A session as `agents[].sessions` has it; one of `sessions.declared` is the same, with `agents`. */
type Written = NonNullable<NonNullable<InventoryFile['agents']>[number]['sessions']>[number];
type WrittenDraft = Draft<Written> & { readonly agents?: readonly (string | undefined)[] | undefined };

/** A written session and where it stands. */
interface Place {
  readonly session: WrittenDraft;
  readonly path: Path;
}

/** What no schema can say of the sessions that are to be there. */
export function checkDeclaredSessions(content: Content, lineOf: (path: Path) => number): Complaint[] {
  const agents = namedHosts(content).filter(({ role }) => role === 'agent');
  return [
    ...sharedPlaces(content).flatMap((place) => checkPatterns(place, agents)),
    ...[...(content.agents ?? []).flatMap((_, index) => ownPlaces(content, index)), ...sharedPlaces(content)]
      .filter(({ session }) => typeOf(session, content) === 'console')
      .flatMap(checkConsole),
    ...(content.agents ?? []).flatMap((agent, index) => {
      const name = agent?.name ?? formatPath(['agents', index]);
      const places = placesOf(content, index);
      return [
        ...again(places, ({ session }) => idOf(session, content), lineOf, {
          key: 'id',
          what: `the same id twice on ${name}`,
          allowed: 'another one',
        }),
        ...checkTypes(name, places, content, lineOf),
      ];
    }),
  ];
}

function checkPatterns({ session, path }: Place, agents: readonly NamedHost[]): Complaint[] {
  return (session.agents ?? []).flatMap((pattern, index) =>
    pattern === undefined || agents.some((agent) => matchesHost(pattern, agent))
      ? []
      : [
          noSuchHost(
            pattern,
            [...path, 'agents', index],
            agents,
            'an agent’s name, a glob or a @tag that an agent has, agents',
          ),
        ],
  );
}

/** What DCV takes for virtual sessions only (Administrator Guide, "Starting sessions"). */
function checkConsole({ session, path }: Place): Complaint[] {
  return (['user', 'gl', 'init'] as const)
    .filter((key) => session[key] !== undefined)
    .map((key) => ({
      path: [...path, key],
      at: 'key' as const,
      what: 'no meaning for a console session',
      allowed: `no ${key}, or type: virtual`,
    }));
}

/** DCV has one console session on a host, and never beside virtual ones (Administrator Guide, "Managing sessions"). */
function checkTypes(
  name: string,
  places: readonly Place[],
  content: Content,
  lineOf: (path: Path) => number,
): Complaint[] {
  const consoles = places.filter(({ session }) => typeOf(session, content) === 'console');
  const virtual = places.find(({ session }) => typeOf(session, content) === 'virtual');
  const [first] = consoles;
  if (first === undefined) return [];
  if (virtual === undefined) {
    return again(consoles, () => 'console', lineOf, {
      key: 'type',
      what: `two console sessions on ${name}`,
      allowed: 'one',
    });
  }
  return [
    {
      path: [...first.path, 'type'],
      what: `a console session beside virtual ones on ${name}`,
      allowed: `one or the other (${formatPath(virtual.path)} in line ${lineOf(virtual.path)} is virtual)`,
    },
  ];
}

/** A complaint about each place that says what an earlier one of the same agent has said. */
function again(
  places: readonly Place[],
  valueOf: (place: Place) => string,
  lineOf: (path: Path) => number,
  { key, what, allowed }: { readonly key: string; readonly what: string; readonly allowed: string },
): Complaint[] {
  const first = new Map<string, Place>();
  return places.flatMap((place) => {
    const earlier = first.get(valueOf(place));
    if (earlier === undefined) first.set(valueOf(place), place);
    if (earlier === undefined) return [];
    const where = `${formatPath(earlier.path)} in line ${lineOf(earlier.path)} has it`;
    return [{ path: [...place.path, key], what, allowed: `${allowed} (${where})` }];
  });
}

function typeOf(session: WrittenDraft, content: Content): 'virtual' | 'console' | undefined {
  // a value that is there and wrong is undefined; it has its complaint already
  if (Object.hasOwn(session, 'type')) return session.type;
  return content.sessions?.defaults?.type ?? DEFAULTS.sessionType;
}

function idOf(session: WrittenDraft, content: Content): string {
  return session.id ?? content.sessions?.defaults?.id ?? DEFAULTS.sessionId;
}

/** The sessions of one agent: its own first, then those that its name, address or tags bring. */
function placesOf(content: Content, index: number): Place[] {
  const agent = content.agents?.[index];
  if (agent === undefined) return [];
  const shared = sharedPlaces(content).filter(({ session }) =>
    (session.agents ?? []).some(
      (pattern) => pattern !== undefined && matchesHost(pattern, { ...agent, role: 'agent' }),
    ),
  );
  return [...ownPlaces(content, index), ...shared];
}

function ownPlaces({ agents }: Content, index: number): Place[] {
  return places(agents?.[index]?.sessions, ['agents', index, 'sessions']);
}

function sharedPlaces({ sessions }: Content): Place[] {
  return places(sessions?.declared, ['sessions', 'declared']);
}

function places(written: readonly (WrittenDraft | undefined)[] | undefined, path: Path): Place[] {
  return (written ?? []).flatMap((session, index) =>
    session === undefined ? [] : [{ session, path: [...path, index] }],
  );
}

/** The sessions that are to be on an agent of a file that has passed every check. */
export function resolveDeclaredSessions(
  content: InventoryFile,
  index: number,
  defaults: SessionDefaults,
): DeclaredSession[] {
  return placesOf(content, index).map(({ session }) => declaredSession(session as Written, defaults));
}

function declaredSession(written: Written, defaults: SessionDefaults): DeclaredSession {
  const { name, gl, init } = written;
  return {
    id: written.id ?? defaults.id,
    type: written.type ?? defaults.type,
    user: written.user ?? defaults.user,
    owner: written.owner ?? written.user ?? defaults.owner,
    ...withoutUndefined({
      name,
      permissionsFile: written.permissions_file,
      storageRoot: written.storage_root,
      gl,
      maxConcurrentClients: written.max_concurrent_clients,
      init,
    }),
  };
}

/** A session in the file's own words. */
export function showDeclaredSession(session: DeclaredSession): Written {
  const { id, type, user, owner, name, gl, init } = session;
  return {
    id,
    type,
    ...(type === 'virtual' ? { user } : {}),
    owner,
    ...withoutUndefined({
      name,
      permissions_file: session.permissionsFile,
      storage_root: session.storageRoot,
      gl,
      max_concurrent_clients: session.maxConcurrentClients,
      init,
    }),
  };
}

function withoutUndefined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Object.entries() knows no types
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
