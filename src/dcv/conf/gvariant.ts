/**
 * A value of dcv.conf: GVariant's text format, as far as DCV's settings use it. Tuples are lists here, and dictionaries
 * (`{'w': <800>}`, in session layouts) lists of pairs.
 */
export type Variant = string | number | boolean | readonly Variant[];

/** The types that DCV's documented settings have, in GVariant's notation; `list` is one of anything. */
export type VariantType = 's' | 'b' | 'i' | 'as' | 'a(ss)' | 'list';

/** How a type is called to people, with an example. */
export const TYPE_WORDS: Readonly<Record<VariantType, string>> = {
  s: 'text',
  b: 'true or false',
  i: 'a whole number',
  as: `a list of texts: ['a', 'b']`,
  'a(ss)': `a list of pairs of texts: [('a', 'b')]`,
  list: 'a list: [ … ]',
};

/** Deeper nesting is no setting. */
const DEEPEST = 8;

/** Reads a value; undefined for what is not one. Pure. */
export function parseVariant(text: string): Variant | undefined {
  const reader = { text, at: 0 };
  const value = read(reader, 0);
  skipSpaces(reader);
  return reader.at === text.length ? value : undefined;
}

/**
 * Reads a value of this type; undefined for any other. A text may lack its quotes: GLib's settings in a key file, of which
 * dcv.conf has the form, take it all the same. Pure.
 */
export function readAs(type: VariantType, text: string): Variant | undefined {
  const value = parseVariant(text);
  if (type === 's' && typeof value !== 'string') {
    return text.startsWith('"') ? undefined : parseVariant(`"${text.replaceAll('"', '\\"')}"`);
  }
  // 60.0 is the number 60, and yet no whole one
  const isOfType = value !== undefined && hasType(value, type) && (type !== 'i' || endsWhole(text));
  return isOfType ? value : undefined;
}

const INT32 = 2 ** 31;
/** Decimal, hexadecimal, or with a 0 before it octal. */
const WHOLE = /^[+-]?(?:0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i;

function endsWhole(text: string): boolean {
  return WHOLE.test(text.trim().split(/\s+/).at(-1) ?? '');
}

/** Is it a number in decimal, which everybody reads alike? Pure. */
export function isPlainNumber(text: string): boolean {
  return /^-?(?:0|[1-9]\d*)$/.test(text);
}

/** Is a value of this type? */
function hasType(value: Variant, type: VariantType): boolean {
  switch (type) {
    case 's':
      return typeof value === 'string';
    case 'b':
      return typeof value === 'boolean';
    case 'i':
      return typeof value === 'number' && Number.isInteger(value) && value >= -INT32 && value < INT32;
    case 'list':
      return typeof value === 'object';
    case 'as':
      return typeof value === 'object' && value.every((item) => typeof item === 'string');
    case 'a(ss)':
      return (
        typeof value === 'object' &&
        value.every((item) => typeof item === 'object' && item.length === 2 && hasType(item, 'as'))
      );
  }
}

/** A text as a value: `say "hi"` → `"say \"hi\""`. Pure. @param text in one line */
export function formatString(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Are two values the same? Pure. */
export function sameVariant(one: Variant, other: Variant): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

interface Reader {
  readonly text: string;
  at: number;
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '<': '>' };

function read(reader: Reader, depth: number): Variant | undefined {
  skipSpaces(reader);
  const sign = reader.text[reader.at] ?? '';
  if (sign === '"' || sign === "'") return readString(reader, sign);
  const closing = CLOSING[sign];
  if (closing === undefined) return readWord(reader, depth);
  if (depth === DEEPEST) return undefined;
  reader.at += 1;
  const items = readItems(reader, closing, depth + 1);
  return sign === '<' && items?.length === 1 ? items[0] : items;
}

function readItems(reader: Reader, closing: string, depth: number): Variant[] | undefined {
  const items: Variant[] = [];
  while (!takes(reader, closing)) {
    const separated = items.length === 0 || takes(reader, closing === '}' ? /[,:]/y : ',');
    // a tuple of one ends with a comma
    if (separated && closing === ')' && items.length === 1 && takes(reader, closing)) return items;
    const item = separated ? read(reader, depth) : undefined;
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

/** What a backslash makes of a letter; any other sign stands for itself. */
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function readString(reader: Reader, quote: string): string | undefined {
  let value = '';
  for (reader.at += 1; reader.at < reader.text.length; reader.at += 1) {
    const sign = reader.text[reader.at] ?? '';
    if (sign === quote) {
      reader.at += 1;
      return value;
    }
    if (sign !== '\\') {
      value += sign;
      continue;
    }
    reader.at += 1;
    const escaped = reader.text[reader.at] ?? '';
    const code = /u([0-9a-fA-F]{4})|U(00[0-9a-fA-F]{6})/y;
    code.lastIndex = reader.at;
    const [whole, short, long] = code.exec(reader.text) ?? [];
    if (whole === undefined) value += ESCAPES[escaped] ?? escaped;
    else {
      const point = Number.parseInt(short ?? long ?? '', 16);
      if (point > 0x10ffff) return undefined;
      value += String.fromCodePoint(point);
      reader.at += whole.length - 1;
    }
  }
  return undefined;
}

/** A number or a truth value; `@as []` and `uint32 5` tell their type first, which says nothing more here. */
function readWord(reader: Reader, depth: number): Variant | undefined {
  const [word = ''] = match(reader, /[^\s"'[\](){}<>,:]+/y) ?? [];
  reader.at += word.length;
  if (WHOLE.test(word)) return wholeNumber(word);
  if (/^(?:[+-]?\d+\.\d*|\.\d+|[+-]?\d+(?=e))(?:e[+-]?\d+)?$/.test(word)) return Number(word);
  if (word === 'true' || word === 'false') return word === 'true';
  const isType = /^(?:@\S+|boolean|byte|u?int(?:16|32|64)|double|string)$/.test(word);
  return isType && depth < DEEPEST ? read(reader, depth + 1) : undefined;
}

function wholeNumber(word: string): number {
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/.exec(word) ?? [];
  const size = Number(digits.replace(/^0(?=\d)/, '0o'));
  return sign === '-' && size !== 0 ? -size : size;
}

function match(reader: Reader, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = reader.at;
  return pattern.exec(reader.text);
}

/** Steps over a sign, and the spaces before it, if it is there. */
function takes(reader: Reader, sign: string | RegExp): boolean {
  skipSpaces(reader);
  const isThere = typeof sign === 'string' ? reader.text[reader.at] === sign : match(reader, sign) !== null;
  if (isThere) reader.at += 1;
  return isThere;
}

function skipSpaces(reader: Reader): void {
  reader.at += match(reader, /\s*/y)?.[0].length ?? 0;
}
