import { describe, expect, it } from 'vitest';
import { readPngSize } from '../../../../src/dcv/session/png.ts';

/** One pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('readPngSize: what is saved as a picture is one', () => {
  it.each([
    ['a PNG', PNG, { width: 1, height: 1 }],
    ['one that was cut off', PNG.subarray(0, -1), undefined],
    ['its first bytes', PNG.subarray(0, 8), undefined],
    ['a JPEG', Buffer.from('ffd8ffe000104a464946', 'hex'), undefined],
    ['words', Buffer.from('Could not get screenshot'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ])('%s', (_what, bytes, size) => {
    expect(readPngSize(bytes)).toEqual(size);
  });
});
