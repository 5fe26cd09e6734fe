import { createHash } from 'node:crypto';
import { DcvopsError } from '../errors.ts';
import { withPort } from '../inventory/addresses.ts';
import { canonicalAddress, canonicalNetwork } from './addresses.ts';

/**
 * nginx configuration as a type. What varies in a configuration comes from the inventory; every such value goes
 * through one of the makers below, which knows its kind, so that no name, path or address can end a string, start a
 * directive or smuggle in a variable.
 */

/** A piece of nginx configuration in which nothing is left to quote. Made by the functions of this file only. */
export class NginxText {
  readonly #text: string;

  /** @internal Use the template instead. */
  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template. Strings may not: the compiler asks which kind of text they are. */
export type NginxValue = NginxText | number | readonly NginxText[];

/** Nothing; a template line that holds only this is left out. */
export const NOTHING = new NginxText('');

/**
 * The template of configuration text, with backslashes as they are written and the common indentation removed. A value
 * alone on its line takes that line's indentation, a list of values one line each, an empty one no line at all.
 */
export function nginx(literals: TemplateStringsArray, ...values: NginxValue[]): NginxText {
  const marked = literals.raw.map((part, index) => (index === 0 ? part : `\0${index - 1}\0${part}`)).join('');
  return new NginxText(
    dedent(marked)
      .flatMap((line) => fill(line, values))
      .join('\n'),
  );
}

function dedent(text: string): string[] {
  const lines = text
    .replace(/^[ ]*\n/, '')
    .replace(/\n[ ]*$/, '')
    .split('\n');
  const margins = lines.filter((line) => line.trim() !== '').map((line) => line.search(/[^ ]/));
  const margin = margins.length === 0 ? 0 : Math.min(...margins);
  return lines.map((line) => line.slice(margin).trimEnd());
}

function fill(line: string, values: readonly NginxValue[]): string[] {
  const alone = /^( *)\0(\d+)\0$/.exec(line);
  if (alone === null) {
    return [line.replace(/\0(\d+)\0/g, (_, index: string) => valueLines(values[Number(index)]).join(' '))];
  }
  const [, indentation = '', index = ''] = alone;
  return valueLines(values[Number(index)])
    .flatMap((text) => text.split('\n'))
    .map((text) => (text === '' ? '' : indentation + text));
}

function valueLines(value: NginxValue | undefined): string[] {
  if (value === undefined) return [];
  const parts = value instanceof NginxText || typeof value === 'number' ? [value] : value;
  return parts.map((part) => part.toString()).filter((text) => text !== '');
}

/** Pieces with an empty line between them. */
export function sections(...parts: readonly NginxText[]): NginxText {
  const texts = parts.map((part) => part.toString()).filter((text) => text !== '');
  return new NginxText(texts.join('\n\n'));
}

/**
 * A string, as one argument of a directive.
 * @throws DcvopsError `inventory` for control characters, and for `$`: nginx has no way to write a plain one, and would
 * read a variable
 */
export function quoted(text: string): NginxText {
  refuseControlCharacters(text);
  if (text.includes('$')) {
    throw cannotBeWritten(text, 'nginx takes "$" for the start of a variable');
  }
  return new NginxText(quote(text));
}

/** An absolute path. A relative one would be looked up below nginx's own directory. */
export function path(text: string): NginxText {
  if (!text.startsWith('/')) throw cannotBeWritten(text, 'the path has to be absolute, beginning with "/"');
  return quoted(text);
}

/** An absolute path that needs no quotes, so that more of it may follow: `${plainPath(directory)}/$dcv_key`. */
export function plainPath(text: string): NginxText {
  if (!/^(?:\/[A-Za-z0-9._-]+)+$/.test(text)) {
    throw cannotBeWritten(text, 'only letters, digits and . _ - are plain in a path');
  }
  return new NginxText(text);
}

/** The key of a map, matching exactly `/NAME` as a browser sends it. (A plain key would ignore case.) */
export function pathSegment(name: string): NginxText {
  refuseControlCharacters(name);
  let encoded: string;
  try {
    encoded = encodeURIComponent(name);
  } catch (cause) {
    throw cannotBeWritten(name, 'it is not valid Unicode', cause);
  }
  return new NginxText(quote(`~^/${encoded.replace(/[^A-Za-z0-9_-]/g, '\\$&')}$`));
}

/** Text inside a comment. It can't leave it: only a line's end could. */
export function comment(text: string): NginxText {
  refuseControlCharacters(text);
  return new NginxText(text);
}

/** A name of our own making: `dcv_10_150_248_180`. */
export function identifier(name: string): NginxText {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new RangeError(`not an identifier: ${name}`);
  return new NginxText(name);
}

/** An IP address, in its canonical spelling. */
export function address(text: string): NginxText {
  return new NginxText(canonicalAddress(text));
}

/** A network, in its canonical spelling; nginx would warn of host bits. */
export function network(text: string): NginxText {
  return new NginxText(canonicalNetwork(text));
}

/** `10.0.0.1:8443`, `[fd00::5]:8443`. @throws RangeError when the port isn't one */
export function endpoint(host: string, port: number): NginxText {
  return new NginxText(withPort(canonicalAddress(host), checkedPort(port)));
}

/** @throws RangeError when it isn't a TCP port */
export function checkedPort(port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new RangeError(`not a port: ${port}`);
  return port;
}

/**
 * The name of a shared-memory zone, made from what it counts by: nginx refuses to change the key of a zone that is in
 * use, and does so after a reload has reported success.
 */
export function zoneName(name: string, key: NginxText): NginxText {
  return identifier(`${name}_${createHash('sha256').update(key.toString()).digest('hex').slice(0, 6)}`);
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function refuseControlCharacters(text: string): void {
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)) {
    throw cannotBeWritten(text, 'it holds a control character');
  }
}

function cannotBeWritten(text: string, why: string, cause?: unknown): DcvopsError {
  return new DcvopsError(
    'inventory',
    `${JSON.stringify(text)} can't go into an nginx configuration: ${why}.`,
    {
      cause,
    },
  );
}
