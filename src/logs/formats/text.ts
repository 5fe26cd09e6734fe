import type { Level, LogEntry, LogValue, ParseContext } from '../record.ts';
import { levelOfWord } from './levels.ts';
import { dateTimeUs, fractionUs, zoneMinutes } from './times.ts';

/** For entries that tell nothing else. */
export const NO_FIELDS: Readonly<Record<string, LogValue>> = Object.freeze({});

/**
 * Takes any line for an entry, its message being the whole line. A date and time at its beginning (ISO 8601; without a zone it is
 * the host's) and a level behind it are understood. Never undefined.
 */
export function parseText(line: string, context: ParseContext): LogEntry {
  const time = timeAtStart(line, context);
  return {
    timeUs: time?.timeUs,
    level: levelAt(line, time?.end ?? 0),
    component: undefined,
    message: line,
    fields: NO_FIELDS,
    access: undefined,
  };
}

const TIME = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d)(?!\d))?\]?/;

/** A date and time at the beginning of a text, and where the text goes on behind it. */
export function timeAtStart(
  text: string,
  context: ParseContext,
): { readonly timeUs: number; readonly end: number } | undefined {
  const found = beginsWithNumber(text) ? TIME.exec(text) : null;
  if (found === null) return undefined;
  const [all, date = '', fraction, zone] = found;
  const offset = zone === undefined ? context.utcOffsetMinutes : zoneMinutes(zone);
  return {
    timeUs: dateTimeUs(date, 0, offset) + (fraction === undefined ? 0 : fractionUs(fraction)),
    end: all.length,
  };
}

/** Most lines of plain text have no time: they are told from the others by their first character. */
function beginsWithNumber(text: string): boolean {
  const code = text.charCodeAt(text.startsWith('[') ? 1 : 0);
  return code >= 48 && code <= 57;
}

/** `ERROR text`, `[error] text`, `error: text`, `<error> text`: in a sentence, a word is none of these. */
const LEVEL = /[ \t:-]*(?:[[<(]([A-Za-z]{3,11})[\])>]|([A-Z]{3,11})(?=[ \t:]|$)|([A-Za-z]{3,11}):)/y;

/** `[   12.345] (EE) text`: what X servers write, Xdcv among them. */
const X_LEVEL = /^(?:\[ *\d+\.\d+\] )?\(([EW!])[EW!]\) /;
const LEVEL_OF_X: Readonly<Record<string, Level>> = { E: 'error', W: 'warn', '!': 'notice' };

function levelAt(line: string, at: number): Level | undefined {
  LEVEL.lastIndex = at;
  const found = LEVEL.exec(line);
  const word = found?.[1] ?? found?.[2] ?? found?.[3];
  if (word !== undefined) return levelOfWord(word);
  const letter = X_LEVEL.exec(line)?.[1];
  return letter === undefined ? undefined : LEVEL_OF_X[letter];
}
