import type { Node, YAMLMap, YAMLSeq } from 'yaml';
import { type Item, colonOf, dashOf, itemEnd, itemStart, startOf } from './edit-nodes.ts';
import { type Piece, columnOf, lineEnd, lineStart } from './edit-text.ts';
import { isFirstInLine } from './edit-flow.ts';

/* Lists and records whose entries have lines of their own. */

/**
 * Puts an entry behind the last one, with as many blank lines before it as the others have.
 * @param entry its lines, without the dash
 * @returns undefined where the list is not laid out line by line
 */
export function appendToBlockList(
  list: YAMLSeq,
  entry: readonly string[],
  text: string,
): Piece[] | undefined {
  const last = list.items.length - 1;
  const dash = dashOf(list, last);
  const item = list.items[last] as Node | undefined;
  if (dash === undefined || item === undefined || !isFirstInLine(text, dash)) return undefined;
  const indent = columnOf(text, dash);
  const [, blanks = ' '] = /^-( +)\S/.exec(text.slice(dash, lineEnd(text, dash))) ?? [];
  const before = list.items[last - 1] as Node | undefined;
  const gap = before === undefined ? 0 : blankLinesIn(text, itemEnd(before, text), dash);
  const at = endOfEntry(text, itemEnd(item, text), indent);
  return [{ from: at, to: at, text: '\n'.repeat(1 + gap) + dashed(entry, indent, blanks) }];
}

/** Lines of a list's entry, its dash in front of the first one. */
export function dashed(entry: readonly string[], indent: number, blanks = ' '): string {
  const inner = ' '.repeat(indent + 1 + blanks.length);
  return entry
    .map((line, index) => (index === 0 ? `${' '.repeat(indent)}-${blanks}` : inner) + line)
    .join('\n');
}

/** Where an entry's lines end: its comments among them, and entries that are commented out behind it. */
function endOfEntry(text: string, end: number, indent: number): number {
  const at = endOfOwnComments(text, lineEnd(text, end), indent);
  const [commentedOut = ''] = /^(?:\n *#[^\n]*)+/.exec(text.slice(at)) ?? [];
  const [first = ''] = /^\n( *)# *- /.exec(commentedOut) ?? [];
  return first.indexOf('#') - 1 === indent ? at + linesFurtherIn(commentedOut, indent).length : at;
}

/** The lines of a run of comments up to the first that stands further left. */
function linesFurtherIn(comments: string, indent: number): string {
  const lines = comments.split('\n').slice(1);
  const left = lines.findIndex((line) => line.indexOf('#') < indent);
  return (left === -1 ? lines : lines.slice(0, left)).map((line) => `\n${line}`).join('');
}

function blankLinesIn(text: string, from: number, to: number): number {
  const lines = text.slice(lineEnd(text, from), to).split('\n');
  return lines.slice(1, -1).filter((line) => line.trim() === '').length;
}

/**
 * Takes an entry out, with its comments: those in it, behind it, and right above it, unless they are the heading of
 * several entries. A list's last entry leaves `[]`.
 * @param key the key that the list stands at
 */
export function removeFromBlockList(
  list: YAMLSeq,
  index: number,
  key: Item | undefined,
  text: string,
): Piece[] | undefined {
  const dash = dashOf(list, index);
  const item = list.items[index] as Node | undefined;
  if (dash === undefined || item === undefined || !isFirstInLine(text, dash)) return undefined;
  const indent = columnOf(text, dash);
  const end = endOfOwnComments(text, lineEnd(text, itemEnd(item, text)), indent);
  const nextDash = dashOf(list, index + 1);
  const isFollowed = nextDash !== undefined && lineStart(text, nextDash) === end + 1;
  const head = isFollowed ? lineStart(text, dash) : startOfComments(text, dash, indent);
  const isFirst = index === 0;
  // of the blank lines around it, those before it go; a group that it began keeps them
  const from = isFirst || isFollowed ? head : startOfBlankLines(text, head);
  const to = isFirst && nextDash !== undefined ? endOfBlankLines(text, end) : end;
  const pieces = [wholeLines(text, from, to)];
  if (list.items.length > 1) return pieces;
  const colon = key === undefined ? undefined : colonOf(key);
  return colon === undefined ? undefined : [{ from: colon + 1, to: colon + 1, text: ' []' }, ...pieces];
}

/** Lines from a line's beginning up to a line's end, with a line end of theirs; at the text's end the one before. */
function wholeLines(text: string, from: number, to: number): Piece {
  if (to < text.length) return { from, to: to + 1, text: '' };
  return { from: Math.max(0, from - 1), to, text: '' };
}

function endOfOwnComments(text: string, end: number, indent: number): number {
  let at = end;
  for (;;) {
    const [line, blanks = ''] = /^\n( *)#[^\n]*/.exec(text.slice(at)) ?? [];
    if (line === undefined || blanks.length <= indent) return at;
    at += line.length;
  }
}

/** The first of the comment lines right above an entry; where they hold an entry themselves, none is its own. */
function startOfComments(text: string, dash: number, indent: number): number {
  const own = lineStart(text, dash);
  let start = own;
  while (start > 0) {
    const above = lineStart(text, start - 1);
    const [, blanks, comment = ''] = /^( *)#(.*)$/.exec(text.slice(above, start - 1)) ?? [];
    if (blanks?.length !== indent) return start;
    if (/^ *- /.test(comment)) return own;
    start = above;
  }
  return start;
}

function startOfBlankLines(text: string, start: number): number {
  const [blank = ''] = /(?:(?<=\n)[ \t]*\n)*$/.exec(text.slice(0, start)) ?? [];
  return start - blank.length;
}

function endOfBlankLines(text: string, end: number): number {
  const [blank = ''] = /^(?:\n[ \t]*(?=\n))*/.exec(text.slice(end)) ?? [];
  return end + blank.length;
}

/** Puts a key behind the last one of a record. @param lines the first one with the key */
export function appendToBlockRecord(
  record: YAMLMap,
  lines: readonly string[],
  text: string,
): Piece[] | undefined {
  const items = record.items as Item[];
  const [first, last] = [items[0], items.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const indent = ' '.repeat(columnOf(text, startOf(first.key)));
  const at = lineEnd(text, itemEnd(last, text));
  return [{ from: at, to: at, text: lines.map((line) => `\n${indent}${line}`).join('') }];
}

/** Takes a key out with its value and what stands behind that in its line. */
export function removeFromBlockRecord(record: YAMLMap, index: number, text: string): Piece[] | undefined {
  const items = record.items as Item[];
  const [item, next] = [items[index], items[index + 1]];
  if (item === undefined) return undefined;
  const from = itemStart(item);
  if (isFirstInLine(text, from))
    return [wholeLines(text, lineStart(text, from), lineEnd(text, itemEnd(item, text)))];
  // behind a dash: the next key comes there
  return next === undefined ? undefined : [{ from, to: itemStart(next), text: '' }];
}
