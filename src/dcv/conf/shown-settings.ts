import { quote } from '../../shell/shell.ts';
import { type Variant, sameVariant } from './gvariant.ts';
import { DCV_KEYS, type Reload } from './keys.ts';
import { type Setting, type SettingName, type WantedSetting, shownValue } from './settings.ts';

/** A setting as people and programs are told of it: without secrets. */
export interface ShownSetting {
  /** `section/key` */
  readonly name: string;
  /** What counts, as dcv.conf would have it; undefined for what is neither set nor documented. */
  readonly text: string | undefined;
  /** The same as data. */
  readonly value: Variant | undefined;
  /** Where it comes from. */
  readonly from: 'dcv.conf' | 'default';
  /** Is it DCV's default, also when dcv.conf says so? */
  readonly isDefault: boolean;
  /** When a change of it would count; undefined where that is not documented. */
  readonly reload: Reload | undefined;
  /** Why what dcv.conf says does not count: what it would have to be. */
  readonly problem: string | undefined;
}

/** @param mask hides what may let somebody in, such as a password in a URL. Pure. */
export function shownSetting(setting: Setting, mask: (text: string) => string): ShownSetting {
  const { name, text, value, written, isDefault, known, problem } = setting;
  const shown = text === undefined ? undefined : hideSecret(setting, text, mask);
  return {
    name,
    text: shown,
    value: shown === text ? value : shown,
    from: written === undefined || problem !== undefined ? 'default' : 'dcv.conf',
    isDefault,
    reload: known?.reload,
    problem,
  };
}

/** A line of dcv.conf, or of a diff of it, without secrets, also where the setting is a comment. Pure. */
export function hideInLine(line: string, mask: (text: string) => string): string {
  const [, before, key, sign, value = '', end = ''] = SETTING_IN_LINE.exec(line) ?? [];
  if (before === undefined || key === undefined || sign === undefined) return mask(line);
  const known = SECRET_KEYS.find((one) => one.key === key);
  return `${before}${key}${sign}${hideSecret({ key, known }, value, mask)}${end}`;
}

const SETTING_IN_LINE = /^([-+ ]?[\s#]*)([^#=\s[][^=]*?)(\s*=\s*)(.*?)(\s*)$/s;
const SECRET_KEYS = DCV_KEYS.filter(({ secret }) => secret === true);

/** What was wanted as a word to be typed. What is hidden in it no shell takes, so that it is never set as it is shown. Pure. */
export function shownAssignment(
  wanted: WantedSetting,
  typed: string,
  mask: (text: string) => string,
): string {
  const { name, value } = wanted;
  const isShown = value === undefined || hideSecret(wanted, value, mask) === value;
  return isShown ? quote(typed) : `${name}=<hidden>`;
}

const HIDDEN = '***';

/** The text of a value; whether it is a secret may be told by its key alone: `password="…"`. */
function hideSecret(
  setting: Pick<SettingName, 'key' | 'known'>,
  text: string,
  mask: (text: string) => string,
): string {
  const { key } = setting;
  // regular expressions look like queries
  if (key.endsWith('-regex')) return text;
  const assignment = `${key}=`;
  const masked = mask(`${assignment}${shownValue(setting, text)}`);
  // a text without quotes may be masked to its first space only
  if (!masked.startsWith(assignment) || masked.startsWith(`${assignment}${HIDDEN}`)) return HIDDEN;
  return masked.slice(assignment.length);
}

/** Settings that several agents, or one agent and DCV's defaults, have not in common, or that DCV can't take: their names. Pure. */
export function differingNames(agents: readonly (readonly Setting[])[]): string[] {
  const [only, ...others] = agents;
  if (only !== undefined && others.length === 0) {
    return only
      .filter(({ isDefault, problem }) => !isDefault || problem !== undefined)
      .map(({ name }) => name);
  }
  const names = new Set(agents.flatMap((settings) => settings.map(({ name }) => name)));
  return [...names].filter((name) => {
    const all = agents.map((settings) => settings.find((one) => one.name === name));
    return all.some((one) => !isSame(all[0], one) || one?.problem !== undefined);
  });
}

/** Do two settings come to the same? */
export function isSame(one: Setting | undefined, other: Setting | undefined): boolean {
  if (one?.value === undefined || other?.value === undefined) return one?.text === other?.text;
  return sameVariant(one.value, other.value);
}
