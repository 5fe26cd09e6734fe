import type { Command } from 'commander';
import type { AgentSessions } from '../operations/session/list.ts';
import { type CliContext, action } from './context.ts';
import { usingFleet } from './fleet.ts';
import { registerClose } from './session/close.ts';
import { registerConnections } from './session/connections.ts';
import { registerCreate } from './session/create.ts';
import { registerDescribe } from './session/describe.ts';
import { registerIdle } from './session/idle.ts';
import { registerKick } from './session/kick.ts';
import { registerLayout } from './session/layout.ts';
import { registerPermissions } from './session/permissions.ts';
import { registerPersist } from './session/persist.ts';
import { registerRename } from './session/rename.ts';
import { registerRestore } from './session/restore.ts';
import { registerScreenshot } from './session/screenshot.ts';
import { sessionContext } from './session/session-context.ts';
import { registerUrl } from './session/url.ts';

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
  registerRestore(session);
  registerPersist(session);
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
            import('../operations/session/list.ts'),
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
