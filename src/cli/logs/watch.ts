import type { Command } from 'commander';
import { DcvopsError } from '../../errors.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { Alert } from '../../logs/watch-rules.ts';
import type { Deliver, LogsOptions } from '../../operations/follow-logs.ts';
import type { AlertHook } from '../../operations/alert-hook.ts';
import { sanitise, sanitiseLine } from '../../report/sanitise.ts';
import { type CliContext, action } from '../context.ts';
import { usingFleet } from '../fleet.ts';
import { hostFeeds, readTime } from '../logs.ts';

interface WatchFlags {
  readonly once?: boolean;
  readonly since?: string;
  readonly utc?: boolean;
  readonly exec?: string;
}

export function registerWatch(logs: Command): void {
  logs
    .command('watch')
    .description('look for anomalous access: scans, guessed passwords, bursts, dead agents')
    .argument('[proxy...]', 'proxies by name, address, glob or @tag; default: all')
    .option('--once', 'look at what was written since --since, and end: exit code 1 when there is an alert')
    .option('--since <when>', 'begin with what was written since then (with --once 1h)')
    .option('--utc', 'times are in UTC; otherwise local time')
    .option('--exec <command>', 'run this with sh for each alert, its JSON on stdin')
    .addHelpText(
      'after',
      '\nThresholds are in the inventory: watch: { window: 5m, denied: …, agents: … }\n' +
        '\nExamples:\n' +
        '  dcvops logs watch\n' +
        '  dcvops logs watch --once --since 1h      for cron\n' +
        '  dcvops logs watch --exec \'mail -s "DCV gateway" ops@example.com\'\n',
    )
    .action(
      action(
        async (context, patterns: string[], flags: WatchFlags) => {
          const alerts = await usingFleet(context, ({ inventory, connect }) =>
            watch(context, inventory, connect, patterns, flags),
          );
          return flags.once === true && alerts > 0 ? 1 : 0;
        },
        { json: 'document', steps: false },
      ),
    );
}

/** @returns how many alerts there were */
async function watch(
  context: CliContext,
  inventory: Inventory,
  connect: Parameters<Parameters<typeof usingFleet>[1]>[0]['connect'],
  patterns: readonly string[],
  flags: WatchFlags,
): Promise<number> {
  const once = flags.once === true;
  if (flags.exec === '') throw new DcvopsError('usage', '--exec names no command');
  const [{ followLogs, readLogs }, { createWatch }, { createAlertHook }, hosts, sinceUs] = await Promise.all([
    import('../../operations/follow-logs.ts'),
    import('../../logs/watch-rules.ts'),
    import('../../operations/alert-hook.ts'),
    hostFeeds(inventory, patterns, { source: ['access', 'error'] }),
    readTime('--since', flags.since ?? (once ? '1h' : undefined), flags),
  ]);
  const { agentNetworks, access } = inventory.gateway;
  const rules = createWatch(inventory.watch, { agentNetworks, allowed: access.allow });
  const hook: AlertHook | undefined =
    flags.exec === undefined ? undefined : createAlertHook(flags.exec, context.emit);
  let count = 0;
  const deliver: Deliver = async (records) => {
    for (const record of records) {
      for (const alert of rules.add(record)) {
        count++;
        context.print(context.json ? `${JSON.stringify(alert)}\n` : formatAlert(context, alert));
        await hook?.(alert);
      }
    }
  };
  const options: LogsOptions = {
    beginning: { lines: sinceUs === undefined ? 0 : 'all', sinceUs },
    isWanted: ({ timeUs }) => sinceUs === undefined || timeUs === undefined || timeUs >= sinceUs,
    ...{ maxLineBytes: MOST_LINE_BYTES, keepBytes: false },
  };
  const { emit, signal, concurrency } = context;
  await (once ? readLogs : followLogs)({ connect, emit, signal, concurrency }, hosts, options, deliver);
  return count;
}

const MOST_LINE_BYTES = 256 * 1024;

function formatAlert({ style }: CliContext, { rule, proxy, lastUs, message, sample }: Alert): string {
  const time = new Date(lastUs / 1000).toISOString();
  const lines = sample.map((line) => `  ${style.dim(sanitiseLine(line))}\n`);
  return `${style.warning('!')} ${time} ${style.bold(proxy)} ${rule}: ${sanitise(message)}\n${lines.join('')}`;
}
