import { type Command, InvalidArgumentError } from 'commander';
import type { ChangeOptions } from '../operations/change-gateway.ts';
import { action } from './context.ts';
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
  readonly batch: number;
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
    .option('--batch <n>', 'proxies changed at once, after the first one alone', atLeastOne, 1)
    .addHelpText(
      'after',
      '\nExamples:\n  dcvops deploy --dry-run\n  dcvops deploy gateway --take-over\n\nExit codes: 0 live or unchanged, 1 nothing changed, 3 changed and undone, 4 not reached',
    )
    .action(
      action(
        async (context, patterns: string[], flags: DeployFlags) => {
          await usingGateways(context, patterns, async (gateways, proxies) => {
            const { deploy } = await import('../operations/deploy.ts');
            await deploy(gateways, proxies, { ...changeOptions(flags), batch: flags.batch });
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
            const { rollback } = await import('../operations/rollback.ts');
            await rollback(gateways, proxies, flags.to, changeOptions(flags));
          });
          return 0;
        },
        { json: 'events', steps: true },
      ),
    );
}

export function registerReleases(program: Command): void {
  program
    .command('releases')
    .description('list the releases that proxies keep')
    .argument('[proxy...]', 'names, addresses, globs or @tags; default: every proxy')
    .action(
      action(async (context, patterns: string[]) => {
        await usingGateways(context, patterns, async (gateways, proxies) => {
          const { listReleases } = await import('../operations/releases.ts');
          const lists = await listReleases(gateways, proxies, context.concurrency);
          if (context.json) {
            context.printJson(lists);
            return;
          }
          const { formatTable } = await import('../report/table.ts');
          const rows = lists.flatMap(({ proxy, releases }) =>
            releases.map((release) => ({ proxy, ...release })),
          );
          context.print(
            formatTable(
              [
                { heading: 'PROXY', cell: (row) => row.proxy },
                { heading: 'RELEASE', cell: (row) => row.id, style: context.style.bold },
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
        });
        return 0;
      }),
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

function atLeastOne(text: string): number {
  const value = secondsOrZero(text);
  if (value === 0) throw new InvalidArgumentError('It must be 1 or more.');
  return value;
}

function secondsOrZero(text: string): number {
  if (/^[0-9]{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
