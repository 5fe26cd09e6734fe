import { DcvopsError } from '../../errors.ts';
import type { DisplayHead } from '../types.ts';

/** X11 cannot have a screen that is wider or higher. */
const MOST_PIXELS = 32_767;

const EXAMPLE = 'WIDTHxHEIGHT+X+Y, several with commas: 1920x1080+0+0,1920x1080+1920+0';

/**
 * Reads a display layout as `dcv set-display-layout` takes it. A screen without a place is at +0+0.
 * @throws DcvopsError `usage` for what is none, or for two screens at the same place
 */
export function parseLayout(text: string): DisplayHead[] {
  const heads = text.split(',').map((part) => headOf(part, text));
  const places = new Set(heads.map(({ x, y }) => `${x} ${y}`));
  if (places.size < heads.length) {
    throw new DcvopsError('usage', `"${text}" puts two screens at the same place`, { hint: EXAMPLE });
  }
  return heads;
}

function headOf(part: string, whole: string): DisplayHead {
  const head = readHead(part);
  if (head === undefined) {
    throw new DcvopsError('usage', `"${whole}" is no display layout`, { hint: EXAMPLE });
  }
  const { width, height } = head;
  if ([width, height].some((size) => size < 1 || size > MOST_PIXELS)) {
    throw new DcvopsError('usage', `a screen of ${width}x${height} cannot be: 1 to ${MOST_PIXELS} pixels`);
  }
  return head;
}

/** `800x600+800+0`, or undefined. */
export function readHead(text: string): DisplayHead | undefined {
  const found = /^\s*(\d{1,6})x(\d{1,6})(?:\+(-?\d{1,6})\+(-?\d{1,6}))?\s*$/.exec(text);
  if (found === null) return undefined;
  const [, width, height, x = '0', y = '0'] = found;
  return { width: Number(width), height: Number(height), x: Number(x), y: Number(y) };
}

/** The layout as `dcv set-display-layout` takes it. */
export function formatLayout(heads: readonly DisplayHead[]): string {
  return heads.map(({ width, height, x, y }) => `${width}x${height}+${x}+${y}`).join(',');
}
