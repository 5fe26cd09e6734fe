import {
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
} from 'yaml';
import { columnOf } from './edit-text.ts';
import type { Path } from './problem.ts';

/* An inventory's text taken apart, with the places of its parts. */

export type Item = Pair<Node | null, Node | null>;

/** Reads a text that the inventory's reader has accepted. */
export function readDocument(text: string): Document.Parsed {
  return parseDocument(text, {
    keepSourceTokens: true,
    prettyErrors: false,
    uniqueKeys: false,
    version: '1.2',
  });
}

/** A key of a record and its value. Merges and aliases are not followed: what they stand for is written elsewhere. */
export function pairOf(record: YAMLMap, key: string): Item | undefined {
  return (record.items as Item[]).find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** What is written at a path; undefined where nothing is, or where an alias stands in the way. */
export function nodeAt(document: Document.Parsed, path: Path): Node | undefined {
  let node: Node | null = document.contents;
  for (const part of path) {
    if (isMap(node) && typeof part === 'string') node = pairOf(node, part)?.value ?? null;
    else if (isSeq(node) && typeof part === 'number') node = (node.items[part] as Node | undefined) ?? null;
    else return undefined;
  }
  return node ?? undefined;
}

export function recordAt(document: Document.Parsed, path: Path): YAMLMap | undefined {
  const node = nodeAt(document, path);
  return isMap(node) ? node : undefined;
}

export function listAt(document: Document.Parsed, path: Path): YAMLSeq | undefined {
  const node = nodeAt(document, path);
  return isSeq(node) ? node : undefined;
}

/** A key that has no value, or null. */
export function isEmpty(node: Node | null | undefined): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

export function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

/** Where a node's own text ends: before the blanks, the comment and the line end behind it. */
export function endOf(node: Node | null, text: string): number {
  if (node === null) return 0;
  const [start, end] = node.range ?? [0, 0];
  if (isCollection(node) && node.flow !== true) {
    const last = node.items.at(-1) as Node | Item | null | undefined;
    return last === null || last === undefined ? start : itemEnd(last, text);
  }
  if (isAlias(node)) return end;
  // a block scalar's range holds the line ends behind it
  return start + text.slice(start, end).trimEnd().length;
}

/** The same for an entry of a list or a record. */
export function itemEnd(item: Node | Item, text: string): number {
  if (!('key' in item)) return endOf(item, text);
  const key = endOf(item.key, text);
  return isEmpty(item.value) && !isWritten(item.value) ? key : Math.max(key, endOf(item.value, text));
}

export function itemStart(item: Node | Item): number {
  return 'key' in item ? startOf(item.key) : startOf(item);
}

/** `null` and `~` are written out; a key alone is null as well. */
function isWritten(node: Node | null): boolean {
  return isScalar(node) && (node.source ?? '') !== '';
}

/** Where the dash of an entry of a block list stands. */
export function dashOf(list: YAMLSeq, index: number): number | undefined {
  const source = list.srcToken;
  if (source?.type !== 'block-seq') return undefined;
  return source.items[index]?.start.find(({ type }) => type === 'seq-item-ind')?.offset;
}

/** Where the colon behind a key stands. */
export function colonOf(pair: Item): number | undefined {
  return pair.srcToken?.sep?.find(({ type }) => type === 'map-value-ind')?.offset;
}

/** How a text is quoted: not at all, or by which sign. */
export type Quotes = '' | '"' | "'";

export function quotesOf(node: Node | null | undefined): Quotes {
  if (!isScalar(node)) return '';
  const { type } = node;
  return type === 'QUOTE_DOUBLE' ? '"' : type === 'QUOTE_SINGLE' ? "'" : '';
}

/** Is this a list or a record with lines of its own? */
export function isBlock(node: Node | null | undefined): boolean {
  return isCollection(node) && node.flow !== true;
}

/** How much further right than its key a block stands. */
export function columnOfItem(pair: Item, text: string): number {
  const inner = isSeq(pair.value) ? dashOf(pair.value, 0) : startOf(pair.value);
  return columnOf(text, inner ?? 0) - columnOf(text, startOf(pair.key));
}
