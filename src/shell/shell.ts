/**
 * Shell text as a type. Nothing reaches a remote shell that was not built here: the template quotes every value,
 * so that a name with a quote, a space or a newline in it stays one argument.
 */

/** A piece of POSIX shell text whose values are quoted. Made by {@link sh}, {@link words} and {@link program} only. */
export class ShellText {
  readonly #text: string;

  /** @internal Use the template instead. */
  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template: text and numbers are quoted, shell text is taken as it is. */
export type ShellValue = string | number | ShellText | readonly ShellText[];

/**
 * Quotes one word for sh: single quotes, and each single quote inside as `'\''`.
 * @throws RangeError for a NUL byte, which no argument can hold.
 */
export function quote(word: string): string {
  if (word.includes('\0')) throw new RangeError('a NUL byte cannot be part of a shell word');
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The quoting template: sh`dcv close-session ${id}`. Strings and numbers become one quoted word each, `ShellText` is
 * inserted as it is, a list of `ShellText` is joined with spaces.
 */
export function sh(literals: TemplateStringsArray, ...values: ShellValue[]): ShellText {
  const text = literals.reduce((done, literal, index) => done + insert(values[index - 1]) + literal);
  return new ShellText(text);
}

function insert(value: ShellValue | undefined): string {
  if (value === undefined) return '';
  if (value instanceof ShellText) return value.toString();
  if (typeof value === 'object') return value.map((part) => part.toString()).join(' ');
  return quote(String(value));
}

/** A command and its arguments, each quoted: `words(['dcv', 'describe-session', id])`. */
export function words(argv: readonly string[]): ShellText {
  return new ShellText(argv.map(quote).join(' '));
}

/**
 * A shell program written out in this repository, taken as it is. It takes no values: whatever varies is given to it
 * as positional parameters (`Script.args`) or on stdin. Backslashes stay; only `\${` and `` \` `` lose theirs, which
 * the template itself asks for.
 */
export function program(literals: TemplateStringsArray): ShellText {
  return new ShellText(literals.raw.join('').replaceAll('\\${', '${').replaceAll('\\`', '`'));
}

/** Shell lines one after another. */
export function lines(...parts: readonly ShellText[]): ShellText {
  return new ShellText(parts.map((part) => part.toString()).join('\n'));
}
