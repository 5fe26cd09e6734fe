import { NO_FIELDS, parseText } from './formats/text.ts';
import { parserOf } from './parse.ts';
import type { LogEntry, LogFormat, LogRecord, ParseContext } from './record.ts';

/** One log of one host. */
export interface LogPlace {
  readonly host: string;
  readonly source: string;
  /** Undefined for the journal. */
  readonly file: string | undefined;
  readonly format: LogFormat;
  readonly context: ParseContext;
}

/** Makes records of one log's lines. It keeps no line back: what comes too late for its entry is a record of its own. */
export interface Assembler {
  /**
   * Lines that begin no entry are joined to the one before them. Where that was given out by an earlier call, or would grow
   * beyond 64 KiB, they make a record of their own with its time, level and component. An empty line is never a record.
   */
  readonly take: (lines: readonly string[]) => LogRecord[];
}

/** A record that may still grow: what its first line said, and its lines as they came. */
interface Growing {
  readonly entry: LogEntry;
  readonly lines: string[];
  size: number;
}

/** In UTF-16 units. A first line may be longer. */
const MOST_TEXT = 64 * 1024;

export function createAssembler({ host, source, file, format, context }: LogPlace): Assembler {
  const parse = parserOf(format);
  let last: LogEntry | undefined;

  function recordOf({ entry, lines }: Growing): LogRecord {
    const { timeUs, level, component, fields, access } = entry;
    const alone = lines.length === 1;
    const message = alone ? entry.message : joinMessage(entry.message, lines);
    const raw = alone ? (lines[0] ?? '') : lines.join('\n');
    return { timeUs, level, component, message, fields, access, host, source, file, raw };
  }

  return {
    take(lines) {
      const records: LogRecord[] = [];
      let growing: Growing | undefined;
      for (const line of lines) {
        const entry = line === '' ? undefined : parse(line, context);
        if (entry === undefined && growing !== undefined && growing.size + line.length < MOST_TEXT) {
          growing.lines.push(line);
          growing.size += line.length + 1;
        } else if (line !== '') {
          if (growing !== undefined) records.push(recordOf(growing));
          last = entry ?? (last === undefined ? parseText(line, context) : continuationOf(last, line));
          growing = { entry: last, lines: [line], size: line.length };
        }
      }
      if (growing !== undefined) records.push(recordOf(growing));
      return records;
    },
  };
}

function continuationOf({ timeUs, level, component }: LogEntry, message: string): LogEntry {
  return { timeUs, level, component, message, fields: NO_FIELDS, access: undefined };
}

/** Empty lines stay between two others; at the end they say nothing. */
function joinMessage(first: string, lines: readonly string[]): string {
  const end = lines.findLastIndex((line) => line !== '') + 1;
  return [first, ...lines.slice(1, end)].join('\n');
}
