import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ChangeOptions } from '../operations/gateway/change.ts';
import type { BatchSize } from '../operations/gateway/in-batches.ts';
import type { OverviewRow } from '../operations/gateway/releases-overview.ts';
import type { ProxyReleases } from '../operations/gateway/releases.ts';
import { type CliContext, action } from './context.ts';
import { usingGateways } from './gateways.ts';

interface ChangeFlags {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly allowOpen?: boolean;
  readonly lockWait: number;
  readonly confirmWithin: number;
}

interface DeployFlags extends ChangeFlags {
  readonly takeOver?: boolean;
  readonly prepareHost?: boolean;
  readonly batch: BatchSize;
  readonly allOrNothing?: boolean;
}

/** What every command that changes a gateway takes. */
function changing(command: Command): Command {
  return command
    .option('--dry-run', 'show the difference, have nginx judge it on the host, change nothing')
    .option('--force', 'overwrite a live file that was edited by hand (kept as a release)')
    .option('--allow-open', 'let the gateway become open to everybody')
    .option('--lock-wait <seconds>', 'how long to wait for another deploy', secondsOrZero, 60)
    .option(
      '--confirm-within <seconds>',
      'how long the host waits for this program before it undoes',
      atLeastOne,
      30,
    );
}

export function registerDeploy(program: Command): void {
  changing(program.command('deploy'))
    .description('deploy the gateway: one transaction per proxy that finishes or undoes itself')
    .argument('[proxy...]', 'names, addresses, globs or @tags; default: every proxy')
    .option(
      '--take-over',
      'replace other nginx files that answer the same port (kept as release before-dcvops)',
    )
    .option('--prepare-host', 'install nginx, create self-signed certificates, raise limits where needed')
    .addOption(
      new Option('--batch <n|%>', 'proxies changed at once, after the first one alone')
        .default({ count: 1 }, '1')
        .argParser(batchSize),
    )
    .option('--all-or-nothing', 'when a proxy fails, those changed before it get back what they had')
    .addHelpText(
      'after',
      '\nExamples:\n  dcvops deploy --dry-run\n  dcvops deploy gateway --take-over\n  dcvops deploy --batch 25% --all-or-nothing\n\nExit codes: 0 live or unchanged, 1 nothing changed, 3 changed and undone, 4 not reached',
    )
    .action(
      action(
        async (context, patterns: string[], flags: DeployFlags) => {
          await usingGateways(context, patterns, async (gateways, proxies) => {
            const { deploy } = await import('../operations/gateway/deploy.ts');
            const { batch, allOrNothing = false } = flags;
            await deploy(gateways, proxies, { ...changeOptions(flags), batch, allOrNothing });
          });
          return 0;
        },
        { json: 'events', steps: true },
      ),
    );
}

interface RollbackFlags extends ChangeFlags {
  readonly to?: string;
}

export function registerRollback(program: Command): void {
  changing(program.command('rollback'))
    .description('bring an earlier release back, after showing what changes')
    .argument('[proxy...]', 'names, addresses, globs or @tags; default: every proxy')
    .option('--to <release>', 'the release (dcvops releases lists them); default: the one before')
    .action(
      action(
        async (context, patterns: string[], flags: RollbackFlags) => {
          await usingGateways(context, patterns, async (gateways, proxies) => {
            const { rollback } = await import('../operations/gateway/rollback.ts');
            await rollback(gateways, proxies, flags.to, changeOptions(flags));
          });
          return 0;
        },
        { json: 'events', steps: true },
      ),
    );
}

interface ReleasesFlags {
  readonly diff?: boolean;
}

export function registerReleases(program: Command): void {
  program
    .command('releases')
    .description('show which release each proxy runs, and list those that it keeps')
    .argument('[proxy...]', 'names, addresses, globs or @tags; default: every proxy')
    .option('--diff', 'show what was edited by hand since dcvops wrote them')
    .action(
      action(async (context, patterns: string[], flags: ReleasesFlags) => {
        await usingGateways(context, patterns, async (gateways, proxies) => {
          const { listReleases } = await import('../operations/gateway/releases.ts');
          const withDrift = flags.diff === true;
          const lists = await listReleases(gateways, proxies, {
            concurrency: context.concurrency,
            withDrift,
          });
          if (context.json) context.printJson(lists);
          else if (withDrift) showDrift(context, lists);
          else await printReleases(context, lists);
        });
        return 0;
      }),
    );
}

function showDrift({ emit }: CliContext, lists: readonly ProxyReleases[]): void {
  for (const { proxy, live, drift } of lists) {
    for (const event of drift) emit(event);
    if (drift.length === 0 && live !== undefined)
      emit({ type: 'note', level: 'info', host: proxy, message: describeUnedited(live) });
  }
}

function describeUnedited(live: ProxyReleases['live'] & object): string {
  return live.kind === 'release' ? `release ${live.id}, as dcvops wrote it` : 'no live file of dcvops';
}

async function printReleases(context: CliContext, lists: readonly ProxyReleases[]): Promise<void> {
  const { formatTable } = await import('../report/table.ts');
  const { style } = context;
  if (lists.length > 1) {
    const { overviewRows, overviewSentence } = await import('../operations/gateway/releases-overview.ts');
    context.print(`${overviewSentence(lists)}\n\n`);
    const columns = [
      { heading: 'PROXY', cell: (row: OverviewRow) => row.proxy },
      { heading: 'RUNS', cell: (row: OverviewRow) => row.runs, style: style.bold },
      {
        heading: '',
        cell: (row: OverviewRow) => row.state,
        style: (text: string, row: OverviewRow) => (row.good ? text : style.warning(text)),
      },
    ];
    context.print(`${formatTable(columns, overviewRows(lists))}\n`);
  }
  const rows = lists.flatMap(({ proxy, releases }) => releases.map((release) => ({ proxy, ...release })));
  context.print(
    formatTable(
      [
        { heading: 'PROXY', cell: (row) => row.proxy },
        { heading: 'RELEASE', cell: (row) => row.id, style: style.bold },
        {
          heading: 'SINCE',
          cell: (row) => row.since.toISOString().replace('T', ' ').slice(0, 16) + ' UTC',
        },
        { heading: 'BY', cell: (row) => row.who },
        {
          heading: '',
          cell: (row) => (row.live ? (row.edited ? 'live, edited by hand' : 'live') : ''),
        },
      ],
      rows,
    ),
  );
}

function changeOptions(flags: ChangeFlags & Partial<DeployFlags>): ChangeOptions {
  return {
    dryRun: flags.dryRun === true,
    takeOver: flags.takeOver === true,
    force: flags.force === true,
    allowOpen: flags.allowOpen === true,
    prepareHost: flags.prepareHost === true,
    lockWaitSeconds: flags.lockWait,
    confirmSeconds: flags.confirmWithin,
  };
}

/** "2" or "25%". @throws InvalidArgumentError for anything else, and below one proxy or above all of them */
export function batchSize(text: string): BatchSize {
  const [, digits, percent] = /^([0-9]{1,5})(%?)$/.exec(text) ?? [];
  if (digits === undefined)
    throw new InvalidArgumentError('It must be a whole number of proxies, or a percentage of them: 25%.');
  const number = Number(digits);
  if (percent === '%') {
    if (number >= 1 && number <= 100) return { percent: number };
    throw new InvalidArgumentError('A percentage must be from 1% to 100%.');
  }
  return { count: atLeastOne(text) };
}

function atLeastOne(text: string): number {
  const value = secondsOrZero(text);
  if (value === 0) throw new InvalidArgumentError('It must be 1 or more.');
  return value;
}

function secondsOrZero(text: string): number {
  if (/^[0-9]{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
