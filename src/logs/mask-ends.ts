/* Where what `mask` hides ends: each walks along the text once, and never past the quote of the JSON text that it is in. */

export const QUOTATION = 0x22;
export const APOSTROPHE = 0x27;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const QUESTION = 0x3f;
export const AT = 0x40;
const BACKSLASH = 0x5c;

export const LINE_ENDS = codes('\r\n');
export const SPACES = codes(' \t\r\n\v\f');
/** What follows a quote that closes something. */
const AFTER_QUOTE = codes(' \t\r\n\v\f,:)]}');
/** At the end of a word they belong to the sentence around it. */
const TRAILING = codes(',;)]}>');

function codes(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, (character) => character.charCodeAt(0)));
}

/**
 * The end of a value without quotes of its own: before one of `stops`, or before a quote that closes what the value stands in.
 * A quote that opened within the value (`realm="a", nonce="b"`) closes within it, too.
 */
export function endOfRun(text: string, start: number, stops: ReadonlySet<number>): number {
  const open = new Set<number>();
  let end = start;
  while (end < text.length && !stops.has(text.charCodeAt(end))) {
    const code = text.charCodeAt(end);
    const next = text.charCodeAt(end + 1);
    const isEscape = code === BACKSLASH && (next === BACKSLASH || next === QUOTATION);
    const width = isEscape ? 2 : 1;
    if (code === QUOTATION || code === APOSTROPHE || (isEscape && next === QUOTATION)) {
      if (!open.delete(code)) {
        if (closes(text, end + width)) break;
        open.add(code);
      }
    }
    end += width;
  }
  while (end > start && TRAILING.has(text.charCodeAt(end - 1))) end--;
  return end;
}

function closes(text: string, afterQuote: number): boolean {
  return afterQuote >= text.length || AFTER_QUOTE.has(text.charCodeAt(afterQuote));
}

/** Before the quote that closes, or the end of the line, or before the end of the JSON text that it is in. */
export function endOfQuoted(text: string, start: number, quote: number, isEscaped: boolean): number {
  let end = start;
  while (end < text.length && !LINE_ENDS.has(text.charCodeAt(end))) {
    const code = text.charCodeAt(end);
    if (code === BACKSLASH) {
      if (isEscaped && text.charCodeAt(end + 1) === quote) return beforeBackslashes(text, start, end);
      end += 2;
    } else if (code === quote || (code === QUOTATION && closes(text, end + 1))) {
      return end;
    } else {
      end++;
    }
  }
  return Math.min(end, text.length);
}

function beforeBackslashes(text: string, start: number, from: number): number {
  let end = from;
  while (end > start && text.charCodeAt(end - 1) === BACKSLASH) end--;
  return end;
}

/** Behind the bracket that closes the one at `start`; `isEscaped` where the quotes within have backslashes. */
export function endOfList(text: string, start: number, isEscaped: boolean): number {
  let depth = 0;
  let isInText = false;
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === BACKSLASH) {
      end++;
      if (isEscaped && text.charCodeAt(end) === QUOTATION) isInText = !isInText;
    } else if (code === QUOTATION) {
      if (isEscaped) return end;
      isInText = !isInText;
    } else if (!isInText && isOpeningBracket(code)) {
      depth++;
    } else if (!isInText && isClosingBracket(code)) {
      depth--;
      if (depth === 0) return end + 1;
    }
  }
  return text.length;
}

export function isOpeningBracket(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

function isClosingBracket(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}
