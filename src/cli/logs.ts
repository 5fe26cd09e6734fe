import v8 from 'node:v8';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DcvopsError } from '../errors.ts';
import type { Inventory } from '../inventory/types.ts';
import type { FilterOptions } from '../logs/filter.ts';
import type { LogsOptions } from '../operations/logs/follow.ts';
import { type CliContext, action } from './context.ts';
import { usingFleet } from './fleet.ts';
import { registerBundle } from './logs/bundle.ts';
import { type ReadFlags, addReadOptions, hostFeeds, readTime, understood } from './logs/read-options.ts';
import { registerSummary } from './logs/summary.ts';
import { registerWatch } from './logs/watch.ts';

interface LogsFlags extends ReadFlags {
  readonly follow?: boolean;
  readonly lines?: number | 'all';
  readonly grep?: readonly string[];
  readonly exclude?: readonly string[];
  readonly highlight?: readonly string[];
  readonly level?: FilterOptions['level'];
  readonly status?: string;
  readonly agent?: readonly string[];
  readonly client?: readonly string[];
  readonly raw?: boolean;
  readonly output?: string;
}

/** Of each log, when nothing else is said. */
const DEFAULT_LINES = 20;

export function registerLogs(program: Command): void {
  const logs = program
    .command('logs')
    .description('the logs of all hosts in one stream')
    .argument('[host...]', 'hosts by name, address, glob or @tag; default: all');
  addReadOptions(logs)
    .option('-f, --follow', 'go on with what is written from now on, until Ctrl-C')
    .option(
      '-n, --lines <n>',
      `begin with so many lines of each log, or all (default ${DEFAULT_LINES}; with --since all)`,
      lines,
    )
    .option('--until <when>', 'up to this time')
    .option('--grep <pattern>', 'lines that match this regular expression (several: any of them)', collect)
    .option('--exclude <pattern>', 'no lines that match it', collect)
    .option('--highlight <pattern>', 'mark what matches it', collect)
    .addOption(
      new Option('--level <level>', 'at least so bad').choices([
        'debug',
        'info',
        'notice',
        'warn',
        'error',
        'critical',
      ]),
    )
    .option('--status <codes>', 'requests with these statuses: 404, 5xx, 4xx,502')
    .option('--agent <agent>', 'what is about this agent: its requests and its own logs', collect)
    .option('--client <address>', 'what is about this client, an address or a network', collect)
    .option('--raw', 'lines as they are in the logs; in a pipe byte by byte, with the secrets in them')
    .option('--utc', 'times in UTC; otherwise local time')
    .option('--output <folder>', 'write a file for each host and source instead')
    .addHelpText(
      'after',
      '\nWithout a source: access and error of proxies, dcv and journal of agents.\n' +
        'Times: 10m, 2h30m, 09:00, yesterday, "2026-11-23 09:00", 2026-11-23T09:00:00Z.\n' +
        '\nExamples:\n' +
        '  dcvops logs --follow\n' +
        '  dcvops logs gateway --status 5xx --since 1h\n' +
        '  dcvops logs agent1 --session desktop-session --level warn\n' +
        "  dcvops logs '@gpu' --source auth --grep ec2-user --follow\n",
    )
    .action(
      action(
        async (context, patterns: string[], flags: LogsFlags) => {
          await showLogs(context, patterns, flags);
          return 0;
        },
        { json: 'document', steps: false },
      ),
    );
  registerSummary(logs);
  registerWatch(logs);
  registerBundle(logs);
}

async function showLogs(context: CliContext, patterns: readonly string[], flags: LogsFlags): Promise<void> {
  const follow = flags.follow === true;
  if (follow && flags.until !== undefined) {
    throw new DcvopsError('usage', '--until ends what --follow would go on with', {
      hint: 'leave one of them out',
    });
  }
  await usingFleet(context, async ({ inventory, connect }) => {
    const [{ followLogs, readLogs }, { createLogWriter }] = await Promise.all([
      import('../operations/logs/follow.ts'),
      import('./logs/writer.ts'),
    ]);
    const [hosts, filter] = await Promise.all([
      hostFeeds(inventory, patterns, flags),
      readFilter(inventory, flags),
    ]);
    const writer = await createLogWriter(context, inventory, hosts, flags);
    const { sinceUs, untilUs } = filter.options;
    const options: LogsOptions = {
      beginning: {
        lines: flags.lines ?? (flags.since === undefined ? DEFAULT_LINES : 'all'),
        // what was written up to some time may be in rotated files
        sinceUs: sinceUs ?? (untilUs === undefined ? undefined : 0),
      },
      isWanted: writer.reading.keepBytes ? onText(filter.isWanted) : filter.isWanted,
      ...writer.reading,
    };
    const { emit, signal, concurrency } = context;
    try {
      const logsContext = { connect, emit, signal, concurrency };
      if (follow) {
        // what comes and goes for days is cleaned up early, where V8 would rather let its memory grow
        v8.setFlagsFromString('--semi-space-growth-factor=1');
        await followLogs(logsContext, hosts, options, writer.write);
      } else await readLogs(logsContext, hosts, options, writer.write, writer.passOn);
    } finally {
      await writer.end();
    }
  });
}

interface ReadFilter {
  readonly options: FilterOptions;
  readonly isWanted: LogsOptions['isWanted'];
}

async function readFilter(inventory: Inventory, flags: LogsFlags): Promise<ReadFilter> {
  const [{ createFilter, readPattern, readStatus }, { readClientNetwork }, { selectHosts }] =
    await Promise.all([
      import('../logs/filter.ts'),
      import('../inventory/addresses.ts'),
      import('../inventory/select.ts'),
    ]);
  const agents = flags.agent === undefined ? [] : selectHosts(inventory, flags.agent, 'agent');
  const options: FilterOptions = {
    grep: flags.grep?.map((text) => understood('--grep', text, readPattern(text))),
    exclude: flags.exclude?.map((text) => understood('--exclude', text, readPattern(text))),
    level: flags.level,
    status:
      flags.status === undefined ? undefined : understood('--status', flags.status, readStatus(flags.status)),
    agents: agents.map(({ name, host }) => ({ address: host, host: name })),
    clients: flags.client?.map((text) => understood('--client', text, readClientNetwork(text))),
    session: flags.session,
    sinceUs: await readTime('--since', flags.since, flags),
    untilUs: await readTime('--until', flags.until, flags),
  };
  return { options, isWanted: createFilter(options) };
}

/** Of lines that are kept byte by byte, the text is what is looked at. */
function onText(isWanted: LogsOptions['isWanted']): LogsOptions['isWanted'] {
  if (isWanted === undefined) return undefined;
  return (record) => isWanted({ ...record, raw: Buffer.from(record.raw, 'latin1').toString('utf8') });
}

function lines(text: string): number | 'all' {
  if (text === 'all') return text;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, or all.');
}

function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
