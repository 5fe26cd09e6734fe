import { styleText } from 'node:util';

/** The few styles that dcvops uses; the identity where colours are off. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
  /** Foreground and background swapped: what is looked for. */
  readonly inverse: (text: string) => string;
  /** One of {@link HUES}, to tell things apart that are equally good; any whole number that is not negative is an index. */
  readonly hue: (index: number) => (text: string) => string;
}

/**
 * Colours of xterm's 256 for which WCAG gives a contrast of at least 3.5 on black and on white: they read on any terminal,
 * whatever its sixteen named colours are. None looks like the red of what is bad.
 */
export const HUES: readonly number[] = [31, 130, 28, 134, 100, 163, 27, 29, 132, 63];

export function createStyle(colour: boolean): Style {
  const paint =
    (format: 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'inverse') =>
    (text: string): string =>
      colour ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    good: paint('green'),
    warning: paint('yellow'),
    bad: paint('red'),
    inverse: paint('inverse'),
    // styleText knows the named colours only
    hue: (index) => (text) => (colour ? `\x1b[38;5;${HUES[index % HUES.length] ?? 0}m${text}\x1b[39m` : text),
  };
}

/** What decides on colours for one stream. */
export interface ColourChoice {
  /** False with `--no-color`. */
  readonly wanted: boolean;
  readonly isTty: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** `--no-color` wins, then NO_COLOR (no-color.org: any non-empty value), then FORCE_COLOR, then the terminal. */
export function useColour(choice: ColourChoice): boolean {
  if (!choice.wanted || (choice.env['NO_COLOR'] ?? '') !== '') return false;
  const force = choice.env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return choice.isTty && choice.env['TERM'] !== 'dumb';
}
