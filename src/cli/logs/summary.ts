import type { Command } from 'commander';
import { action } from '../context.ts';
import { usingFleet } from '../fleet.ts';
import { hostFeeds, readTime } from '../logs.ts';

interface SummaryFlags {
  readonly since: string;
  readonly until?: string;
  readonly utc?: boolean;
}

export function registerSummary(logs: Command): void {
  logs
    .command('summary')
    .description('what the gateways’ access logs say: requests, desktops, errors, refusals')
    .argument('[proxy...]', 'proxies by name, address, glob or @tag; default: all')
    .option('--since <when>', 'from this time on, also from rotated files', '24h')
    .option('--until <when>', 'up to this time')
    .option('--utc', 'times are in UTC; otherwise local time')
    .addHelpText(
      'after',
      '\nA desktop that is open counts when it is closed: nginx logs a WebSocket at its end.\n' +
        '\nExamples:\n  dcvops logs summary\n  dcvops logs summary gateway --since yesterday --json\n',
    )
    .action(
      action(async (context, patterns: string[], flags: SummaryFlags) => {
        const summary = await usingFleet(context, async ({ inventory, connect }) => {
          const [{ readLogs }, { createSummary }, { createFilter }, hosts, sinceUs, untilUs] =
            await Promise.all([
              import('../../operations/follow-logs.ts'),
              import('../../logs/summary.ts'),
              import('../../logs/filter.ts'),
              hostFeeds(inventory, patterns, { source: ['access', 'error'] }),
              readTime('--since', flags.since, flags),
              readTime('--until', flags.until, flags),
            ]);
          const summing = createSummary();
          const { emit, signal, concurrency } = context;
          await readLogs(
            { connect, emit, signal, concurrency },
            hosts,
            {
              beginning: { lines: 'all', sinceUs },
              isWanted: createFilter({ sinceUs, untilUs }),
              ...{ maxLineBytes: MOST_LINE_BYTES, keepBytes: false },
            },
            (records) => {
              for (const record of records) summing.add(record);
              return Promise.resolve();
            },
          );
          return summing.result();
        });
        if (context.json) {
          context.printJson(summary);
        } else {
          const { formatSummary } = await import('../../logs/format-summary.ts');
          context.print(formatSummary(summary, context.style));
        }
        return 0;
      }),
    );
}

/** A longer line is cut, and no request then. */
const MOST_LINE_BYTES = 256 * 1024;
