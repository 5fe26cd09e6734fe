import { type Command, InvalidArgumentError } from 'commander';
import { action } from '../context.ts';
import { usingFleet } from '../fleet.ts';
import { whoAmI } from '../gateways.ts';
import { allOptions } from './flags.ts';

interface BundleFlags {
  readonly output?: string;
  readonly maxSize: number;
}

const MEGABYTE = 1024 * 1024;

export function registerBundle(logs: Command): void {
  const command = logs
    .command('bundle')
    .description('collect what a support case needs: logs, versions, configurations without secrets')
    .argument('[host...]', 'hosts by name, address, glob or @tag; default: all')
    .option('-o, --output <file>', 'the .tar.gz to write (default dcvops-DATE-TIME.tar.gz)')
    .option(
      '--max-size <MiB>',
      'of everything before it is packed; logs are cut at their beginning',
      megabytes,
      64,
    )
    .addHelpText(
      'after',
      '\nThe bundle names people, hosts and addresses: its README.txt says what was masked and what was not.\n' +
        '\nExamples:\n  dcvops logs bundle\n  dcvops logs bundle gateway agent1 -o case-1234.tar.gz\n',
    );
  command.action(
    action(async (context, patterns: string[], given: BundleFlags) => {
      const flags = allOptions(command, given);
      const result = await usingFleet(context, async ({ inventory, connect, pool }) => {
        const [{ bundleLogs }, { selectHosts }, { scopeOf, survey }, { trustedRoots }] = await Promise.all([
          import('../../operations/logs/bundle.ts'),
          import('../../inventory/select.ts'),
          import('../../operations/doctor/survey.ts'),
          import('../../gateway/trusted-roots.ts'),
        ]);
        const hosts = selectHosts(inventory, patterns);
        const roots = await trustedRoots();
        const { emit, concurrency, signal } = context;
        const who = whoAmI();
        return bundleLogs(
          {
            connect,
            emit,
            concurrency,
            inventory,
            who,
            signal,
            survey: () =>
              survey(
                { inventory, pool, concurrency, env: process.env, roots },
                { ...scopeOf(inventory, hosts), hosts },
              ),
          },
          hosts,
          {
            file: flags.output ?? defaultName(new Date()),
            maxBytes: flags.maxSize * MEGABYTE,
          },
        );
      });
      if (context.json) {
        context.printJson(result);
      } else if (result.file === undefined) {
        context.emit({
          type: 'note',
          level: 'warning',
          message: 'no host gave anything: there is no bundle',
        });
      } else {
        const { formatBytes } = await import('../../report/quantity.ts');
        context.print(`${result.file}  ${formatBytes(result.bytes)}\n`);
        context.emit({
          type: 'note',
          level: 'info',
          message: 'It names people, hosts and addresses: read it before you pass it on.',
        });
      }
      return 0;
    }),
  );
}

/** `dcvops-20261125-130500.tar.gz`, in UTC. */
function defaultName(now: Date): string {
  const [date = '', time = ''] = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T');
  return `dcvops-${date}-${time}.tar.gz`;
}

function megabytes(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 10_000) return value;
  throw new InvalidArgumentError('It must be a whole number of MiB, 1 to 10000.');
}
