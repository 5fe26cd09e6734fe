import { styleText } from 'node:util';

/** The few styles that dcvops uses; the identity where colours are off. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
}

export function createStyle(colour: boolean): Style {
  const paint =
    (format: 'bold' | 'dim' | 'green' | 'yellow' | 'red') =>
    (text: string): string =>
      colour ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    good: paint('green'),
    warning: paint('yellow'),
    bad: paint('red'),
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
