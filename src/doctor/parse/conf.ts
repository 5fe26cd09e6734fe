import { confValues, stringInQuotes } from '../../dcv/dcv-conf.ts';
import { DCV_KEYS } from '../../dcv/dcv-keys.ts';

/** The keys of dcv.conf that are documented and hold no secret. */
export const CONF_KEYS: readonly string[] = [
  ...new Set(DCV_KEYS.filter(({ secret }) => secret !== true).map(({ key }) => key)),
];

/**
 * Reads lines of dcv.conf: `section/key` → the value's text, strings without their quotes. Of two equal keys the last one
 * counts, as it does for DCV. Pure.
 */
export function readConf(text: string | undefined): Record<string, string> {
  const values = [...confValues(text ?? '')];
  return Object.fromEntries(values.map(([name, value]) => [name, stringInQuotes(value) ?? value]));
}
