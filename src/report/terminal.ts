import {
  DefaultRenderer,
  Listr,
  ListrLogger,
  type ListrTaskWrapper,
  ProcessOutput,
  type SimpleRenderer,
} from 'listr2';
import type { OperationEvent, StepEvent, StepsEvent } from './events.ts';
import { createPlainRenderer, formatOutcome } from './plain.ts';
import type { Renderer, RendererOptions } from './renderer.ts';
import { sanitiseLine } from './sanitise.ts';

/**
 * The live display on a terminal: listr2 draws the steps of all hosts, events drive it. Everything that is not a step
 * is held back while steps are drawn and printed below them, since two writers would tear the display.
 */
export function createTerminalRenderer(options: RendererOptions): Renderer {
  const plain = createPlainRenderer(options);
  let board: StepBoard | undefined;
  let waiting: OperationEvent[] = [];
  // Boards and texts come one after another: each takes hold of the terminal, and two at once would lose it.
  let drawn = Promise.resolve();

  function closeBoard(): Promise<void> {
    const ended = board;
    const texts = waiting;
    board = undefined;
    waiting = [];
    drawn = drawn.then(async () => {
      await ended?.end();
      for (const event of texts) print(event);
    });
    return drawn;
  }

  function print(event: OperationEvent): void {
    // the steps have said how it went; their summary is a line of its own
    if (event.type === 'outcome' && !options.quiet) options.stderr.write(formatOutcome(event, options.style));
    else plain.emit(event);
  }

  function emit(event: OperationEvent): void {
    switch (event.type) {
      case 'steps':
        void closeBoard();
        plain.emit(event);
        board = startBoard(event, drawn);
        return;
      case 'step':
        if (board?.knows(event) === true) board.show(event);
        else waiting.push(event);
        break;
      case 'outcome':
        waiting.push(event);
        board?.hostEnded(event.host);
        break;
      case 'note':
      case 'diff':
      case 'output':
      case 'script':
        waiting.push(event);
    }
    if (board === undefined || board.isDone()) void closeBoard();
  }

  return options.quiet ? plain : { emit, pause: closeBoard, finish: closeBoard };
}

interface StepBoard {
  readonly knows: (event: StepEvent) => boolean;
  readonly show: (event: StepEvent) => void;
  /** What this host has not started stays undone. */
  readonly hostEnded: (host: string) => void;
  readonly isDone: () => boolean;
  /** Settles what is open and waits until the last frame is drawn. */
  readonly end: () => Promise<void>;
}

/** One line of the board: a promise that listr2 awaits, and how to settle it. */
interface Line {
  settle: (end: 'done' | 'skipped' | { failed: string }) => void;
  readonly settled: Promise<'done' | 'skipped' | { failed: string }>;
  task: ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer> | undefined;
  detail: string | undefined;
}

/** Draws on stderr, also where stdout is redirected: listr2 only looks at stdout. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true as unknown as false;
}

/** Draws as soon as `free` resolves; what happened until then is shown at once. */
function startBoard(event: StepsEvent, free: Promise<void>): StepBoard {
  const lines = new Map<string, Map<string, Line>>(
    event.hosts.map((host) => [host, new Map(event.steps.map((step) => [step.id, newLine()]))]),
  );
  const open = new Set(event.hosts);

  const drawing = free.then(() => listOf(event, lines).run()).catch(() => undefined);

  function skipRest(host: string): void {
    for (const line of lines.get(host)?.values() ?? []) line.settle('skipped');
    open.delete(host);
  }

  return {
    knows: ({ host, step }) => lines.get(host)?.has(step) === true,
    show({ host, step, state, detail }) {
      const line = lines.get(host)?.get(step);
      if (line === undefined) return;
      if (detail !== undefined) line.detail = sanitiseLine(detail);
      if (state === 'done' || state === 'skipped') line.settle(state);
      else if (state === 'failed') line.settle({ failed: line.detail ?? 'failed' });
      else if (line.task !== undefined && line.detail !== undefined) line.task.output = line.detail;
    },
    hostEnded: skipRest,
    isDone: () => open.size === 0,
    async end() {
      for (const host of open) skipRest(host);
      await drawing;
    },
  };
}

function listOf(
  event: StepsEvent,
  lines: ReadonlyMap<string, ReadonlyMap<string, Line>>,
): Listr<unknown, typeof StderrRenderer> {
  return new Listr<unknown, typeof StderrRenderer>(
    event.hosts.map((host) => ({
      title: host,
      task: (_context, hostTask) =>
        hostTask.newListr(
          event.steps.map((step) => ({
            title: step.title,
            task: async (_inner, task) => {
              const line = lines.get(host)?.get(step.id);
              if (line === undefined) return;
              line.task = task;
              const end = await line.settled;
              if (line.detail !== undefined) task.title = `${step.title}: ${line.detail}`;
              if (end === 'skipped') task.skip();
              else if (end !== 'done') throw new Error(end.failed);
            },
          })),
          { concurrent: false, exitOnError: false },
        ),
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      collectErrors: false,
      renderer: StderrRenderer,
      rendererOptions: {
        collapseSubtasks: false,
        collapseErrors: false,
        showErrorMessage: false,
        logger: new ListrLogger({
          useIcons: true,
          processOutput: new ProcessOutput(process.stderr, process.stderr),
        }),
      },
    },
  );
}

function newLine(): Line {
  const { promise, resolve } = withResolvers<'done' | 'skipped' | { failed: string }>();
  return { settle: resolve, settled: promise, task: undefined, detail: undefined };
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
