import type { Command } from 'commander';
import { EXIT_CODE, worstExitCode } from '../errors.ts';
import { type Ask, createAsk } from '../report/ask.ts';
import type { Emit, OutcomeEvent } from '../report/events.ts';
import { errorAsJson, exitCodeOf, formatError } from '../report/print-error.ts';
import type { Renderer, RendererOptions } from '../report/renderer.ts';
import { type Style, createStyle, useColour } from '../report/style.ts';

/** What main.ts hands to every command. */
export interface ProcessContext {
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** From now on the command ends by itself only: also when whoever reads its output went away. */
  readonly finishWhoeverReads: () => void;
}

/** The options that every command knows, as commander parsed them. */
interface GlobalOptions {
  readonly inventory?: string;
  readonly json?: boolean;
  readonly color: boolean;
  readonly quiet?: boolean;
  readonly verbose: number;
  readonly concurrency: number;
  readonly connectTimeout: number;
  readonly commandTimeout?: number;
  readonly yes?: boolean;
}

/** What a command works with: where to print, whom to ask, how to end. */
export interface CliContext {
  readonly inventoryFile: string | undefined;
  readonly json: boolean;
  readonly yes: boolean;
  readonly verbosity: number;
  readonly concurrency: number;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number | undefined;
  readonly signal: AbortSignal;
  /** To be called before hosts are changed: a reader that goes away (`| head`) ends the command no more. */
  readonly finishWhoeverReads: () => void;
  /** The words behind `--`, or undefined where there was none. */
  readonly passedOn: readonly string[] | undefined;
  /** Operations tell their progress here. Under `--json` these are NDJSON on stdout if the command chose so. */
  readonly emit: Emit;
  readonly ask: Ask;
  /** Is a sign of life wanted on stderr while a result is being made? */
  readonly showsProgress: boolean;
  /** Styles for stdout, where results go. */
  readonly style: Style;
  /** Writes data to stdout. */
  readonly print: (text: string) => void;
  /** Writes one JSON document to stdout. */
  readonly printJson: (document: unknown) => void;
  /** The exit codes of the outcomes that were emitted so far. */
  readonly outcomeCodes: () => readonly number[];
}

/** How a command shows itself. */
export interface Display {
  /** Under `--json`: one document when it ends, or its events as they come. */
  readonly json: 'document' | 'events';
  /** On a terminal: whether its steps are drawn live. */
  readonly steps: boolean;
}

/** A command that prints a result: a table, a text, one JSON document. */
const RESULT: Display = { json: 'document', steps: false };

/** A command's work. The exit code it returns joins those of the outcomes; the worst one is the command's. */
export type Handler<Arguments extends unknown[]> = (
  context: CliContext,
  ...commandArguments: Arguments
) => Promise<number | undefined>;

/**
 * Wraps a handler for commander's `.action()`: makes the context, draws the events, and is the one error boundary.
 * Commander passes the arguments, the command's options and the command itself.
 */
export function action<Arguments extends unknown[]>(
  handler: Handler<Arguments>,
  display: Display = RESULT,
): (...received: unknown[]) => Promise<void> {
  return async (...received) => {
    const command = received.at(-1) as Command;
    const root = rootOf(command);
    root.setOptionValue(
      'exitCode',
      await runHandler(root, handler, received.slice(0, -1) as Arguments, display),
    );
  };
}

async function runHandler<Arguments extends unknown[]>(
  root: Command,
  handler: Handler<Arguments>,
  commandArguments: Arguments,
  display: Display,
): Promise<number> {
  const globals = root.opts<GlobalOptions>();
  const json = globals.json === true;
  if (!globals.color) forgetColours(process.env);
  const errorStyle = createStyle(
    useColour({ wanted: globals.color, isTty: process.stderr.isTTY, env: process.env }),
  );
  const renderer = await createRenderer(globals, display, errorStyle);
  const { emit, codes } = countOutcomes(renderer.emit);
  const processContext = root.getOptionValue('processContext') as ProcessContext & {
    passedOn: readonly string[] | undefined;
  };
  const context: CliContext = {
    inventoryFile: globals.inventory,
    json,
    yes: globals.yes === true,
    verbosity: globals.verbose,
    concurrency: globals.concurrency,
    connectTimeoutMs: globals.connectTimeout * 1000,
    commandTimeoutMs: globals.commandTimeout === undefined ? undefined : globals.commandTimeout * 1000,
    signal: processContext.signal,
    finishWhoeverReads: processContext.finishWhoeverReads,
    passedOn: processContext.passedOn,
    emit,
    ask: createAsk({
      interactive: process.stdin.isTTY && process.stderr.isTTY && !json,
      yes: globals.yes === true,
      beforeQuestion: renderer.pause,
    }),
    showsProgress: isAnimated(globals) && globals.quiet !== true && !json,
    style: createStyle(useColour({ wanted: globals.color, isTty: process.stdout.isTTY, env: process.env })),
    print: (text) => process.stdout.write(text),
    printJson: (document) => process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`),
    outcomeCodes: () => codes,
  };
  try {
    const code = await handler(context, ...commandArguments);
    await renderer.finish();
    return worstExitCode([...codes, code ?? 0, ...(context.signal.aborted ? [EXIT_CODE.interrupted] : [])]);
  } catch (error) {
    await renderer.finish();
    process.stderr.write(json ? `${JSON.stringify(errorAsJson(error))}\n` : formatError(error, errorStyle));
    return worstExitCode([...codes, exitCodeOf(error)]);
  }
}

/** listr2 and inquirer have no other switch, and read this when they are loaded. */
function forgetColours(env: NodeJS.ProcessEnv): void {
  env['NO_COLOR'] = '1';
  delete env['FORCE_COLOR'];
}

async function createRenderer(globals: GlobalOptions, display: Display, style: Style): Promise<Renderer> {
  const options: RendererOptions = {
    stdout: process.stdout,
    stderr: process.stderr,
    style,
    verbosity: globals.verbose,
    quiet: globals.quiet === true || (globals.json === true && display.json === 'document'),
  };
  if (globals.json === true && display.json === 'events') {
    return (await import('../report/ndjson.ts')).createNdjsonRenderer(options);
  }
  if (isAnimated(globals) && display.steps)
    return (await import('../report/terminal.ts')).createTerminalRenderer(options);
  return (await import('../report/plain.ts')).createPlainRenderer(options);
}

/** Lines that are drawn over want a terminal that can, and nothing else that is printed meanwhile. */
function isAnimated({ verbose }: GlobalOptions): boolean {
  return process.stderr.isTTY && process.env['TERM'] !== 'dumb' && verbose === 0;
}

const OUTCOME_CODE: Record<OutcomeEvent['outcome'], number> = {
  done: 0,
  unchanged: 0,
  failed: EXIT_CODE.failed,
  undone: EXIT_CODE.undone,
  unreachable: EXIT_CODE.unreachable,
  interrupted: EXIT_CODE.interrupted,
  'not-started': EXIT_CODE.failed,
};

function countOutcomes(emit: Emit): { emit: Emit; codes: readonly number[] } {
  const codes: number[] = [];
  return {
    codes,
    emit(event) {
      if (event.type === 'outcome') codes.push(OUTCOME_CODE[event.outcome]);
      emit(event);
    },
  };
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
