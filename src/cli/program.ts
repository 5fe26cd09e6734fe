import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { DcvopsError, EXIT_CODE } from '../errors.ts';
import { errorAsJson, formatError } from '../report/print-error.ts';
import { createStyle, useColour } from '../report/style.ts';
import type { ProcessContext } from './context.ts';
import { registerAccess } from './access.ts';
import { registerAgent } from './agent.ts';
import { registerCheck } from './check.ts';
import { registerDcv } from './dcv.ts';
import { registerDeploy, registerReleases, registerRollback } from './deploy.ts';
import { registerDesktop } from './desktop.ts';
import { registerDoctor } from './doctor.ts';
import { registerExec } from './exec.ts';
import { registerHealth } from './health.ts';
import { registerInit } from './init.ts';
import { registerInventory } from './inventory.ts';
import { registerLogs } from './logs.ts';
import { registerRender } from './render.ts';
import { registerRetire } from './retire.ts';
import { registerService } from './service.ts';
import { registerSession } from './session.ts';
import { registerSsh } from './ssh.ts';
import { registerStatus } from './status.ts';
import { registerTrust } from './trust.ts';

/** Every command, in the order of `dcvops --help`. */
export const COMMANDS: readonly ((program: Command) => void)[] = [
  registerInit,
  registerTrust,
  registerInventory,
  registerRender,
  registerDeploy,
  registerRollback,
  registerReleases,
  registerCheck,
  registerDoctor,
  registerStatus,
  registerAccess,
  registerRetire,
  registerSession,
  registerDesktop,
  registerDcv,
  registerService,
  registerAgent,
  registerHealth,
  registerLogs,
  registerExec,
  registerSsh,
];

/**
 * Runs one command line and returns its exit code; prints everything there is to print, errors included.
 * @param argv without the program's name
 */
export async function runCli(argv: readonly string[], context: ProcessContext): Promise<number> {
  const program = buildProgram();
  const { words, passedOn } = splitAtDashes(program, argv);
  program.setOptionValue('processContext', { ...context, passedOn });
  try {
    await program.parseAsync(words, { from: 'user' });
    return program.getOptionValue('exitCode') as number;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // without a command it has printed the help, which says more than an error
    if (error.code !== 'commander.help') printUsageError(program, words, error);
    return EXIT_CODE.usage; // commander's own would be 1
  }
}

/** What commander found wrong, in the form of every other error. */
function printUsageError(program: Command, words: readonly string[], { message }: CommanderError): void {
  const known = new DcvopsError(
    'usage',
    message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\)$/, '; did you mean $1'),
    { hint: `${pathOf(program, words).join(' ')} --help` },
  );
  const wanted = !words.includes('--no-color');
  const style = createStyle(useColour({ wanted, isTty: process.stderr.isTTY, env: process.env }));
  const text = words.includes('--json')
    ? `${JSON.stringify(errorAsJson(known))}\n`
    : formatError(known, style);
  process.stderr.write(text);
}

/** dcvops, session, create: as far as the words name commands. */
function pathOf(program: Command, words: readonly string[]): string[] {
  let command = program;
  const path = [program.name()];
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) continue;
    command = next;
    path.push(word);
  }
  return path;
}

/** Commands that run what stands behind `--` on hosts; for all others it ends the options, as it does elsewhere. */
const PASSES_ON = new Set(['exec', 'ssh']);

/** What belongs to a host's command is never parsed here. */
function splitAtDashes(
  program: Command,
  argv: readonly string[],
): { words: string[]; passedOn: string[] | undefined } {
  const dashes = argv.indexOf('--');
  const words = argv.slice(0, dashes);
  const [, command = ''] = pathOf(program, words);
  if (dashes === -1 || !PASSES_ON.has(command)) return { words: [...argv], passedOn: undefined };
  return { words, passedOn: argv.slice(dashes + 1) };
}

function buildProgram(): Command {
  const program = new Command('dcvops')
    .description('Run Amazon DCV desktops behind an nginx gateway.')
    .version(packageJson.version, '-V, --version')
    .option(
      '-i, --inventory <file>',
      'inventory file (else DCVOPS_INVENTORY, inventory/hosts.yaml, dcvops.yaml)',
    )
    .option('--json', 'print JSON on stdout')
    .option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR are known, too)')
    .option('-q, --quiet', 'print warnings, failures and data only')
    .option('-v, --verbose', 'show remote scripts and their time', (_, level: number) => level + 1, 0)
    .addOption(
      new Option('--concurrency <n>', 'hosts worked on at once').default(32).argParser(wholeNumber(1, 1000)),
    )
    .addOption(
      new Option('--connect-timeout <seconds>', 'limit for each hop of a connection')
        .default(10)
        .argParser(seconds),
    )
    .addOption(new Option('--command-timeout <seconds>', 'limit for each remote command').argParser(seconds))
    .option('-y, --yes', 'answer yes; never ends sessions in use, opens the gateway or accepts host keys')
    .exitOverride()
    .configureOutput({ outputError: () => undefined }) // see printUsageError
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  dcvops init                      write an inventory\n' +
        '  dcvops trust                     accept the hosts’ SSH keys\n' +
        '  dcvops deploy                    deploy the gateway\n' +
        '  dcvops session create agent1     create a desktop session\n' +
        '  dcvops check                     test the way to every desktop\n',
    );
  program.setOptionValue('exitCode', 0);
  for (const register of COMMANDS) register(program);
  return program;
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Seconds on the command line, kept as seconds; milliseconds from `context.ts` on. */
function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('It must be a number of seconds above 0, a day at most.');
}
