import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrames } from '../../../../src/logs/bundle/frames.ts';

async function* stream(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

/** Each frame in words. */
async function read(
  text: string | Uint8Array,
  size = 7,
  readContent = true,
  maxBytes = 1_000,
): Promise<string[]> {
  const told: string[] = [];
  for await (const frame of readFrames(stream(Buffer.from(text), size), maxBytes)) {
    if (frame.kind === 'end') told.push('end');
    else if (frame.kind === 'left-out') told.push(`${frame.folder} ${frame.name}: ${frame.reason}`);
    else {
      const chunks: Uint8Array[] = [];
      if (readContent) for await (const chunk of frame.content) chunks.push(chunk);
      told.push(`${frame.folder} ${frame.name}: ${Buffer.concat(chunks).toString()}`);
    }
  }
  return told;
}

const TWO =
  'piece logs 2 4 9 1795612556 0\n/aend\nleft-out journal 3 absent\nx\nypiece facts 1 0 0 0 127\nbend\n';

describe('readFrames', () => {
  it('reads pieces and what was left out, whatever their names and contents look like', async () => {
    expect(await read(TWO)).toEqual(['logs /a: end\n', 'journal x\ny: absent', 'facts b: ', 'end']);
  });

  it('reads the same when nobody is interested in the contents', async () => {
    expect(await read(TWO, 3, false)).toEqual(['logs /a: ', 'journal x\ny: absent', 'facts b: ', 'end']);
  });

  it('goes on after a piece that was read in part', async () => {
    const names: string[] = [];
    for await (const frame of readFrames(
      stream(Buffer.from('piece logs 1 6 6 0 0\naabcdefend\n'), 22),
      100,
    )) {
      names.push(frame.kind);
      if (frame.kind === 'piece') for await (const chunk of frame.content) if (chunk.length > 0) break;
    }
    expect(names).toEqual(['piece', 'end']);
  });

  it('gives any bytes back, in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.integer({ min: 1, max: 40 }), async (content, size) => {
        const header = `piece config 2 ${content.length} ${content.length} 1 0\n/a`;
        const bytes = Buffer.concat([Buffer.from(header), content, Buffer.from('end\n')]);
        const [frame, end] = await read(bytes, size);
        expect(frame).toBe(`config /a: ${Buffer.from(content).toString()}`);
        expect(end).toBe('end');
      }),
    );
  });

  it.each([
    ['', []],
    ['piece logs 2 4 4 0 0\n/aab', ['logs /a: ab']],
    ['piece logs 9 4 4 0 0\n/a', []],
    ['left-out logs 9 absent\n/a', []],
    ['piece logs 2 4', []],
  ])('ends without an end when the host does: %j', async (text, frames) => {
    expect(await read(text)).toEqual(frames);
  });

  it.each([
    ['a banner', 'Welcome to agent1!\n'],
    ['a banner without an end', 'x'.repeat(1_000)],
    ['a folder that nobody asked for', 'piece ../../etc 1 1 1 0 0\naa'],
    ['a reason that is none', 'left-out logs 1 toString\na'],
    ['a size that is no number', 'piece logs 1 -1 1 0 0\naa'],
    ['more than was asked for', 'piece logs 1 1001 1001 0 0\na'],
    [
      'more than was asked for, in small pieces',
      'piece logs 1 900 900 0 0\na' + 'x'.repeat(900) + 'piece logs 1 101 101 0 0\na',
    ],
    ['a name longer than any', 'piece logs 9999 1 1 0 0\na'],
  ])('refuses %s, so that a host cannot fill the disk here', async (_, text) => {
    await expect(read(text)).rejects.toThrow('the host said something unexpected');
  });
});
