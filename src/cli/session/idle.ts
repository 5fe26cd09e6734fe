import { type Command, InvalidArgumentError } from 'commander';
import { readWhen } from '../../logs/when.ts';
import type { AgentIdleSessions } from '../../operations/session/idle.ts';
import { type CliContext, action } from '../context.ts';
import { usingFleet } from '../fleet.ts';
import { sessionContext } from './session-context.ts';

interface Age {
  readonly typed: string;
  readonly ms: number;
}

interface IdleFlags {
  readonly olderThan?: Age;
  readonly close?: boolean;
}

export function registerIdle(session: Command): void {
  session
    .command('idle')
    .description('sessions that nobody is connected to, and since when')
    .argument('[agent...]', 'agents by name, address, glob or @tag; default: all')
    .option('--older-than <time>', 'those only that are idle for so long: 30m, 2h, 7d', duration)
    .option('--close', 'close them, after a yes')
    .addHelpText(
      'after',
      '\nExamples:\n  dcvops session idle\n  dcvops session idle --older-than 7d --close\n',
    )
    .action(
      action(async (context, patterns: string[], flags: IdleFlags) => {
        await usingFleet(context, async (fleet) => {
          const [{ closeIdleSessions, listIdleSessions }, { selectHosts }] = await Promise.all([
            import('../../operations/session/idle.ts'),
            import('../../inventory/select.ts'),
          ]);
          const sessions = sessionContext(context, fleet);
          const agents = selectHosts(fleet.inventory, patterns, 'agent');
          const lists = await listIdleSessions(sessions, agents, flags.olderThan?.ms);
          if (!context.json) await printIdle(context, lists);
          const typed = { agents: patterns, olderThan: flags.olderThan?.typed };
          const closed =
            flags.close === true ? await closeIdleSessions(sessions, agents, lists, typed) : undefined;
          if (context.json) context.printJson(closed === undefined ? lists : { idle: lists, closed });
        });
        return 0;
      }),
    );
}

async function printIdle(context: CliContext, lists: readonly AgentIdleSessions[]): Promise<void> {
  const [{ formatTable }, { formatDuration }] = await Promise.all([
    import('../../report/table.ts'),
    import('../../report/quantity.ts'),
  ]);
  const rows = lists.flatMap(({ agent, sessions }) => sessions.map((one) => ({ agent, ...one })));
  if (rows.length === 0) {
    if (lists.some(({ problem }) => problem === undefined)) context.print('No idle sessions.\n');
    return;
  }
  const idleFor = (ms: number | undefined): string =>
    ms === undefined ? '?' : ms < 1000 ? '0 s' : formatDuration(Math.round(ms / 1000) * 1000);
  context.print(
    formatTable(
      [
        { heading: 'AGENT', cell: (row) => row.agent },
        { heading: 'SESSION', cell: (row) => row.id, style: context.style.bold },
        { heading: 'TYPE', cell: (row) => row.type ?? '?' },
        { heading: 'OWNER', cell: (row) => row.owner },
        { heading: 'IDLE', cell: (row) => idleFor(row.idleMs) },
        { heading: 'SINCE', cell: ({ idleSince, neverUsed }) => since(idleSince, neverUsed) },
      ],
      rows,
    ),
  );
}

/** In UTC, as DCV tells it. */
function since(date: Date | undefined, neverUsed: boolean): string {
  if (date === undefined) return '?';
  const time = `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return neverUsed ? `${time}, never used` : time;
}

function duration(text: string): Age {
  const now = new Date();
  const reading = /^(?:\d+[wdhms])+$/.test(text) ? readWhen(text, { now, utc: true }) : undefined;
  if (reading === undefined || !('valueUs' in reading)) {
    throw new InvalidArgumentError('It must be a time such as 30m, 2h or 7d.');
  }
  return { typed: text, ms: now.getTime() - reading.valueUs / 1000 };
}
