import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CreateSessionOptions } from '../dcv/commands.ts';
import { DcvopsError, EXIT_CODE } from '../errors.ts';
import type { Inventory } from '../inventory/types.ts';
import type { WantedSession } from '../operations/session-create.ts';
import type { AgentSessions } from '../operations/session-list.ts';
import type { SessionAddress } from '../operations/session-url.ts';
import { type CliContext, action } from './context.ts';
import { type Fleet, readInventory, usingFleet } from './fleet.ts';
import { registerClose } from './session/close.ts';
import { registerConnections } from './session/connections.ts';
import { registerDescribe } from './session/describe.ts';
import { registerIdle } from './session/idle.ts';
import { registerKick } from './session/kick.ts';
import { registerLayout } from './session/layout.ts';
import { registerPermissions } from './session/permissions.ts';
import { registerRename } from './session/rename.ts';
import { registerScreenshot } from './session/screenshot.ts';
import { sessionContext } from './session/session-context.ts';

interface CreateFlags {
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
  readonly replace?: boolean;
  readonly endSessions?: boolean;
  readonly startService?: boolean;
}

export function registerSession(program: Command): void {
  const session = program.command('session').description('desktop sessions on the agents');
  registerCreate(session);
  registerList(session);
  registerDescribe(session);
  registerConnections(session);
  registerKick(session);
  registerIdle(session);
  registerClose(session);
  registerRename(session);
  registerPermissions(session);
  registerLayout(session);
  registerScreenshot(session);
  registerUrl(session);
}

function registerCreate(session: Command): void {
  session
    .command('create')
    .description('create sessions, and see that they live')
    .argument(
      '<agent[/id]...>',
      'agents by name, address, glob or @tag; without /id the inventory’s default id',
    )
    .addOption(new Option('--type <type>', 'default: the inventory’s').choices(['virtual', 'console']))
    .option('--user <user>', 'user that a virtual session runs as')
    .option('--owner <user>', 'user who may connect')
    .option('--name <text>', 'title, up to 256 characters')
    .option('--permissions-file <path>', 'permissions file on the agent')
    .option('--storage-root <path>', 'folder for file transfer on the agent; %home% is the user’s home')
    .addOption(new Option('--gl <on|off>', 'GPU sharing for a virtual session').choices(['on', 'off']))
    .option('--max-concurrent-clients <n>', 'how many people may be connected at once', clients)
    .option('--init <path>', 'script on the agent that starts the desktop')
    .option('--disable-login-monitor', 'as dcv create-session has it (DCV 2025.0)')
    .option('--replace', 'close a session that is in the way')
    .option('--end-sessions', 'also when somebody is connected to it')
    .option('--start-service', 'start dcvserver where it is stopped')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  dcvops session create agent1\n' +
        '  dcvops session create 10.150.248.180\n' +
        '  dcvops session create agent1/render --user jane --owner jane --name "Rendering"\n',
    )
    .action(
      action(
        async (context, names: string[], flags: CreateFlags) => {
          const created = await usingFleet(context, async (fleet) => {
            const [{ createSessions }, wanted] = await Promise.all([
              import('../operations/session-create.ts'),
              wantedSessions(fleet, names, flags),
            ]);
            return createSessions(sessionContext(context, fleet), wanted, {
              replace: flags.replace === true,
              endSessions: flags.endSessions === true,
              startService: flags.startService === true,
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

async function wantedSessions(
  { inventory }: Fleet,
  names: readonly string[],
  flags: CreateFlags,
): Promise<WantedSession[]> {
  const [{ parseSessionName, checkNewSessionId }, { selectHosts }] = await Promise.all([
    import('../dcv/session-id.ts'),
    import('../inventory/select.ts'),
  ]);
  const defaults = inventory.sessions;
  const options: Omit<CreateSessionOptions, 'id'> = {
    type: flags.type ?? defaults.type,
    user: flags.user ?? defaults.user,
    owner: flags.owner ?? flags.user ?? defaults.owner,
    name: flags.name,
    permissionsFile: flags.permissionsFile,
    storageRoot: flags.storageRoot,
    gl: flags.gl,
    maxConcurrentClients: flags.maxConcurrentClients,
    init: flags.init,
    disableLoginMonitor: flags.disableLoginMonitor,
  };
  return names.flatMap((text) => {
    const name = parseSessionName(text);
    const id = name.id ?? defaults.id;
    checkNewSessionId(id);
    return selectHosts(inventory, [name.agent], 'agent').map((agent) => ({
      agent,
      session: { ...options, id },
      command: { agent: agent.name, id: name.id, options: typedOptions(flags) },
    }));
  });
}

/** The options that were typed, as they would be typed again. */
function typedOptions(flags: CreateFlags): string[] {
  return Object.entries(flags).flatMap(([key, value]) => {
    const option = `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [option] : [`${option}=${String(value)}`];
  });
}

function registerList(session: Command): void {
  session
    .command('list')
    .description('list the sessions of all agents, side by side')
    .argument('[agent...]', 'agents by name, address, glob or @tag; default: all')
    .action(
      action(async (context, patterns: string[]) => {
        const lists = await usingFleet(context, async (fleet) => {
          const [{ listAgentSessions }, { selectHosts }] = await Promise.all([
            import('../operations/session-list.ts'),
            import('../inventory/select.ts'),
          ]);
          return listAgentSessions(
            sessionContext(context, fleet),
            selectHosts(fleet.inventory, patterns, 'agent'),
          );
        });
        if (context.json) context.printJson(lists);
        else await printSessions(context, lists);
        return 0;
      }),
    );
}

async function printSessions(context: CliContext, lists: readonly AgentSessions[]): Promise<void> {
  const { formatTable } = await import('../report/table.ts');
  const rows = lists.flatMap(({ agent, sessions }) => sessions.map((one) => ({ agent, ...one })));
  if (rows.length === 0) {
    if (lists.some((list) => list.problem === undefined)) context.print('No sessions.\n');
    return;
  }
  context.print(
    formatTable(
      [
        { heading: 'AGENT', cell: (row) => row.agent },
        { heading: 'SESSION', cell: (row) => row.id, style: context.style.bold },
        { heading: 'TYPE', cell: (row) => row.type ?? '?' },
        { heading: 'OWNER', cell: (row) => row.owner },
        {
          heading: 'CONNECTED',
          cell: (row) => (row.connections === undefined ? '?' : String(row.connections)),
        },
        { heading: 'URL', cell: (row) => row.url },
      ],
      rows,
    ),
  );
}

interface UrlFlags {
  readonly session?: string;
  readonly proxy?: string;
  readonly open?: boolean;
}

function registerUrl(session: Command): void {
  session
    .command('url')
    .description('print what people open for a session')
    .argument('[agent[/id]]', 'agents by name, address, glob or @tag; without /id the inventory’s default id')
    .option('--session <id>', 'look through the agents for the one that has this session')
    .option('--proxy <name>', 'through this one of several proxies; default: gateway.url, or the first one')
    .option('--open', 'open it in the browser of this machine')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  dcvops session url agent1 --open\n' +
        '  dcvops session url agent1/render\n' +
        '  dcvops session url --session render\n',
    )
    .action(
      action(async (context, name: string | undefined, flags: UrlFlags) => {
        const addresses =
          flags.session === undefined
            ? await namedAddresses(await readInventory(context, 'left'), name, flags)
            : [await foundAddress(context, name, { ...flags, session: flags.session })];
        if (context.json) context.printJson(addresses);
        else for (const { url } of addresses) context.print(`${url}\n`);
        return flags.open === true ? openFirst(context, addresses) : 0;
      }),
    );
}

/** Nobody is asked: the address is the same whether the session is there or not. */
async function namedAddresses(
  inventory: Inventory,
  name: string | undefined,
  flags: UrlFlags,
): Promise<SessionAddress[]> {
  if (name === undefined) {
    throw new DcvopsError('usage', 'whose URL? No agent and no session is named', {
      hint: 'dcvops session url AGENT[/ID], or: dcvops session url --session ID',
    });
  }
  const [{ addressOf }, { parseSessionName }, { selectHosts }] = await Promise.all([
    import('../operations/session-url.ts'),
    import('../dcv/session-id.ts'),
    import('../inventory/select.ts'),
  ]);
  const seen = await seenThrough(inventory, flags.proxy);
  const { agent, id = inventory.sessions.id } = parseSessionName(name);
  return selectHosts(inventory, [agent], 'agent').map((host) => addressOf(seen, host, id));
}

async function foundAddress(
  context: CliContext,
  name: string | undefined,
  { session, proxy }: UrlFlags & { readonly session: string },
): Promise<SessionAddress> {
  return usingFleet(context, async (fleet) => {
    const [{ findSession }, { selectHosts }] = await Promise.all([
      import('../operations/session-url.ts'),
      import('../inventory/select.ts'),
    ]);
    const seen = { ...fleet, inventory: await seenThrough(fleet.inventory, proxy) };
    const agents = selectHosts(fleet.inventory, name === undefined ? [] : [name], 'agent');
    return findSession(sessionContext(context, seen), agents, session);
  });
}

async function seenThrough(inventory: Inventory, name: string | undefined): Promise<Inventory> {
  if (name === undefined) return inventory;
  const [{ throughProxy }, { selectHosts }] = await Promise.all([
    import('../operations/session-url.ts'),
    import('../inventory/select.ts'),
  ]);
  const [proxy] = selectHosts(inventory, [name], 'proxy');
  return proxy === undefined ? inventory : throughProxy(inventory, proxy);
}

async function openFirst(context: CliContext, [first, ...more]: readonly SessionAddress[]): Promise<number> {
  const { browserCommand, openBrowser } = await import('../operations/open-browser.ts');
  const command = browserCommand(process.platform, process.env);
  const problem =
    first === undefined || more.length > 0
      ? 'one session is opened at a time'
      : command === undefined
        ? 'there is no desktop here'
        : await openBrowser(command, first.url);
  if (problem === undefined) return 0;
  context.emit({ type: 'note', level: 'warning', message: `no browser was opened: ${problem}` });
  return EXIT_CODE.failed;
}

function clients(text: string): number {
  if (/^[1-9][0-9]{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
