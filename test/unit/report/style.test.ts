import { describe, expect, it } from 'vitest';
import { createStyle, useColour } from '../../../src/report/style.ts';

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
    expect(Object.values(createStyle(false)).map((paint: (text: string) => string) => paint('x'))).toEqual(
      Array(5).fill('x'),
    );
    expect(createStyle(true).bad('x')).toBe('\x1b[31mx\x1b[39m');
  });
});
