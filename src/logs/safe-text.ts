import { sanitiseLine } from '../report/sanitise.ts';
import { mask } from './mask.ts';

/** What is shown of one text, in UTF-16 units: a line of a log may have 10 MB. */
const LONGEST = 16 * 1024;

/** What is read behind that, so that a secret at the cut is seen for what it is. */
const MARGIN = 1024;

/** The text's lines as a terminal may show them: secrets masked, not too long, control characters made visible. */
export function safeLines(text: string): string[] {
  const shown = maskAndCut(text);
  return shown.includes('\n') ? shown.split('\n').map(sanitiseLine) : [sanitiseLine(shown)];
}

/** The same in one line. */
export function safeLine(text: string): string {
  return sanitiseLine(maskAndCut(text));
}

function maskAndCut(text: string): string {
  if (text.length <= LONGEST) return mask(text);
  const masked = mask(text.slice(0, LONGEST + MARGIN));
  const end = isHighSurrogate(masked.charCodeAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
  return `${masked.slice(0, end)} … (${text.length - end} more characters)`;
}

/** The first half of a character that takes two units. */
function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
