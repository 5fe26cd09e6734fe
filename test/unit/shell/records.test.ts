import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  parseRecords,
  readRecords,
  recordReader,
  SAY,
  type ScriptRecord,
} from '../../../src/shell/records.ts';
import { lines, program } from '../../../src/shell/shell.ts';

/** What a shell that runs under LC_ALL=C, as on a host, tells. */
function told(value: string, [shell = '', ...options]: readonly string[] = ['sh']): string {
  const script = lines(SAY, program`say value "$1"; say after ''`).toString();
  return execFileSync(shell, [...options, '-c', script, 'sh', value], {
    env: { LC_ALL: 'C' },
    encoding: 'utf8',
  });
}

describe('records: a value must not be able to pass for a record', () => {
  it.each([
    '',
    'x',
    'two\nlines',
    'after\n|.\n.\n',
    'ends\n\n',
    'é–漢',
    '%s %d \\n',
    '-n',
    ' \t ',
    '|',
    '\r\n',
    '\n\n\n',
    '${x} `y` * [a] \\',
  ])('carries %j', (value) => {
    expect(parseRecords(told(value))).toEqual([
      { name: 'value', value },
      { name: 'after', value: '' },
    ]);
  });

  it.each([3_999, 4_000, 4_001, 100_000])(
    'carries %d characters in many lines, in dash and in bash',
    (length) => {
      const value = 'a line\n|\n.\n\n'.repeat(length).slice(0, length);
      for (const shell of [['sh'], ['bash', '--norc']]) {
        expect(parseRecords(told(value, shell)).map((record) => record.value)).toEqual([value, '']);
      }
    },
  );

  it('carries bytes that are not UTF-8, as old logs hold them', () => {
    const script = lines(SAY, program`say value "$(printf 'a\377b')"; say after ''`).toString();
    const output = execFileSync('sh', ['-c', script], { env: { LC_ALL: 'C' } }).toString('utf8');
    expect(parseRecords(output).map(({ value }) => value)).toEqual(['a\ufffdb', '']);
  });

  it('reads pieces of any size as they come', () => {
    const records: ScriptRecord[] = [];
    const read = recordReader((record) => records.push(record));
    for (const piece of told('two\nlines – é')) read(piece);
    expect(records.map(({ name }) => name)).toEqual(['value', 'after']);
    expect(records[0]?.value).toBe('two\nlines – é');
  });

  it('drops what was cut off', () => {
    expect(parseRecords('value\n|half')).toEqual([]);
  });

  it('refuses what no script of ours says', () => {
    expect(() => parseRecords('Welcome to agent1!\nvalue\n|x\n.\n')).toThrow(
      /said something unexpected: Welcome/,
    );
  });
});

describe('records of a script that is still running', () => {
  async function read(...chunks: Uint8Array[]): Promise<string[]> {
    async function* stream(): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks) yield await Promise.resolve(chunk);
    }
    const found: string[] = [];
    for await (const { name, value } of readRecords(stream())) found.push(`${name}=${value}`);
    return found;
  }

  it('are put together wherever the network cut them, also inside a character', async () => {
    const bytes = Buffer.from('who\n|Jörg\n.\nok\n|\n.\n');
    expect(await read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(['who=Jörg', 'ok=']);
  });

  it('end where their sender died', async () => {
    expect(await read(Buffer.from('step\n|stage\n.\nstep\n|vali'))).toEqual(['step=stage']);
  });

  it.each([
    ['a banner of the login shell', 'Welcome to Ubuntu\n'],
    ['a line that would fill the memory', 'x'.repeat(2 * 1024 * 1024)],
  ])('%s is refused instead of guessed at', async (_what, text) => {
    await expect(read(Buffer.from(text))).rejects.toMatchObject({ code: 'failed', message: /unexpected/ });
  });
});
