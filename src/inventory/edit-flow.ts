import type { Node, YAMLMap, YAMLSeq } from 'yaml';
import { type Item, itemEnd, itemStart } from './edit-nodes.ts';
import { type Piece, columnOf, lineEnd, lineStart } from './edit-text.ts';

/* Lists and records in brackets: `[a, b]`, `{ name: a, host: b }`, on one line or on several. */

type Flow = YAMLSeq | YAMLMap;

/** The separator as its neighbours have it: between the last two entries, without what was only lined up. */
export function flowSeparator(flow: Flow, text: string): string {
  const items = flow.items as (Node | Item)[];
  const [last, before] = [items.at(-1), items.at(-2)];
  if (last === undefined || before === undefined) return ', ';
  const between = text.slice(itemEnd(before, text), itemStart(last));
  if (between.includes('\n')) return `,\n${' '.repeat(columnOf(text, itemStart(last)))}`;
  return between === ',' ? ',' : ', ';
}

/** What stands between a bracket and what it holds: a space, nothing, or a line end and blanks. */
export function flowPadding(flow: Flow, text: string): { readonly open: string; readonly close: string } {
  const items = flow.items as (Node | Item)[];
  const [first, last] = [items[0], items.at(-1)];
  const [start = 0, end = 0] = flow.range ?? [];
  if (first === undefined || last === undefined) return { open: ' ', close: ' ' };
  const open = text.slice(start + 1, itemStart(first));
  const close = text.slice(itemEnd(last, text), end - 1);
  return {
    open: open.includes('\n') ? `\n${' '.repeat(columnOf(text, itemStart(first)))}` : open.replace(/ +/, ' '),
    close: close.includes('\n')
      ? `\n${' '.repeat(columnOf(text, end - 1))}`
      : close.replace(/^ *,? *$/, open),
  };
}

/** Puts an entry behind the last one. */
export function appendToFlow(flow: Flow, entry: string, text: string): Piece[] {
  const last = flow.items.at(-1) as Node | Item | undefined;
  const [start = 0, end = 0] = flow.range ?? [];
  if (last === undefined) return [insertion(start + 1, entry)];
  const at = itemEnd(last, text);
  const closing = end - 1;
  const separator = flowSeparator(flow, text);
  const ownLines = text.slice(start, itemStart(last)).includes('\n') && isFirstInLine(text, itemStart(last));
  const comma = commaAfter(text, at, closing);
  if (!ownLines) {
    return [
      comma === undefined
        ? insertion(at, separator + entry)
        : insertion(comma + 1, `${separator.slice(1)}${entry},`),
    ];
  }
  const line = `\n${' '.repeat(columnOf(text, itemStart(last)))}${entry}`;
  const close = lineEnd(text, comma ?? at);
  if (comma !== undefined) return [insertion(close < closing ? close : comma + 1, `${line},`)];
  return close < closing ? [insertion(at, ','), insertion(close, line)] : [insertion(at, `,${line}`)];
}

/** Takes an entry out, with its comma and, where it has lines of its own, with those. */
export function removeFromFlow(flow: Flow, index: number, text: string): Piece[] {
  const items = flow.items as (Node | Item)[];
  const item = items[index];
  if (item === undefined) return [];
  const [from, to] = [itemStart(item), itemEnd(item, text)];
  const closing = (flow.range?.[1] ?? 0) - 1;
  const [before, next] = [items[index - 1], items[index + 1]];
  const comma = commaAfter(text, to, next === undefined ? closing : itemStart(next));
  const end = lineEnd(text, comma ?? to);
  const ownLines =
    isFirstInLine(text, from) && end < closing && (next === undefined || end < itemStart(next));
  const separating =
    next === undefined && before !== undefined && comma === undefined
      ? commaAfter(text, itemEnd(before, text), from)
      : undefined;
  if (ownLines) {
    return [
      ...(separating === undefined ? [] : [{ from: separating, to: separating + 1, text: '' }]),
      { from: lineStart(text, from), to: end + 1, text: '' },
    ];
  }
  if (next !== undefined && !text.slice(to, itemStart(next)).includes('\n')) {
    return [{ from, to: itemStart(next), text: '' }];
  }
  return [
    {
      from: separating ?? from,
      to: separating === undefined && comma !== undefined ? comma + 1 : to,
      text: '',
    },
  ];
}

function insertion(at: number, text: string): Piece {
  return { from: at, to: at, text };
}

/** Is there nothing but blanks before a place in its line? */
export function isFirstInLine(text: string, place: number): boolean {
  return text.slice(lineStart(text, place), place).trim() === '';
}

/** The comma between two places where only blanks and comments stand beside it. */
function commaAfter(text: string, from: number, to: number): number | undefined {
  const between = text.slice(from, to);
  const [skipped] = /^(?:\s|#[^\n]*\n)*/.exec(between) ?? [''];
  return between[skipped.length] === ',' ? from + skipped.length : undefined;
}
