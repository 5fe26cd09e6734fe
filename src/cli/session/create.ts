import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SessionName } from '../../dcv/session/id.ts';
import { DcvopsError } from '../../errors.ts';
import { LONGEST_SESSION_NAME, STORAGE_ROOT_PATTERN, USER_PATTERN } from '../../inventory/names.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { WantedSession } from '../../operations/session/create.ts';
import type { SessionFile, SessionFileKind } from '../../operations/session/files.ts';
import { action } from '../context.ts';
import { usingFleet } from '../fleet.ts';
import { sessionContext } from './session-context.ts';

export interface CreateFlags {
  readonly type?: 'virtual' | 'console';
  readonly user?: string;
  readonly owner?: string;
  readonly name?: string;
  readonly permissionsFile?: string;
  readonly storageRoot?: string;
  readonly gl?: 'on' | 'off';
  readonly maxConcurrentClients?: number;
  readonly init?: string;
  readonly disableLoginMonitor?: boolean;
  readonly all?: boolean;
  readonly count?: number;
  readonly wait?: boolean;
  readonly replace?: boolean;
  readonly endSessions?: boolean;
  readonly startService?: boolean;
}

const MOST_SESSIONS = 100;

export function registerCreate(session: Command): void {
  session
    .command('create')
    .description('create sessions, and see that they live')
    .argument(
      '[agent[/id]...]',
      'agents by name, address, glob or @tag; without /id the inventory’s default id',
    )
    .addOption(new Option('--type <type>', 'default: the inventory’s').choices(['virtual', 'console']))
    .option('--user <user>', 'user that a virtual session runs as')
    .option('--owner <user>', 'user who may connect')
    .option('--name <text>', `title, up to ${LONGEST_SESSION_NAME} characters`)
    .option('--permissions-file <path>', 'permissions: a file of this machine, else a path on the agent')
    .option('--storage-root <path>', 'folder for file transfer on the agent; %home% is the user’s home')
    .addOption(new Option('--gl <on|off>', 'GPU sharing for a virtual session').choices(['on', 'off']))
    .option('--max-concurrent-clients <n>', 'how many people may be connected at once', wholeNumber(99_999))
    .option(
      '--init <path>',
      'script that starts the desktop: a file of this machine, else a path on the agent',
    )
    .option('--disable-login-monitor', 'as dcv create-session has it (DCV 2025.0)')
    .option('--all', 'on every agent of the inventory')
    .option('--count <n>', 'so many on each agent: ID-1, ID-2, …', wholeNumber(MOST_SESSIONS))
    .option('--wait', 'until the session’s display can be reached')
    .option('--replace', 'close a session that is in the way')
    .option('--end-sessions', 'also when somebody is connected to it')
    .option('--start-service', 'start dcvserver where it is stopped')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  dcvops session create agent1\n' +
        '  dcvops session create 10.150.248.180\n' +
        '  dcvops session create agent1/render --user jane --owner jane --name "Rendering"\n' +
        '  dcvops session create @gpu/desk --count 4 --permissions-file own.perm\n',
    )
    .action(
      action(
        async (context, typed: string[], flags: CreateFlags) => {
          const [names, files] = await Promise.all([sessionNames(typed, flags), sessionFiles(flags)]);
          await checkFlags(flags);
          const created = await usingFleet(context, async (fleet) => {
            const [{ createSessions }, wanted] = await Promise.all([
              import('../../operations/session/create.ts'),
              wantedSessions(fleet.inventory, names, flags, files),
            ]);
            return createSessions(sessionContext(context, fleet), wanted, {
              replace: flags.replace === true,
              endSessions: flags.endSessions === true,
              startService: flags.startService === true,
              wait: flags.wait === true,
            });
          });
          if (context.json) context.printJson(created);
          else for (const { url } of created) if (url !== undefined) context.print(`Open ${url}\n`);
          return 0;
        },
        { json: 'document', steps: true },
      ),
    );
}

/** What was named; no agent means all of them. */
async function sessionNames(typed: readonly string[], { all }: CreateFlags): Promise<SessionNames> {
  if (typed.length > 0 && all === true) {
    throw new DcvopsError('usage', 'name agents, or give --all, not both');
  }
  if (typed.length === 0 && all !== true) {
    throw new DcvopsError('usage', 'on which agent?', {
      hint: 'dcvops session create AGENT[/ID], or on every agent: dcvops session create --all',
    });
  }
  const { parseSessionName } = await import('../../dcv/session/id.ts');
  return all === true ? 'all' : typed.map(parseSessionName);
}

type SessionNames = 'all' | readonly SessionName[];

/**
 * Refuses what DCV would, before anything is sent; what depends on the inventory follows.
 * @throws DcvopsError `usage`
 */
async function checkFlags({ name, user, owner, storageRoot }: CreateFlags): Promise<void> {
  if (name !== undefined) {
    const { checkSessionTitle } = await import('../../dcv/session/id.ts');
    checkSessionTitle(name);
  }
  for (const [flag, account] of Object.entries({ user, owner })) {
    if (account !== undefined && !USER_PATTERN.test(account)) {
      throw new DcvopsError('usage', `--${flag}: "${account}" is no user’s name`);
    }
  }
  if (storageRoot !== undefined && !STORAGE_ROOT_PATTERN.test(storageRoot)) {
    throw new DcvopsError('usage', '--storage-root: it has to be an absolute path on the agent', {
      hint: 'in the home of the session’s user: --storage-root=%home%/share',
    });
  }
}

/** What DCV takes for virtual sessions only, and has only one of (Administrator Guide, "Managing sessions"). */
function checkConsole(type: 'virtual' | 'console', flags: CreateFlags): void {
  if (type !== 'console') return;
  const misplaced = (['user', 'gl', 'init'] as const).find((flag) => flags[flag] !== undefined);
  if (misplaced !== undefined) {
    throw new DcvopsError('usage', `--${misplaced} is for virtual sessions; a console session has none`, {
      hint: 'leave it out, or give --type virtual',
    });
  }
  if ((flags.count ?? 1) > 1) {
    throw new DcvopsError('usage', 'a host has one console session; --count is for virtual ones');
  }
}

type SessionFiles = readonly { readonly kind: SessionFileKind; readonly file: SessionFile }[];

async function sessionFiles({ permissionsFile, init }: CreateFlags): Promise<SessionFiles> {
  if (permissionsFile === undefined && init === undefined) return [];
  const { readSessionFile } = await import('../../operations/session/files.ts');
  const given = [
    ['permissions-file', permissionsFile],
    ['init', init],
  ] as const;
  const files = await Promise.all(
    given.map(async ([kind, typed]) =>
      typed === undefined ? undefined : { kind, file: await readSessionFile(kind, typed) },
    ),
  );
  return files.flatMap((one) => one ?? []);
}

/** What is to be created, and with which command it would be typed again for one agent. */
export async function wantedSessions(
  inventory: Inventory,
  names: SessionNames,
  flags: CreateFlags,
  files: SessionFiles,
): Promise<WantedSession[]> {
  const [{ checkNewSessionId }, { selectHosts }, { placeOf }] = await Promise.all([
    import('../../dcv/session/id.ts'),
    import('../../inventory/select.ts'),
    import('../../operations/session/files.ts'),
  ]);
  const defaults = inventory.sessions;
  const type = flags.type ?? defaults.type;
  checkConsole(type, flags);
  const options = typedOptions({ ...flags, ...pathsOnAgents(files) });
  const chosen =
    names === 'all'
      ? inventory.agents.map((agent) => ({ agent, id: undefined }))
      : names.flatMap(({ agent: pattern, id }) =>
          selectHosts(inventory, [pattern], 'agent').map((agent) => ({ agent, id })),
        );
  const wanted = chosen.flatMap(({ agent, id: typedId }) =>
    idsOf(typedId ?? defaults.id, flags.count).map((id) => {
      checkNewSessionId(id);
      const places = files.map(({ kind, file }) => ({ kind, ...placeOf(kind, file, id) }));
      const pathOf = (kind: SessionFileKind): string | undefined =>
        places.find((place) => place.kind === kind)?.path;
      return {
        agent,
        session: {
          id,
          type,
          user: flags.user ?? defaults.user,
          owner: flags.owner ?? flags.user ?? defaults.owner,
          name: flags.name,
          permissionsFile: pathOf('permissions-file'),
          storageRoot: flags.storageRoot,
          gl: flags.gl,
          maxConcurrentClients: flags.maxConcurrentClients,
          init: pathOf('init'),
          disableLoginMonitor: flags.disableLoginMonitor,
        },
        files: places.flatMap(({ placed }) => placed ?? []),
        sources: places.map(({ source }) => source),
        command: { agent: agent.name, id: flags.count === undefined ? typedId : id, options },
      };
    }),
  );
  return eachOnce(wanted);
}

/** An agent may be named by itself and by its tag. */
function eachOnce(wanted: readonly WantedSession[]): WantedSession[] {
  const byName = new Map<string, WantedSession>();
  for (const one of wanted) {
    const name = `${one.agent.name}/${one.session.id}`;
    if (!byName.has(name)) byName.set(name, one);
  }
  return [...byName.values()];
}

function idsOf(id: string, count: number | undefined): string[] {
  return count === undefined ? [id] : Array.from({ length: count }, (_, index) => `${id}-${index + 1}`);
}

/** A path that is not there here is one on the agent: typed again, it says so, wherever it is typed. */
function pathsOnAgents(files: SessionFiles): CreateFlags {
  return Object.fromEntries(
    files.flatMap(({ kind, file }) =>
      file.from === 'agent' ? [[FLAG_OF[kind], `agent:${file.path}`] as const] : [],
    ),
  );
}

const FLAG_OF = { 'permissions-file': 'permissionsFile', init: 'init' } as const;

/** The options that were typed, as they would be typed again for one session. */
function typedOptions(flags: CreateFlags): string[] {
  return Object.entries(flags).flatMap(([key, value]) => {
    if (key === 'all' || key === 'count') return [];
    const option = `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [option] : [`${option}=${String(value)}`];
  });
}

function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    if (/^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
  };
}
