import {
  APOSTROPHE,
  AT,
  COLON,
  LINE_ENDS,
  QUESTION,
  QUOTATION,
  SLASH,
  SPACES,
  endOfList,
  endOfQuoted,
  endOfRun,
  isOpeningBracket,
} from './mask-ends.ts';

/**
 * Hides what may let somebody in, so that it reaches neither a screen nor a file: the query behind a path or URL, the values
 * of keys such as `authToken`, `password` or `api_key` (`key=value`, JSON, percent-encoded), Cookie and Authorization headers,
 * bearer tokens, and passwords in URLs. Each becomes `***`; all else stays as it is, JSON stays JSON, and masking twice changes nothing more.
 *
 * A text is read once, from left to right, so that the time grows with its length and no faster, whatever it holds.
 */
export function mask(text: string): string {
  return MAYBE.test(text) ? maskSecrets(text).replace(BEARER, '$<word>***') : text;
}

/* Where a secret may begin */

const WORDS = 'token|passw(?:or)?d|passphrase|secret|(?:api|access|private)[_-]?key|cookie|authorization';

const QUERY = '(?<query>[?]+|%(?:25)*3f)';
/** JSON may have backslashes before its slashes. */
const URL = '(?<url>:(?:\\\\?/){2})';
/** `token_id`, `secret_access_key`, `password1` */
const SUFFIX = '(?:[_-]?(?:access[_-]?)?(?:key|id|value|hash)|s)?\\d{0,3}';
/** Behind a key: its quote (with backslashes where JSON is text within JSON), and what stands before its value. */
const QUOTE = '(?<quote>(?:\\\\{3}|\\\\)?["\']|%(?:25)*22)?';
const SIGN = '(?<sign>[ \\t]{1,8}=[ \\t]{0,8}|=|[ \\t]{0,8}:[ \\t]{0,8}|%(?:25)*3[ad])';

/** Most lines hold none of these; this is what masking costs them. */
const MAYBE = new RegExp(`[?]|%(?:25)*3f|:(?:\\\\?/){2}[^/\\s]*@|bearer[ \\t]|${WORDS}`, 'i');

/** A token that stands without its header; words have no digits. */
const BEARER = /(?<word>\bbearer[ \t]{1,8})(?=[A-Za-z._~+/-]*\d)[A-Za-z0-9._~+/-]{8,}=*/gi;

const BEGIN = new RegExp(`${QUERY}|${URL}|(?<key>${WORDS})${SUFFIX}${QUOTE}${SIGN}`, 'gi');

/** What is hidden, and what is shown instead. */
interface Secret {
  readonly start: number;
  readonly end: number;
  readonly shown: string;
}

function maskSecrets(text: string): string {
  let masked = '';
  let done = 0;
  let queryFloor = 0;
  BEGIN.lastIndex = 0;
  for (let found = BEGIN.exec(text); found !== null; found = BEGIN.exec(text)) {
    const { query, url, key = '', quote, sign = '' } = found.groups ?? {};
    const start = BEGIN.lastIndex;
    let secret: Secret | undefined;
    if (query !== undefined) {
      const end = endOfQuery(text, found.index, start, Math.max(done, queryFloor));
      secret = HAS_LETTER.test(text.slice(start, end)) ? hidden(start, end) : undefined;
      queryFloor = BEGIN.lastIndex = end;
    } else if (url !== undefined) {
      secret = passwordOfUrl(text, start);
    } else {
      secret = valueOfKey(text, { key, quote, sign, before: text.charAt(found.index - 1), start });
    }
    if (secret === undefined) continue;
    masked += text.slice(done, secret.start) + secret.shown;
    done = BEGIN.lastIndex = secret.end;
  }
  return masked + text.slice(done);
}

function hidden(start: number, end: number, around = ''): Secret | undefined {
  return end > start ? { start, end, shown: `${around}***${around}` } : undefined;
}

/* Queries */

/** Of any script; `?-` and `??` hide nothing. */
const HAS_LETTER = /[a-z0-9]|[^\0-\x7f]/i;
const KEY_AND_VALUE = /[\w.~%[\]-]{1,64}=/y;

/** Where the query that begins at `start` ends; `start` itself when its question mark is a sentence's. */
function endOfQuery(text: string, mark: number, start: number, floor: number): number {
  KEY_AND_VALUE.lastIndex = start;
  return isBehindPath(text, mark, floor) || KEY_AND_VALUE.test(text) ? endOfRun(text, start, SPACES) : start;
}

/** Whether there is a slash in the word before a place; what is before `floor` was looked at. */
function isBehindPath(text: string, at: number, floor: number): boolean {
  for (let i = at - 1; i >= floor; i--) {
    const code = text.charCodeAt(i);
    if (code === SLASH) return true;
    if (SPACES.has(code) || code === QUOTATION || code === APOSTROPHE) return false;
  }
  return false;
}

/* URLs */

/** `user:password@`; the password ends before the last @, for an @ in it may not be encoded. */
function passwordOfUrl(text: string, start: number): Secret | undefined {
  let colon = -1;
  let at = -1;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === SLASH || code === QUOTATION || code === QUESTION || SPACES.has(code)) break;
    if (code === COLON && colon === -1) colon = i;
    if (code === AT) at = i;
  }
  return colon === -1 ? undefined : hidden(colon + 1, at);
}

/* Values of keys */

interface Key {
  readonly key: string;
  readonly quote: string | undefined;
  readonly sign: string;
  /** The character before the key, '' at the beginning. */
  readonly before: string;
  /** Where the value begins, with its quote. */
  readonly start: number;
}

const OPENING = /((?:\\{3}|\\)?)(["'])/y;
const SCHEME = /(?:basic|bearer|negotiate|ntlm|token)[ \t]+/iy;
const HEADER = /^(?:cookie|authorization)$/i;
const NUMBER = /-?\d[\d.e+-]*/iy;
const LITERAL = /(?:null|true|false)\b/y;

function valueOfKey(text: string, key: Key): Secret | undefined {
  const { start, quote, sign } = key;
  OPENING.lastIndex = start;
  const opening = OPENING.exec(text);
  if (opening !== null) {
    const [all, backslashes = '', mark = ''] = opening;
    return hidden(
      start + all.length,
      endOfQuoted(text, start + all.length, mark.charCodeAt(0), backslashes !== ''),
    );
  }
  const isColon = sign.includes(':');
  if (isColon && quote?.startsWith('%') === false) return valueOfJson(text, start, quote);
  if (isColon && HEADER.test(key.key)) return valueOfHeader(text, start);
  if (isColon && isProse(text, key)) return undefined;
  return hidden(start, endOfRun(text, start, SPACES));
}

/** What `***` stands in is masked already, and may have become longer by it. */
const LIKE_A_SECRET = /(?=[^\s"']{8})(?![^\s"']{0,7}\*{3})[^\s"'\d]{0,64}\d/y;

/**
 * `unexpected token: end of file` and `/etc/passwd: no such file` tell no secret; `auth-token: x` does, and so does what is
 * long and has digits. Only the beginning is read, so that many such words take no longer than their length asks for.
 */
function isProse(text: string, { key, before, start }: Key): boolean {
  const isWord = !/[\w-]/.test(before);
  const isCommon = /^passwd$/i.test(key) || (isWord && /^(?:token|secret)$/i.test(key));
  LIKE_A_SECRET.lastIndex = start;
  return isCommon && !LIKE_A_SECRET.test(text);
}

function valueOfHeader(text: string, start: number): Secret | undefined {
  SCHEME.lastIndex = start;
  return SCHEME.test(text)
    ? hidden(SCHEME.lastIndex, endOfRun(text, SCHEME.lastIndex, SPACES))
    : hidden(start, endOfRun(text, start, LINE_ENDS));
}

/** What is no text in JSON is shown as one, so that it stays JSON. */
function valueOfJson(text: string, start: number, quote: string): Secret | undefined {
  LITERAL.lastIndex = NUMBER.lastIndex = start;
  if (LITERAL.test(text)) return undefined;
  if (NUMBER.test(text)) return hidden(start, NUMBER.lastIndex, quote);
  return isOpeningBracket(text.charCodeAt(start))
    ? hidden(start, endOfList(text, start, quote.startsWith('\\')), quote)
    : hidden(start, endOfRun(text, start, SPACES));
}
