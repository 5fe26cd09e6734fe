import { DcvopsError } from '../../errors.ts';
import { didYouMean } from '../../inventory/near-match.ts';
import { confValues, withConfValue, withoutConfValue } from './dcv-conf.ts';
import {
  TYPE_WORDS,
  type Variant,
  formatString,
  isPlainNumber,
  parseVariant,
  readAs,
  sameVariant,
} from './gvariant.ts';
import { DCV_KEYS, type DcvKey, type Reload, dcvKey } from './keys.ts';

/** Is this a documented key, with no section before it? */
export function isShortName(text: string): boolean {
  return DCV_KEYS.some(({ key }) => key === text);
}

/** A setting by its names; `known` where it is documented. */
export interface SettingName {
  /** `section/key`; a section may hold slashes. */
  readonly name: string;
  readonly section: string;
  readonly key: string;
  readonly known: DcvKey | undefined;
}

/** A setting that is to have a value, or (undefined) none, so that DCV's default counts. */
export interface WantedSetting extends SettingName {
  /** As it is to be written. */
  readonly value: string | undefined;
}

/** What a setting comes to on an agent. */
export interface Setting extends SettingName {
  /** As dcv.conf has it; undefined where it is not set. */
  readonly written: string | undefined;
  /** What counts, as text; undefined for a key that is not documented and not set. */
  readonly text: string | undefined;
  /** The same as data; undefined where the text cannot be read. */
  readonly value: Variant | undefined;
  readonly isDefault: boolean;
  /** Why DCV takes its default in spite of what is written; undefined where it need not. */
  readonly problem: string | undefined;
}

const NAMES = DCV_KEYS.map(({ section, key }) => `${section}/${key}`);

/**
 * Reads `SECTION/KEY`, or a documented key alone where only one section has it.
 * @throws DcvopsError `usage` for what names no setting
 */
export function readSettingName(text: string): SettingName {
  const [, section, key] = /^(.+)\/([^/]+)$/s.exec(text) ?? [];
  if (section === undefined || key === undefined) return readShortName(text);
  // what could end the line, the section or the key of dcv.conf
  if (!/^[A-Za-z0-9][A-Za-z0-9/_-]*$/.test(section) || !/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(key)) {
    throw new DcvopsError('usage', `"${text}" can’t be a setting of dcv.conf`, { hint: LIST_ALL });
  }
  return { name: text, section, key, known: dcvKey(text) };
}

const LIST_ALL = 'dcvops dcv config get AGENT --all';

function readShortName(text: string): SettingName {
  const [only, ...others] = DCV_KEYS.filter(({ key }) => key === text);
  if (only !== undefined && others.length === 0) {
    return { name: `${only.section}/${text}`, section: only.section, key: text, known: only };
  }
  const several = [only, ...others].flatMap((one) => (one === undefined ? [] : [`${one.section}/${text}`]));
  throw new DcvopsError(
    'usage',
    several.length > 0
      ? `"${text}" is in several sections: ${several.join(', ')}`
      : `"${text}" names no section: it has to be SECTION/KEY${didYouMean(
          text,
          DCV_KEYS.map(({ key }) => key),
        )}`,
    { hint: LIST_ALL },
  );
}

/**
 * Reads `SECTION/KEY=VALUE`. Text needs no quotes; whatever else is written as dcv.conf has it.
 * @throws DcvopsError `usage` for a value that DCV would not take
 */
export function readAssignment(text: string): WantedSetting & { readonly value: string } {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new DcvopsError('usage', `"${text}" has to be SECTION/KEY=VALUE`, {
      hint: 'dcvops dcv config set AGENT connectivity/idle-timeout=120',
    });
  }
  const setting = readSettingName(text.slice(0, at));
  return { ...setting, value: writtenValue(setting, text.slice(at + 1)) };
}

/** Settings that are named once each, as what counts of two would hang on their order. @throws DcvopsError `usage` */
export function eachOnce<T extends SettingName>(settings: readonly T[]): readonly T[] {
  const names = settings.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return settings;
  throw new DcvopsError('usage', `${twice} is named twice`, { hint: 'name each setting once' });
}

/** As it is to be written. @throws DcvopsError `usage` for what is not of the key's type, or not allowed */
function writtenValue({ name, known }: SettingName, typed: string): string {
  if (/[\u0000-\u001f\u007f]/.test(typed)) {
    throw new DcvopsError('usage', `the value of ${name} holds a control character`);
  }
  const text = typed.trim();
  const parsed = parseVariant(text);
  if (known === undefined) {
    if (parsed !== undefined) return text;
    throw new DcvopsError(
      'usage',
      // not the value: who knows what is secret there
      `${name} is not documented, so its type isn’t known: its value has to be written as dcv.conf has it`,
      { hint: `a text has quotes there: '${name}="…"'` },
    );
  }
  const written = known.type === 's' && typeof parsed !== 'string' ? formatString(typed) : text;
  const problem =
    problemOf(known, written) ??
    (known.type === 'i' && !isPlainNumber(written)
      ? `a whole number in decimal, without a 0 before it: DCV would read ${written} as ${String(parsed)}`
      : undefined);
  if (problem === undefined) return written;
  throw new DcvopsError('usage', `${name} has to be ${problem}`, { hint: LIST_ALL });
}

/** What would be right, for a value that DCV does not take; undefined for one that is right. */
function problemOf(known: DcvKey, written: string): string | undefined {
  const value = readAs(known.type, written);
  if (value === undefined) return TYPE_WORDS[known.type];
  const { words, min, max, pattern } = known;
  if (words?.includes(String(value)) === false) return words.join(', ').replace(/, ([^,]*)$/, ' or $1');
  if (Number(value) < (min ?? -Infinity) || Number(value) > (max ?? Infinity)) {
    return max === undefined ? `${min ?? ''} or more` : `from ${min ?? ''} to ${max}`;
  }
  return pattern?.is.test(String(value)) === false ? pattern.allowed : undefined;
}

/** What settings come to in this dcv.conf, those asked for or (undefined) all that are documented or set. Pure. */
export function settingsOf(conf: string, names?: readonly SettingName[]): Setting[] {
  const written = confValues(conf);
  const all = [...new Set([...NAMES, ...written.keys()])];
  return (names ?? all.map(nameOf)).map((name) => settingOf(name, written.get(name.name)));
}

/** What dcv.conf sets is whatever it is; nothing of it is refused. */
function nameOf(name: string): SettingName {
  const at = name.lastIndexOf('/');
  return { name, section: name.slice(0, at), key: name.slice(at + 1), known: dcvKey(name) };
}

function settingOf(name: SettingName, written: string | undefined): Setting {
  const { known } = name;
  const problem = written === undefined || known === undefined ? undefined : problemOf(known, written);
  const text = written === undefined || problem !== undefined ? known?.byDefault : written;
  const value =
    text === undefined ? undefined : known === undefined ? parseVariant(text) : readAs(known.type, text);
  const byDefault = known === undefined ? undefined : parseVariant(known.byDefault);
  const isDefault =
    text === undefined || (value !== undefined && byDefault !== undefined && sameVariant(value, byDefault));
  return { ...name, written, text, value, isDefault, problem };
}

/** dcv.conf (one character a byte) with what is wanted, and what of that is not in it yet. Pure. */
export function withSettings(
  conf: string,
  wanted: readonly WantedSetting[],
): { readonly text: string; readonly changes: readonly WantedSetting[] } {
  const before = confValues(conf);
  const changes = wanted.filter((one) => !isWritten(one, before.get(one.name), asBytes(one.value)));
  const text = changes.reduce((edited, { section, key, value }) => {
    const bytes = asBytes(value);
    return bytes === undefined
      ? withoutConfValue(edited, section, key)
      : withConfValue(edited, section, key, bytes);
  }, conf);
  return { text, changes };
}

/** In UTF-8, one character a byte. */
function asBytes(value: string | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString('latin1');
}

/** `'x'` and `"x"` are the same; what DCV does not take is not, such as 60.0 for 60. */
function isWritten({ known }: SettingName, written: string | undefined, wanted: string | undefined): boolean {
  if (written === undefined || wanted === undefined) return written === wanted;
  if (known !== undefined && problemOf(known, written) !== undefined) return false;
  const [one, other] = [parseVariant(written), parseVariant(wanted)];
  return one === undefined || other === undefined ? written === wanted : sameVariant(one, other);
}

/** A restart reads everything; what is not documented may need one. */
const LAST_TO_COUNT: readonly Reload[] = ['restart', 'session', 'connection', 'live'];

/** When the last of these changes counts. Pure. */
export function reloadOf(changes: readonly SettingName[]): Reload {
  const contexts = changes.map(({ known }) => known?.reload ?? 'restart');
  return LAST_TO_COUNT.find((one) => contexts.includes(one)) ?? 'live';
}

/** What is worth a word before these are written: keys that nobody documents. Pure. */
export function warningsAbout(wanted: readonly SettingName[]): string[] {
  return wanted
    .filter(({ known }) => known === undefined)
    .map(({ name }) => {
      const near = didYouMean(name, NAMES);
      return `${name} is not documented${near}: neither its type nor when it counts is known, and DCV may ignore it`;
    });
}

/** A value as it may be shown: secrets are not. Pure. */
export function shownValue({ known }: Pick<SettingName, 'known'>, text: string): string {
  return known?.secret === true && text !== known.byDefault ? '***' : text;
}
