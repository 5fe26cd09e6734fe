import { mask } from '../mask.ts';

/** Masks one line after another of one text; undefined: the line is left out. */
export type MaskLine = (line: string) => string | undefined;

/** What stands instead of a secret. */
const HIDDEN = '***';

const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
const KEY_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/;

/** `db.password = x`, `"secret": "x"`, `API_KEY=x`: the name's telling part, its rest, and what stands before the value. */
const ASSIGNMENT =
  /(pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|(?:api|access|private|auth|shared|signing|encryption)[_.-]?key)([\w.-]{0,64})["']?\s{0,20}(?:=>?|:)\s{0,20}(?=\S)/gi;

/** Names that end like this say where a secret is, or how it is used. */
const HARMLESS_END =
  /(?:file|path|dir|directory|folder|timeout|ttl|duration|minutes|seconds|interval|length|size|type|name|enabled|verifier|ur[il]|host|port|policy)$/i;

/** nginx: a header, parameter or variable whose name says that its value is a secret. */
const DIRECTIVE =
  /((?:^|[\s;{])(?:(?:proxy|grpc)_set_header|(?:fastcgi|uwsgi|scgi)_param|add_header|set)\s{1,40}["']?\$?[\w-]{0,64}?(?:authorization|cookie|token|secret|passw|credential|api[_-]?key)[\w-]{0,64}["']?|(?:^|[\s;{])secure_link_(?:secret|md5))(?:\s(.*))?$/i;
/** A value that nginx takes from the request or another variable. */
const ONE_VARIABLE = /^\s{0,40}["']?\$\w{1,64}["']?\s{0,40};/;

const EMPTY = /^(?:""|'')\s{0,20}[;,]?\s{0,20}$/;
const MAX_LOOK = 64;
/** The end of an nginx directive that ends with its line. */
const DIRECTIVE_END = /[;}]\s{0,40}(?:#.*)?$/;

/** `--password x` on a process's command line. */
const FLAG = /(--?(?:password|passwd|passphrase|token|secret)[\w-]{0,32}\s{1,4})[^\s=-]\S*/gi;
const URL_USER = /([a-z][a-z0-9+.-]{1,15}:\/\/)[^\s/"'@]{1,200}@/gi;
/** `5053@licences` is RLM's way to write a port. */
const LICENCE_USER = /(?<![\w.%+:-])(?!\d{1,5}@)[\w.%+:-]{1,100}@/g;
const LICENCE_FILE = /license[_-]?file/i;
/** Who checks tokens, or where they come from: the host may be known, what is asked of it not. */
const VERIFIER = /(?:verifier|token[\w.-]{0,32}ur[il])["']?\s{0,20}[=:]/i;
const QUERY = /\?[^\s"']*/g;
/** The secret of the gateway's login: as the cookie's value, and as nginx compares with it. */
const LOGIN_SECRET = /(__Host-dcv_gateway=|~\^)[0-9a-f]{64}(?![0-9a-f])/g;
const PASSWORD_HASH =
  /\$(?:apr1|1|2[abxy]|5|6|y)\$[^$\s:]{1,64}\$(?:[^$\s:]{1,64}\$)?[./A-Za-z0-9]{20,100}|\{S?SHA\}[\w+/=]{20,}/g;

/**
 * For configurations of nginx (`name value;`) and DCV (INI, TOML, properties), and for what commands tell of them. When in
 * doubt it hides too much: the rest of the line behind a name that promises a secret.
 */
export function createConfigurationMasker(): MaskLine {
  /** What ends the secret that is being read; undefined: none is. */
  let hiddenUntil: RegExp | undefined;
  return (line) => {
    if (hiddenUntil !== undefined) {
      if (hiddenUntil.test(line)) hiddenUntil = undefined;
      return undefined;
    }
    const { text, until } = hideSecrets(line);
    hiddenUntil = until;
    return mask(text);
  };
}

/** A line without its secrets, and what ends the last of them when that is on another line. */
interface Hidden {
  readonly text: string;
  readonly until: RegExp | undefined;
}

function hideSecrets(line: string): Hidden {
  return hideKey(line) ?? hideDirective(line) ?? hideAssignment(line) ?? hideInLine(line);
}

function hideKey(line: string): Hidden | undefined {
  const begin = KEY_BEGIN.exec(line);
  if (begin === null) return undefined;
  const ended = KEY_END.test(line.slice(begin.index));
  return {
    text: `${hideInLine(line.slice(0, begin.index)).text}${HIDDEN}`,
    until: ended ? undefined : KEY_END,
  };
}

function hideDirective(line: string): Hidden | undefined {
  const found = DIRECTIVE.exec(line);
  if (found === null) return undefined;
  const [, name = '', value = ''] = found;
  if (ONE_VARIABLE.test(value)) return undefined;
  return {
    text: `${hideInLine(line.slice(0, found.index)).text}${name} ${HIDDEN};`,
    until: DIRECTIVE_END.test(value) ? undefined : DIRECTIVE_END,
  };
}

function hideAssignment(line: string): Hidden | undefined {
  for (const found of line.matchAll(ASSIGNMENT)) {
    const [all, name = '', nameEnd = ''] = found;
    const valueAt = found.index + all.length;
    const value = line.slice(valueAt, valueAt + MAX_LOOK);
    if (HARMLESS_END.test(`${name}${nameEnd}`) || EMPTY.test(value)) continue;
    return {
      text: `${hideInLine(line.slice(0, valueAt)).text}${HIDDEN}`,
      until: endOfValue(line.slice(valueAt)),
    };
  }
  return undefined;
}

/** A TOML string over several lines; or a backslash that joins the next line (properties, sh). */
function endOfValue(value: string): RegExp | undefined {
  const quotes = /^(?:"""|''')/.exec(value)?.[0];
  if (quotes !== undefined && !value.slice(3).includes(quotes)) return quotes === '"""' ? /"""/ : /'''/;
  return value.endsWith('\\') ? /(?:^|[^\\])$/ : undefined;
}

function hideInLine(line: string): Hidden {
  let text = line
    .replace(URL_USER, `$1${HIDDEN}@`)
    .replace(FLAG, `$1${HIDDEN}`)
    .replace(LOGIN_SECRET, `$1${HIDDEN}`)
    .replace(PASSWORD_HASH, HIDDEN);
  if (VERIFIER.test(text)) text = text.replace(QUERY, `?${HIDDEN}`);
  if (LICENCE_FILE.test(text)) text = text.replace(LICENCE_USER, `${HIDDEN}@`);
  return { text, until: undefined };
}
