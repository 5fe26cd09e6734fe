import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskLines } from '../../../../src/logs/bundle/mask-lines.ts';

async function* pieces(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

async function masked(
  chunks: readonly (Uint8Array | string)[],
  maskLine: (line: string) => string | undefined = (line) => line.replaceAll('secret', '***'),
  beginningIsMissing = false,
): Promise<Buffer> {
  const out: Buffer[] = [];
  const bytes = chunks.map((chunk) => Buffer.from(chunk));
  for await (const chunk of maskLines(pieces(bytes), maskLine, beginningIsMissing)) out.push(chunk);
  return Buffer.concat(out);
}

describe('maskLines', () => {
  it.each([
    ['a\nsecret b\n', 'a\n*** b\n'],
    ['no end: secret', 'no end: ***'],
    ['', ''],
    ['\n\n', '\n\n'],
    ['windows secret\r\n', 'windows ***\r\n'],
    ['Zoë’s secret\n', 'Zoë’s ***\n'],
  ])('masks %j', async (text, expected) => {
    expect((await masked([text])).toString()).toBe(expected);
  });

  it('hides a secret however it was cut into pieces, and loses nothing else', async () => {
    const text = fc
      .array(fc.constantFrom('secret', 'é', '\n', 'a', '\xff', '\r'))
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(100)), async (whole, cuts) => {
        const bytes = Buffer.from(whole, 'utf8');
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect((await masked(chunks)).toString()).toBe(whole.replaceAll('secret', '***'));
      }),
    );
  });

  it('keeps bytes that are no UTF-8, and masks beside them', async () => {
    const line = Buffer.from([0xff, 0xfe, 0x20]);
    const result = await masked([Buffer.concat([line, Buffer.from('secret\n')])]);
    expect(result).toEqual(Buffer.concat([line, Buffer.from('***\n')]));
  });

  it('drops the first line of a text whose beginning is missing: it may begin within a secret', async () => {
    expect((await masked(['cret=x\nb\n'], undefined, true)).toString()).toBe('b\n');
  });

  it('leaves out the lines that the mask leaves out', async () => {
    expect((await masked(['a\nkey\nb'], (line) => (line === 'key' ? undefined : line))).toString()).toBe(
      'a\nb',
    );
  });

  it('shortens a line that would fill the memory, and says by how much', async () => {
    const long = 'x'.repeat(100_000);
    const result = (await masked([long, long, long, '\nb\n'])).toString();
    expect(result.length).toBeLessThan(263_000);
    expect(result.slice(262_140)).toBe('xxxx [37856 bytes of this line left out]\nb\n');
  });
});
