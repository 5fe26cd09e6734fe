import type { Command } from 'commander';
import { DcvopsError, EXIT_CODE } from '../errors.ts';
import type { Inventory } from '../inventory/types.ts';
import type { AgentSessions } from '../operations/session-list.ts';
import type { SessionAddress } from '../operations/session-url.ts';
import { type CliContext, action } from './context.ts';
import { readInventory, usingFleet } from './fleet.ts';
import { registerClose } from './session/close.ts';
import { registerConnections } from './session/connections.ts';
import { registerCreate } from './session/create.ts';
import { registerDescribe } from './session/describe.ts';
import { registerIdle } from './session/idle.ts';
import { registerKick } from './session/kick.ts';
import { registerLayout } from './session/layout.ts';
import { registerPermissions } from './session/permissions.ts';
import { registerRename } from './session/rename.ts';
import { registerScreenshot } from './session/screenshot.ts';
import { sessionContext } from './session/session-context.ts';

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
