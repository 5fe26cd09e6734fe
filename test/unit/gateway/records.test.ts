import { describe, expect, it } from 'vitest';
import { readRecords } from '../../../src/gateway/records.ts';

async function read(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk as string));
  }
  const found: string[] = [];
  for await (const { name, value } of readRecords(stream())) found.push(`${name}=${value}`);
  return found;
}

describe('records of the transaction script', () => {
  it('reads values of any text: empty, with line ends, with what looks like a record', async () => {
    expect(await read('ready 0\n\nlive 15\nnginx 5\nhello!\n\n')).toEqual([
      'ready=',
      'live=nginx 5\nhello!\n',
    ]);
  });

  it('counts bytes, not characters, and puts pieces together wherever the network cut them', async () => {
    const bytes = Buffer.from('who 6\nJörg!\nok 0\n\n');
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await read(...pieces)).toEqual(['who=Jörg!', 'ok=']);
  });

  it('drops a record that was cut off: its sender died in the middle', async () => {
    expect(await read('step 5\nstage\nstep 8\nvali')).toEqual(['step=stage']);
  });

  it.each([
    ['a banner of the login shell', 'Welcome to Ubuntu\n'],
    ['a length that is no number', 'live many\n'],
    ['a value that would fill the memory', 'live 999999999\n'],
    ['a line without an end', 'x'.repeat(2000)],
  ])('refuses %s instead of guessing', async (_what, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'failed', message: /unexpected/ });
  });
});
