import type { Reload } from './dcv-keys.ts';
import { type Setting, shownValue } from './dcv-settings.ts';
import { type Variant, sameVariant } from './gvariant.ts';

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
  const { name, key, text, value, written, isDefault, known, problem } = setting;
  // regular expressions look like queries
  const shown = text === undefined || key.endsWith('-regex') ? text : mask(shownValue(setting, text));
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

function isSame(one: Setting | undefined, other: Setting | undefined): boolean {
  if (one?.value === undefined || other?.value === undefined) return one?.text === other?.text;
  return sameVariant(one.value, other.value);
}
