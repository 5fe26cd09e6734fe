import { describe, expect, it } from 'vitest';
import { HUES, createStyle, useColour } from '../../../src/report/style.ts';

describe('colours: a log file full of escape sequences is of no use', () => {
  it.each([
    ['a terminal has them', {}, true],
    ['a pipe has none', { isTty: false }, false],
    ['--no-color takes them away', { wanted: false, env: { FORCE_COLOR: '1' } }, false],
    ['NO_COLOR takes them away, whatever it says', { env: { NO_COLOR: '0', FORCE_COLOR: '1' } }, false],
    ['an empty NO_COLOR says nothing', { env: { NO_COLOR: '' } }, true],
    ['FORCE_COLOR gives them to a pipe', { isTty: false, env: { FORCE_COLOR: '1' } }, true],
    ['FORCE_COLOR=0 takes them away', { env: { FORCE_COLOR: '0' } }, false],
    ['FORCE_COLOR=false takes them away', { env: { FORCE_COLOR: 'false' } }, false],
    ['a dumb terminal has none', { env: { TERM: 'dumb' } }, false],
  ])('%s', (_, given, expected) => {
    expect(useColour({ wanted: true, isTty: true, env: { TERM: 'xterm' }, ...given })).toBe(expected);
  });

  it('are off where they are not wanted, and end where they began where they are', () => {
    const { hue, ...plain } = createStyle(false);
    expect([...Object.values(plain), hue(3)].map((paint) => paint('x'))).toEqual(Array(7).fill('x'));
    expect(createStyle(true).bad('x')).toBe('\x1b[31mx\x1b[39m');
    expect(createStyle(true).inverse('x')).toBe('\x1b[7mx\x1b[27m');
    expect(createStyle(true).hue(HUES.length)('x')).toBe('\x1b[38;5;31mx\x1b[39m');
  });

  it.each(HUES)('hue %i can be read on black and on white', (colour) => {
    const light = luminance(colour);
    expect(1.05 / (light + 0.05)).toBeGreaterThan(3.5);
    expect((light + 0.05) / 0.05).toBeGreaterThan(3.5);
  });
});

/** Relative luminance, as WCAG 2.2 has it, of a colour of xterm's 6 by 6 by 6 cube. */
function luminance(colour: number): number {
  const levels = [0, 95, 135, 175, 215, 255];
  const place = colour - 16;
  const [red, green, blue] = [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map((level) => {
    const part = (levels[level] ?? NaN) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? NaN) + 0.7152 * (green ?? NaN) + 0.0722 * (blue ?? NaN);
}
