import type { Command } from 'commander';
import type { AgentConnections } from '../../operations/session/connections.ts';
import { type CliContext, action } from '../context.ts';
import { usingFleet } from '../fleet.ts';
import { sessionContext } from './session-context.ts';

export function registerConnections(session: Command): void {
  session
    .command('connections')
    .description('who is connected to the sessions of all agents')
    .argument(
      '[agent[/id]...]',
      'agents by name, address, glob or @tag, or one session of them; default: all',
    )
    .action(
      action(async (context, names: string[]) => {
        const lists = await usingFleet(context, async (fleet) => {
          const [{ selectAgentSessions }, { listFleetConnections }] = await Promise.all([
            import('../../dcv/session/select.ts'),
            import('../../operations/session/connections.ts'),
          ]);
          return listFleetConnections(
            sessionContext(context, fleet),
            selectAgentSessions(fleet.inventory, names),
          );
        });
        if (context.json) context.printJson(lists);
        else await printConnections(context, lists);
        return 0;
      }),
    );
}

/** Browsers tell half a line of themselves. */
const LONGEST_CLIENT = 48;

async function printConnections(context: CliContext, lists: readonly AgentConnections[]): Promise<void> {
  const [{ formatTable }, { viewerAddress }, { formatAge }] = await Promise.all([
    import('../../report/table.ts'),
    import('../../dcv/session/describe-viewer.ts'),
    import('./format-age.ts'),
  ]);
  const rows = lists.flatMap(({ agent, now, connections }) =>
    connections.map((connection) => ({ agent, now, ...connection })),
  );
  if (rows.length === 0) {
    if (lists.some(({ problem }) => problem === undefined)) context.print('Nobody is connected.\n');
    return;
  }
  context.print(
    formatTable(
      [
        { heading: 'AGENT', cell: (row) => row.agent },
        { heading: 'SESSION', cell: (row) => row.session, style: context.style.bold },
        { heading: 'ID', cell: (row) => row.id },
        { heading: 'USER', cell: (row) => row.username || '?' },
        { heading: 'FROM', cell: (row) => viewerAddress(row) || '?' },
        { heading: 'FOR', cell: (row) => formatAge(row.connectedAt, row.now) },
        { heading: 'IDLE', cell: (row) => formatAge(row.lastInteractionAt, row.now) },
        { heading: 'CLIENT', cell: (row) => shortened(row.client) },
      ],
      rows,
    ),
  );
}

function shortened(client: string): string {
  return client.length > LONGEST_CLIENT ? `${client.slice(0, LONGEST_CLIENT - 1)}…` : client;
}
