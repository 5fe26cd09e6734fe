import type {
  DiffEvent,
  NoteEvent,
  OperationEvent,
  OutcomeEvent,
  OutputEvent,
  ScriptEvent,
  StepEvent,
} from './events.ts';
import { formatFailure, formatHint } from './print-error.ts';
import type { Renderer, RendererOptions } from './renderer.ts';
import { sanitise, sanitiseLine } from './sanitise.ts';
import type { Style } from './style.ts';

/** One line an event, for pipes, CI logs and dumb terminals. Hosts' output goes to stdout, all else to stderr. */
export function createPlainRenderer(options: RendererOptions): Renderer {
  const titles = new Map<string, string>();
  const { stderr, stdout, style } = options;

  function emit(event: OperationEvent): void {
    switch (event.type) {
      case 'steps':
        for (const step of event.steps) titles.set(step.id, step.title);
        return;
      case 'step':
        if (!options.quiet) stderr.write(formatStep(event, titles.get(event.step) ?? event.step, style));
        return;
      case 'note':
        if (!options.quiet || event.level === 'warning') stderr.write(formatNote(event, style));
        return;
      case 'diff':
        stdout.write(formatDiff(event, style));
        return;
      case 'output':
        (event.stream === 'stdout' ? stdout : stderr).write(formatOutput(event, style));
        return;
      case 'script':
        if (options.verbosity > 0) stderr.write(formatScript(event, style));
        return;
      case 'outcome':
        if (!options.quiet || isFailure(event)) stderr.write(formatOutcome(event, style));
    }
  }

  return { emit, pause: () => Promise.resolve(), finish: () => Promise.resolve() };
}

export function isFailure(event: OutcomeEvent): boolean {
  return event.outcome !== 'done' && event.outcome !== 'unchanged';
}

function formatStep(event: StepEvent, title: string, style: Style): string {
  const detail = event.detail === undefined ? '' : `: ${sanitiseLine(event.detail)}`;
  switch (event.state) {
    case 'started':
    case 'skipped':
      return '';
    case 'progress':
      return `${event.host}: ${title}${detail}\n`;
    case 'done':
      return `${style.good('✔')} ${event.host}: ${title}${detail}\n`;
    case 'failed':
      return `${style.bad('✖')} ${event.host}: ${title}${detail}\n`;
  }
}

/** "! gateway: message" and its hint. */
export function formatNote(event: NoteEvent, style: Style): string {
  const where = event.host === undefined ? '' : `${event.host}: `;
  const mark = event.level === 'warning' ? `${style.warning('!')} ` : '  ';
  const [first = '', ...more] = sanitise(event.message).split('\n');
  return (
    [`${mark}${where}${first}`, ...more.map((line) => `  ${line}`), ...formatHint(event.hint, style)].join(
      '\n',
    ) + '\n'
  );
}

function formatDiff(event: DiffEvent, style: Style): string {
  const mode =
    event.modeBefore === event.modeAfter
      ? (event.modeAfter ?? '')
      : `${event.modeBefore ?? 'no file'} → ${event.modeAfter ?? 'no file'}`;
  const heading = `${style.bold(sanitiseLine(`${event.host}:${event.path}`))}  (${sanitiseLine(mode)})\n`;
  // what goes away as a whole is kept as a release; its lines would only hide the rest
  if (event.modeAfter === undefined) return heading;
  const body = event.diff.split('\n').map((line) => {
    const text = sanitise(line);
    if (line.startsWith('+')) return style.good(text);
    return line.startsWith('-') ? style.bad(text) : text;
  });
  return `${heading}${body.join('\n')}`;
}

function formatOutput(event: OutputEvent, style: Style): string {
  return `${style.bold(event.host)}  ${sanitiseLine(event.line)}\n`;
}

export function formatScript(event: ScriptEvent, style: Style): string {
  const time = event.elapsedMs === undefined ? '' : ` (${event.elapsedMs.toFixed(0)} ms)`;
  const body = event.command.split('\n').map((line) => `  | ${sanitise(line)}\n`);
  return style.dim(`${event.host}: ${event.name}${time}\n${body.join('')}`);
}

/** The last line about a host. */
export function formatOutcome(event: OutcomeEvent, style: Style): string {
  if (isFailure(event)) return formatFailure(event.host, event.message, event.hint, style);
  const [first = '', ...more] = sanitise(event.message).split('\n');
  return (
    [
      `${style.good('✔')} ${style.bold(event.host)}  ${first}`,
      ...more.map((line) => `  ${line}`),
      ...formatHint(event.hint, style),
    ].join('\n') + '\n'
  );
}
