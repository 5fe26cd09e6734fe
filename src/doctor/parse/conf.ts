import { stringInQuotes } from '../../dcv/conf/dcv-conf.ts';
import { DCV_KEYS } from '../../dcv/conf/keys.ts';
import { type Setting, settingsOf } from '../../dcv/conf/settings.ts';

/** The keys of dcv.conf that are documented and hold no secret. */
export const CONF_KEYS: readonly string[] = [
  ...new Set(DCV_KEYS.filter(({ secret }) => secret !== true).map(({ key }) => key)),
];

/**
 * Reads lines of dcv.conf: `section/key` → the value's text, strings without their quotes. Of two equal keys the last one
 * counts, as it does for DCV, and what DCV can't take is as if it were not there. Pure.
 */
export function readConf(text: string | undefined): Record<string, string> {
  return Object.fromEntries(settingsOf(text ?? '').flatMap(textOf));
}

function textOf({ name, written, value, problem }: Setting): [name: string, text: string][] {
  if (written === undefined || problem !== undefined) return [];
  return [[name, typeof value === 'number' ? String(value) : (stringInQuotes(written) ?? written)]];
}
