import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { EXIT_CODE } from '../errors.ts';
import type { ProcessContext } from './context.ts';
import { registerCheck } from './check.ts';
import { registerDeploy, registerReleases, registerRollback } from './deploy.ts';
import { registerInit } from './init.ts';
import { registerInventory } from './inventory.ts';
import { registerRender } from './render.ts';
import { registerSession } from './session.ts';

/** Every command, in the order of `dcvops --help`. */
export const COMMANDS: readonly ((program: Command) => void)[] = [
  registerInit,
  registerInventory,
  registerRender,
  registerDeploy,
  registerRollback,
  registerReleases,
  registerCheck,
  registerSession,
];

/**
 * Runs one command line and returns its exit code; prints everything there is to print, errors included.
 * @param argv without the program's name
 */
export async function runCli(argv: readonly string[], context: ProcessContext): Promise<number> {
  const { words, passedOn } = splitAtDashes(argv);
  const program = buildProgram(context, passedOn);
  try {
    await program.parseAsync(words, { from: 'user' });
    return program.getOptionValue('exitCode') as number;
  } catch (error) {
    // commander has printed what was wrong; its own exit code for usage errors is 1
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODE.usage;
    throw error;
  }
}

/** What stands behind `--` belongs to the host's command (`exec`, `ssh`) and is never parsed here. */
function splitAtDashes(argv: readonly string[]): { words: string[]; passedOn: string[] | undefined } {
  const dashes = argv.indexOf('--');
  if (dashes === -1) return { words: [...argv], passedOn: undefined };
  return { words: argv.slice(0, dashes), passedOn: argv.slice(dashes + 1) };
}

function buildProgram(context: ProcessContext, passedOn: string[] | undefined): Command {
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
    .showSuggestionAfterError()
    .showHelpAfterError('(dcvops --help lists the commands)')
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
  program.setOptionValue('processContext', { ...context, passedOn });
  for (const register of COMMANDS) register(program);
  return program;
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new CommanderError(
      2,
      'dcvops.number',
      `error: "${text}" is not a whole number from ${min} to ${max}`,
    );
  };
}

/** Seconds on the command line, kept as seconds; milliseconds from `context.ts` on. */
function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('It must be a number of seconds above 0, a day at most.');
}
