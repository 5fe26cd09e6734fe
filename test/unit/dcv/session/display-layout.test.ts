import { describe, expect, it } from 'vitest';
import { formatLayout, parseLayout } from '../../../../src/dcv/session/display-layout.ts';

describe('parseLayout: screens that cannot be are refused before anything is sent', () => {
  it.each([
    ['1920x1080+0+0', '1920x1080+0+0'],
    ['1440x900', '1440x900+0+0'],
    ['1920x1080+0+0,800x600+1920+0', '1920x1080+0+0,800x600+1920+0'],
    ['800x600+0+0, 800x600+-800+0', '800x600+0+0,800x600+-800+0'],
  ])('%s', (text, layout) => {
    expect(formatLayout(parseLayout(text))).toBe(layout);
  });

  it.each([
    ['', /no display layout/],
    ['full', /no display layout/],
    ['1920', /no display layout/],
    ['1920*1080', /no display layout/],
    ['1920x1080+0', /no display layout/],
    ['1920x1080+0+0,', /no display layout/],
    ['1920x1080+0+0;reboot', /no display layout/],
    ['0x1080', /0x1080 cannot be/],
    ['99999x1', /cannot be/],
    ['800x600,1024x768', /same place/],
  ])('refuses %j', (text, message) => {
    expect(() => parseLayout(text)).toThrow(message);
  });
});
