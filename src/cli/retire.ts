import { type Command, InvalidArgumentError } from 'commander';
import { DcvopsError } from '../errors.ts';
import type { Retirable } from '../doctor/retire/types.ts';
import type { RetireGoal } from '../operations/retire.ts';
import { action } from './context.ts';
import { usingFleet } from './fleet.ts';
import { whoAmI } from './gateways.ts';

interface RetireFlags {
  readonly undo?: boolean;
  readonly dryRun?: boolean;
  readonly restart?: boolean;
  readonly endSessions?: boolean;
  readonly force?: boolean;
  readonly port?: number;
  readonly lockWait: number;
}

const NAMES: Record<Retirable, true> = { broker: true, 'connection-gateway': true, resolver: true };

export function registerRetire(program: Command): void {
  program
    .command('retire')
    .description('stop and disable what earlier attempts left, and bring it back: retire WHAT HOST…')
    .argument('[what]', 'broker (also the Session Manager agent), connection-gateway or resolver')
    .argument('[host...]', 'names, addresses, globs or @tags; with --undo, default: every host')
    .option('--undo', 'bring it back; without WHAT: all that was retired')
    .option('--dry-run', 'show what would be done, change nothing')
    .option('--restart', 'restart dcvserver when its dcv.conf changes; that ends its sessions')
    .option('--end-sessions', 'also when somebody is connected')
    .option('--force', 'with --undo: put dcv.conf back although it was changed since (that is kept)')
    .option('--port <n>', 'with resolver: where it listens, if no connection gateway there says so', port)
    .option('--lock-wait <seconds>', 'how long to wait for another command', seconds, 60)
    .addHelpText(
      'after',
      '\nNothing is removed. What the undo needs is kept on the host, in /var/lib/dcvops/retired.\n' +
        '\nExamples:\n' +
        '  dcvops retire connection-gateway gateway\n' +
        '  dcvops retire broker broker1 @agents --dry-run\n' +
        '  dcvops retire --undo connection-gateway gateway\n',
    )
    .action(
      action(
        async (context, what: string | undefined, patterns: string[], flags: RetireFlags) => {
          const { goal, hosts: wanted } = readGoal(what, patterns, flags);
          context.finishWhoeverReads();
          await usingFleet(
            context,
            async ({ inventory, connect }) => {
              const [{ retire }, { selectHosts }] = await Promise.all([
                import('../operations/retire.ts'),
                import('../inventory/select.ts'),
              ]);
              const { emit, ask, signal, concurrency } = context;
              await retire(
                {
                  inventory,
                  connect,
                  emit,
                  confirm: (question) => ask.confirm(question),
                  signal,
                  concurrency,
                  who: whoAmI(),
                },
                selectHosts(inventory, wanted),
                goal,
                {
                  dryRun: flags.dryRun === true,
                  restart: flags.restart === true,
                  endSessions: flags.endSessions === true,
                  force: flags.force === true,
                  lockWaitSeconds: flags.lockWait,
                  resolverPort: flags.port,
                },
              );
            },
            { onInterrupt: 'operation' },
          );
          return 0;
        },
        { json: 'events', steps: true },
      ),
    );
}

/** WHAT may be left out with `--undo`: the first word is a host's then, and no host is called as those are. */
function readGoal(
  first: string | undefined,
  rest: readonly string[],
  flags: RetireFlags,
): { readonly goal: RetireGoal; readonly hosts: readonly string[] } {
  const what = first !== undefined && isRetirable(first) ? first : undefined;
  const hosts = what === undefined && first !== undefined ? [first, ...rest] : rest;
  if (flags.port !== undefined && what !== 'resolver') {
    throw usage('--port is about a resolver', 'dcvops retire resolver HOST --port PORT');
  }
  if (flags.undo === true) return { goal: { kind: 'undo', what }, hosts };
  if (what === undefined) {
    throw usage(
      first === undefined ? 'what shall be retired?' : `"${first}" is nothing that can be retired`,
      'dcvops retire broker|connection-gateway|resolver HOST…',
    );
  }
  if (flags.force === true) throw usage('--force is for --undo', `dcvops retire --undo ${what} HOST --force`);
  if (hosts.length === 0) throw usage('no host is named', `dcvops retire ${what} HOST…`);
  return { goal: { kind: 'retire', what }, hosts };
}

function isRetirable(word: string): word is Retirable {
  return Object.hasOwn(NAMES, word);
}

function usage(message: string, hint: string): DcvopsError {
  return new DcvopsError('usage', message, { hint });
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value >= 1 && value <= 65_535) return value;
  throw new InvalidArgumentError('It must be a port from 1 to 65535.');
}

function seconds(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
