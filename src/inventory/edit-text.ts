/*
 * A text and small replacements in it. What is not replaced stays as it is, byte for byte: its line ends (CRLF as well),
 * its byte order mark, its missing line end at the end.
 */

/** A replacement of what stands from `from` up to `to`, both counted in the plain text (see {@link plainText}). */
export interface Piece {
  readonly from: number;
  readonly to: number;
  /** Lines in it end with `\n`; they get the line ends that the text has. */
  readonly text: string;
}

/** The text as the inventory's reader sees it: without a byte order mark, every line ended by `\n`. */
export function plainText(raw: string): string {
  return raw.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
}

/** Replaces pieces, which must not overlap, in a text whose plain form they were found in. */
export function replacePieces(raw: string, pieces: readonly Piece[]): string {
  const place = placesIn(raw);
  const lineEnd = /\r\n|\r|\n/.exec(raw)?.[0] ?? '\n';
  let result = '';
  let done = 0;
  for (const { from, to, text } of [...pieces].sort((a, b) => a.from - b.from || a.to - b.to)) {
    result += raw.slice(done, place(from)) + text.replaceAll('\n', lineEnd);
    done = place(to);
  }
  return result + raw.slice(done);
}

/** From a place in the plain text to the same place in the text itself. */
function placesIn(raw: string): (place: number) => number {
  const mark = raw.startsWith('\ufeff') ? 1 : 0;
  if (!raw.includes('\r\n')) return (place) => place + mark;
  const pairs: number[] = [];
  for (let at = raw.indexOf('\r\n'); at !== -1; at = raw.indexOf('\r\n', at + 2)) pairs.push(at);
  return (place) => {
    // each pair before the place is one character longer in the text itself
    let before = 0;
    for (const [index, at] of pairs.entries()) {
      if (at - mark - index >= place) break;
      before = index + 1;
    }
    return place + mark + before;
  };
}

/** Where the line of a place begins. */
export function lineStart(text: string, place: number): number {
  return text.lastIndexOf('\n', place - 1) + 1;
}

/** Where the line of a place ends, before its line end. */
export function lineEnd(text: string, place: number): number {
  const end = text.indexOf('\n', place);
  return end === -1 ? text.length : end;
}

/** The column of a place, from 0. */
export function columnOf(text: string, place: number): number {
  return place - lineStart(text, place);
}
