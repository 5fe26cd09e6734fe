import type { Command } from 'commander';
import type { Summary } from '../../logs/summary.ts';
import type { HostFeeds } from '../../operations/logs/follow.ts';
import { agentNames } from '../agent-names.ts';
import { type CliContext, action } from '../context.ts';
import { type Fleet, usingFleet } from '../fleet.ts';
import { hostFeeds, readTime } from './read-options.ts';
import { allOptions } from './flags.ts';

interface SummaryFlags {
  readonly since: string;
  readonly until?: string;
  readonly utc?: boolean;
}

export function registerSummary(logs: Command): void {
  const command = logs
    .command('summary')
    .description('what the gateways’ access logs say: requests, desktops, errors, refusals')
    .argument('[proxy...]', 'proxies by name, address, glob or @tag; default: all')
    .option('--since <when>', 'from this time on, also from rotated files', '24h')
    .option('--until <when>', 'up to this time')
    .option('--utc', 'times in UTC; otherwise local time')
    .addHelpText(
      'after',
      '\nA desktop that is open counts when it is closed: nginx logs a WebSocket at its end.\n' +
        '\nExamples:\n  dcvops logs summary\n  dcvops logs summary gateway --since yesterday --json\n',
    );
  command.action(
    action(async (context, patterns: string[], given: SummaryFlags) => {
      const flags = allOptions(command, given);
      await usingFleet(context, async ({ inventory, connect }) => {
        const hosts = await hostFeeds(inventory, patterns, { source: ['access', 'error'] });
        const summary = await sumUp(context, connect, hosts, flags);
        // of nothing that was read there is nothing to say
        if (context.outcomeCodes().length === hosts.length) return;
        if (context.json) {
          context.printJson(summary);
        } else {
          const { formatSummary } = await import('../../logs/format-summary.ts');
          const { style } = context;
          const nameOfAgent = agentNames(inventory);
          context.print(formatSummary(summary, { style, utc: flags.utc === true, nameOfAgent }));
        }
      });
      return 0;
    }),
  );
}

async function sumUp(
  { emit, signal, concurrency }: CliContext,
  connect: Fleet['connect'],
  hosts: readonly HostFeeds[],
  flags: SummaryFlags,
): Promise<Summary> {
  const [{ FOR_READING, readLogs }, { createSummary }, { createFilter }, sinceUs, untilUs] =
    await Promise.all([
      import('../../operations/logs/follow.ts'),
      import('../../logs/summary.ts'),
      import('../../logs/filter.ts'),
      readTime('--since', flags.since, flags),
      readTime('--until', flags.until, flags),
    ]);
  const summing = createSummary();
  await readLogs(
    { connect, emit, signal, concurrency },
    hosts,
    {
      beginning: { lines: 'all', sinceUs },
      isWanted: createFilter({ sinceUs, untilUs }),
      ...FOR_READING,
    },
    (records) => {
      for (const record of records) summing.add(record);
      return Promise.resolve();
    },
  );
  return summing.result();
}
