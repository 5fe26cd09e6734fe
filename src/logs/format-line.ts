import { sanitiseLine } from '../report/sanitise.ts';
import { HUES, type Style } from '../report/style.ts';
import { createClock } from './clock.ts';
import { formatAccess } from './format-access.ts';
import { createHighlighter } from './highlight.ts';
import type { Access, Level, LogRecord } from './record.ts';
import { safeLines } from './safe-text.ts';

export interface LineOptions {
  readonly style: Style;
  /** Widths of the columns, in characters; what is longer moves the rest of its line. */
  readonly hostWidth: number;
  readonly sourceWidth: number;
  /** Times in UTC; else in local time. */
  readonly utc: boolean;
  /** The name in the inventory of the agent with this address, which is spelled as the client had it in the URL. */
  readonly nameOfAgent: (address: string) => string | undefined;
  /** What to show inverse wherever it stands in the text that is shown. */
  readonly highlight: readonly RegExp[];
  /** What a known problem's record means and what to run, in one line. */
  readonly note: (record: LogRecord) => string | undefined;
}

/**
 * Formats records for people, each as its line or, with further lines indented below, its lines; each ends in `\n`:
 *
 *     2026-11-25 12:49:13.123  gateway  access  10.213.0.10 200 agent1 /index.html 12 ms 4.5 kB
 *     2026-11-25 12:49:13.161  agent1   dcv     warn   frontend-handler: Invalid connection request
 *                                               → what it means, what to run
 *
 * All that came from a host is masked, cut at 16 KiB and made safe for a terminal, before colours are added.
 */
export function createLineFormatter(options: LineOptions): (record: LogRecord) => string {
  const { style, nameOfAgent, note } = options;
  const clock = createClock(options.utc);
  const formatPlace = createPlaceFormatter(options);
  const formatLevel = createLevelFormatter(style);
  const highlight = createHighlighter(options.highlight, style.inverse);
  const indent = ' '.repeat(clock.width + options.hostWidth + options.sourceWidth + 3 * GAP.length);

  function formatRequest(access: Access): string {
    const { text, statusFrom, statusTo } = formatAccess(access, nameOfAgent);
    return highlight(text, { from: statusFrom, to: statusTo, paint: styleOfStatus(access.status, style) });
  }

  function formatMessage({ level, component, message }: LogRecord): string {
    const text = component === undefined ? message : `${component}: ${message}`;
    const [first = '', ...more] = safeLines(text.trimEnd());
    const line = `${formatLevel(level)} ${highlight(first)}`;
    return [line, ...more.map((one) => `${indent}  ${highlight(one)}`.trimEnd())].join('\n');
  }

  return (record) => {
    const place = formatPlace(record.host, record.source);
    const text = record.access === undefined ? formatMessage(record) : formatRequest(record.access);
    const meaning = note(record);
    const below = meaning === undefined ? '' : `${indent}  ${style.dim(`→ ${sanitiseLine(meaning)}`)}\n`;
    return `${`${clock.format(record.timeUs)}${GAP}${place}${GAP}${text}`.trimEnd()}\n${below}`;
  };
}

const GAP = '  ';

/** Host and source in their columns, in the host's colour. There are few pairs, and each is in very many lines. */
function createPlaceFormatter(options: LineOptions): (host: string, source: string) => string {
  const formatted = new Map<string, string>();
  return (host, source) => {
    const key = `${host}\0${source}`;
    const known = formatted.get(key);
    if (known !== undefined) return known;
    const paint = options.style.hue(hueOf(host));
    const text = `${sanitiseLine(host).padEnd(options.hostWidth)}${GAP}${sanitiseLine(source).padEnd(options.sourceWidth)}`;
    const place = paint(text);
    formatted.set(key, place);
    return place;
  };
}

/** The same for a name in every run (FNV-1a, which spreads names that differ in their last digit). */
function hueOf(host: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(host)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % HUES.length;
}

const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  debug: 'debug',
  info: 'info',
  notice: 'notice',
  warn: 'warn',
  error: 'error',
  critical: 'crit',
};
const LEVEL_WIDTH = 6;

/** The level in its column, loud from `warn` on. */
function createLevelFormatter(style: Style): (level: Level | undefined) => string {
  const word = (level: Level): string => LEVEL_WORDS[level].padEnd(LEVEL_WIDTH);
  const words: Readonly<Record<Level, string>> = {
    debug: style.dim(word('debug')),
    info: style.dim(word('info')),
    notice: style.dim(word('notice')),
    warn: style.warning(word('warn')),
    error: style.bad(word('error')),
    critical: style.bad(word('critical')),
  };
  const none = ' '.repeat(LEVEL_WIDTH);
  return (level) => (level === undefined ? none : words[level]);
}

/** 000 is a request that the client gave up. */
function styleOfStatus(status: number, style: Style): (text: string) => string {
  if (status >= 500) return style.bad;
  return status >= 400 || status === 0 ? style.warning : style.good;
}
