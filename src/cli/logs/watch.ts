import type { Command } from 'commander';
import { DcvopsError } from '../../errors.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { Alert } from '../../logs/watch-rules.ts';
import type { Deliver, LogsOptions } from '../../operations/logs/follow.ts';
import { agentNames } from '../agent-names.ts';
import { type CliContext, action } from '../context.ts';
import { type Fleet, usingFleet } from '../fleet.ts';
import { hostFeeds, readTime } from './read-options.ts';
import { allOptions } from './flags.ts';

interface WatchFlags {
  readonly once?: boolean;
  readonly since?: string;
  readonly utc?: boolean;
  readonly exec?: string;
}

export function registerWatch(logs: Command): void {
  const command = logs
    .command('watch')
    .description('look for anomalous access: scans, guessed passwords, bursts, dead agents')
    .argument('[proxy...]', 'proxies by name, address, glob or @tag; default: all')
    .option('--once', 'look at what was written since --since, and end: exit code 1 when there is an alert')
    .option('--since <when>', 'begin with what was written since then (with --once 1h)')
    .option('--utc', 'times in UTC; otherwise local time')
    .option('--exec <command>', 'run this with sh for each alert, its JSON on stdin; it has a minute')
    .addHelpText(
      'after',
      '\nThresholds are in the inventory: watch: { window: 5m, denied: …, agents: … }\n' +
        'new_networks learns for a day which networks are usual, from the first line that it reads,\n' +
        'and alerts of none meanwhile: so with --once only where --since reaches back more than that.\n' +
        '\nExamples:\n' +
        '  dcvops logs watch\n' +
        '  dcvops logs watch --once --since 1h      for cron: silent when there is nothing\n' +
        '  dcvops logs watch --exec \'mail -s "DCV gateway" ops@example.com\'\n',
    );
  command.action(
    action(
      async (context, patterns: string[], given: WatchFlags) => {
        const flags = allOptions(command, given);
        const alerts = await usingFleet(context, (fleet) => watch(context, fleet, patterns, flags));
        return flags.once === true && alerts > 0 ? 1 : 0;
      },
      { json: 'document', steps: false },
    ),
  );
}

/** @returns how many alerts there were */
async function watch(
  context: CliContext,
  { inventory, connect }: Pick<Fleet, 'inventory' | 'connect'>,
  patterns: readonly string[],
  flags: WatchFlags,
): Promise<number> {
  const once = flags.once === true;
  if (flags.exec === '') throw new DcvopsError('usage', '--exec names no command');
  const [{ FOR_READING, followLogs, readLogs }, { createWatch }, hosts, sinceUs, tell] = await Promise.all([
    import('../../operations/logs/follow.ts'),
    import('../../logs/watch-rules.ts'),
    hostFeeds(inventory, patterns, { source: ['access', 'error'] }),
    readTime('--since', flags.since ?? (once ? '1h' : undefined), flags),
    createTell(context, inventory, flags),
  ]);
  const { agentNetworks, access } = inventory.gateway;
  const rules = createWatch(inventory.watch, { agentNetworks, allowed: access.allow });
  let count = 0;
  const deliver: Deliver = async (records) => {
    for (const record of records) {
      for (const alert of rules.add(record)) {
        count++;
        await tell(alert);
      }
    }
  };
  const options: LogsOptions = {
    beginning: { lines: sinceUs === undefined ? 0 : 'all', sinceUs },
    isWanted: ({ timeUs }) => sinceUs === undefined || timeUs === undefined || timeUs >= sinceUs,
    ...FOR_READING,
  };
  const { emit, signal, concurrency } = context;
  const logsContext = { connect, emit, signal, concurrency };
  if (once) {
    await readLogs(logsContext, hosts, options, deliver);
  } else {
    sayOnTerminal(context, `watching ${hosts.map(({ host }) => host.name).join(', ')}; Ctrl-C ends`);
    await followLogs(logsContext, hosts, options, deliver);
  }
  if (once && count === 0 && context.outcomeCodes().length < hosts.length) {
    sayOnTerminal(context, 'nothing anomalous');
  }
  return count;
}

/** Shows an alert and runs the command for it. */
async function createTell(
  context: CliContext,
  inventory: Inventory,
  { exec, utc }: WatchFlags,
): Promise<(alert: Alert) => Promise<void>> {
  const [{ createAlertFormatter }, { createAlertHook }] = await Promise.all([
    import('../../logs/format-alert.ts'),
    import('../../operations/logs/alert-hook.ts'),
  ]);
  const format = context.json
    ? (alert: Alert) => `${JSON.stringify(alert)}\n`
    : createAlertFormatter({ style: context.style, utc: utc === true, nameOfAgent: agentNames(inventory) });
  const hook = exec === undefined ? undefined : createAlertHook(exec, context);
  return async (alert) => {
    context.print(format(alert));
    await hook?.(alert);
  };
}

/** What somebody who sits there wants to know, and cron does not want to mail. */
function sayOnTerminal({ emit }: CliContext, message: string): void {
  if (process.stderr.isTTY) emit({ type: 'note', level: 'info', message });
}
