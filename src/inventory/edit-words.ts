import { type YAMLMap, isMap, isScalar, isSeq, parse } from 'yaml';
import { type Item, type Quotes, columnOfItem, isBlock, pairOf, quotesOf } from './edit-nodes.ts';
import { flowPadding, flowSeparator } from './edit-flow.ts';

/** What an entry of a list may hold. */
export type Written = string | number | readonly string[] | { readonly [key: string]: Written };
export type WrittenRecord = Readonly<Record<string, Written>>;

/** How an inventory's author writes. */
export interface Hand {
  /** Around keys and around text. */
  readonly keys: Quotes;
  readonly values: Quotes;
  /** A host's record: keys on lines of their own, or in braces as the text of the neighbour has them. */
  readonly record: 'block' | FlowForm;
  /** In which order a host's keys stand. */
  readonly order: readonly string[];
  /** The same for lists and records inside of a host. */
  readonly list: 'block' | 'flow';
  readonly inner: 'block' | 'flow';
  /** How far what is inside stands further right; a list's dashes by `dash`. */
  readonly indent: number;
  readonly dash: number;
  /** Between a bracket and what it holds. */
  readonly listPadding: string;
  readonly recordPadding: string;
}

export interface FlowForm {
  readonly open: string;
  readonly separator: string;
  readonly close: string;
}

const USUAL: Hand = {
  keys: '',
  values: '',
  record: 'block',
  order: [],
  list: 'flow',
  inner: 'flow',
  indent: 2,
  dash: 2,
  listPadding: '',
  recordPadding: ' ',
};

/** Reads the hand of the neighbours, of which the last one counts most. */
export function handOf(neighbours: readonly YAMLMap[], text: string): Hand {
  const last = neighbours.at(-1);
  if (last === undefined) return USUAL;
  const first = last.items[0] as Item | undefined;
  const tags = neighbours.map((record) => pairOf(record, 'tags')).findLast((pair) => isSeq(pair?.value));
  const ssh = neighbours.map((record) => pairOf(record, 'ssh')).findLast((pair) => isMap(pair?.value));
  const inFlow = last.flow === true;
  const padding = inFlow ? flowPadding(last, text) : undefined;
  return {
    keys: quotesOf(first?.key),
    values: quotesOf(pairOf(last, 'name')?.value),
    record: padding === undefined ? 'block' : { ...padding, separator: flowSeparator(last, text) },
    order: (last.items as Item[]).flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])),
    list: !inFlow && isBlock(tags?.value) ? 'block' : 'flow',
    inner: !inFlow && isBlock(ssh?.value) ? 'block' : 'flow',
    indent: ssh !== undefined && isBlock(ssh.value) ? columnOfItem(ssh, text) : USUAL.indent,
    dash: tags !== undefined && isBlock(tags.value) ? columnOfItem(tags, text) : USUAL.dash,
    listPadding:
      isSeq(tags?.value) && !isBlock(tags.value) ? oneLine(flowPadding(tags.value, text).open) : '',
    recordPadding:
      isMap(ssh?.value) && !isBlock(ssh.value)
        ? oneLine(flowPadding(ssh.value, text).open)
        : oneLine(padding?.open ?? ' '),
  };
}

function oneLine(padding: string): string {
  return padding === '' ? '' : ' ';
}

/** A host's lines, as its neighbours are written: without a dash, and for a list in brackets one text. */
export function hostLines(host: WrittenRecord, hand: Hand): string[] {
  const keys = Object.keys(host).sort((a, b) => placeOf(a, hand) - placeOf(b, hand));
  const { record } = hand;
  if (record !== 'block') {
    const pairs = keys.map((key) => `${keyText(key, hand)}: ${flowText(host[key] ?? '', hand)}`);
    return [`{${record.open}${pairs.join(record.separator)}${record.close}}`];
  }
  return keys.flatMap((key) => pairLines(key, host[key] ?? '', hand));
}

const ORDER = ['name', 'host', 'tags', 'ssh', 'state'];

function placeOf(key: string, { order }: Hand): number {
  const place = order.indexOf(key);
  return place === -1 ? order.length + ORDER.indexOf(key) : place;
}

function pairLines(key: string, value: Written, hand: Hand): string[] {
  const name = keyText(key, hand);
  if (Array.isArray(value) && hand.list === 'block') {
    const items = value as readonly string[];
    return [`${name}:`, ...items.map((item) => `${' '.repeat(hand.dash)}- ${scalarText(item, hand.values)}`)];
  }
  if (typeof value === 'object' && !Array.isArray(value) && hand.inner === 'block') {
    const inner = Object.entries(value).map(
      ([innerKey, one]) => `${' '.repeat(hand.indent)}${keyText(innerKey, hand)}: ${flowText(one, hand)}`,
    );
    return [`${name}:`, ...inner];
  }
  return [`${name}: ${flowText(value, hand)}`];
}

function flowText(value: Written, hand: Hand): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return scalarText(value, hand.values);
  if (Array.isArray(value)) {
    const items = (value as readonly string[]).map((item) => scalarText(item, hand.values));
    return `[${hand.listPadding}${items.join(', ')}${hand.listPadding}]`;
  }
  const pairs = Object.entries(value).map(([key, one]) => `${keyText(key, hand)}: ${flowText(one, hand)}`);
  return `{${hand.recordPadding}${pairs.join(', ')}${hand.recordPadding}}`;
}

export function keyText(key: string, { keys }: Pick<Hand, 'keys'>): string {
  return `${keys}${key}${keys}`;
}

/** Text as YAML; quoted where it has to be, since `22.04` is a number and `null` is nothing. */
export function scalarText(value: string, quotes: Quotes): string {
  if (quotes === '' && isPlain(value)) return value;
  return quotes === "'" ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}

function isPlain(value: string): boolean {
  if (!/^[A-Za-z0-9/][A-Za-z0-9._:/@+\\-]*$/.test(value)) return false;
  const read = parse(`[${value}, a]`, { logLevel: 'silent' }) as unknown;
  return Array.isArray(read) && read[0] === value;
}
