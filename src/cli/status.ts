import { type Command, InvalidArgumentError } from 'commander';
import { DcvopsError, EXIT_CODE, worstExitCode } from '../errors.ts';
import type { StatusContext, StatusLook, StatusReader } from '../operations/status.ts';
import { type CliContext, action } from './context.ts';
import { type Fleet, usingFleet } from './fleet.ts';

interface StatusFlags {
  /** Seconds; true where none were said. */
  readonly watch?: number | true;
}

const DEFAULT_SECONDS = 5;
/** A question about a way gets so long at least, whatever the interval. */
const LEAST_TIMEOUT_MS = 3_000;

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('the fleet at a glance: one line a host, problems first')
    .argument('[host...]', 'names, addresses, globs or @tags; default: all')
    .option(
      '-w, --watch [seconds]',
      `look again every so many seconds (default ${DEFAULT_SECONDS}), until Ctrl-C`,
      seconds,
    )
    .addHelpText(
      'after',
      '\nCONNECTED: to a proxy, open connections (a desktop has several); to an agent, people in its sessions.\n' +
        'LOAD is that of the last minute, per processor; DISK the fullest; PATH how long an answer takes\n' +
        'through the gateway, from this machine or, where it is out of reach from here, through SSH.\n' +
        'Exit codes: 0 all hosts were read, 1 or 4 at least one was not. What is wrong: dcvops doctor\n' +
        '\nExamples:\n' +
        '  dcvops status\n' +
        '  dcvops status --watch\n' +
        "  dcvops status '@gpu' --watch 2\n" +
        '  dcvops status --watch --json | jq -c .hosts[0]\n',
    )
    .action(
      action((context, patterns: string[], { watch }: StatusFlags) =>
        usingFleet(context, (fleet) =>
          watch === undefined
            ? showOnce(context, fleet, patterns)
            : showAgain(context, fleet, patterns, 1000 * (watch === true ? DEFAULT_SECONDS : watch)),
        ),
      ),
    );
}

async function showOnce(context: CliContext, fleet: Fleet, patterns: readonly string[]): Promise<number> {
  const reader = await createReader(context, fleet, patterns, undefined);
  const status = await withSpinner(context, () => reader.look());
  if (context.signal.aborted) throw new DcvopsError('interrupted', 'interrupted');
  if (context.json) {
    const { statusAsJson } = await import('../status/format-json.ts');
    context.printJson(statusAsJson(status));
  } else {
    const { formatHosts } = await import('../status/format.ts');
    const width = process.stdout.isTTY ? process.stdout.columns : undefined;
    context.print(formatHosts(status.hosts, { style: context.style, width }));
  }
  return exitCodeOf(status);
}

function exitCodeOf({ failures }: StatusLook): number {
  return worstExitCode(failures.map((code) => EXIT_CODE[code]));
}

async function showAgain(
  context: CliContext,
  fleet: Fleet,
  patterns: readonly string[],
  intervalMs: number,
): Promise<number> {
  const [{ watchStatus }, { createStatusScreen }, reader] = await Promise.all([
    import('../operations/status.ts'),
    import('./status/screen.ts'),
    createReader(context, fleet, patterns, Math.max(LEAST_TIMEOUT_MS, intervalMs)),
  ]);
  const rounds = watchStatus(reader, intervalMs, context.signal);
  const first = await withSpinner(context, () => rounds.next());
  if (first.done === true) return 0;
  const screen = createStatusScreen(context);
  try {
    await screen.show(first.value);
    for await (const status of rounds) await screen.show(status);
  } finally {
    screen.end();
  }
  return 0;
}

async function createReader(
  context: CliContext,
  { inventory, connect }: Fleet,
  patterns: readonly string[],
  timeoutMs: number | undefined,
): Promise<StatusReader> {
  const [{ createStatusReader }, { selectHosts }] = await Promise.all([
    import('../operations/status.ts'),
    import('../inventory/select.ts'),
  ]);
  const reading: StatusContext = {
    ...{ inventory, connect, concurrency: context.concurrency },
    // the dates of certificates are shown, not who signed them
    roots: [],
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  return createStatusReader(reading, selectHosts(inventory, patterns));
}

async function withSpinner<T>(context: CliContext, work: () => Promise<T>): Promise<T> {
  const spinner = await import('../report/spinner.ts');
  return spinner.withSpinner('reading the hosts', context.showsProgress, work);
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 1 && value <= 3600) return value;
  throw new InvalidArgumentError(
    'It must be a number of seconds from 1 to 3600; hosts are named before --watch.',
  );
}
