import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAssembler } from '../../../src/logs/assemble.ts';
import type { LogFormat } from '../../../src/logs/record.ts';

function assembler(format: LogFormat) {
  return createAssembler({
    host: 'agent1',
    source: 'dcv',
    file: '/var/log/dcv/server.log',
    format,
    context: { utcOffsetMinutes: 0 },
  });
}

const ENTRY = '2026-11-25 12:49:13,000001 [ 1:1 ] ERROR handler - first';
const NEXT = '2026-11-25 12:49:14,000001 [ 1:1 ] INFO  handler - next';
const ENTRY_US = Date.UTC(2026, 10, 25, 12, 49, 13) * 1000 + 1;

describe('createAssembler: an entry of several lines is one record', () => {
  it('says where a record comes from', () => {
    expect(assembler('dcv').take([ENTRY])).toEqual([
      {
        timeUs: ENTRY_US,
        level: 'error',
        component: 'handler',
        message: 'first',
        fields: { pid: 1, tid: 1 },
        access: undefined,
        host: 'agent1',
        source: 'dcv',
        file: '/var/log/dcv/server.log',
        raw: ENTRY,
      },
    ]);
  });

  it.each<[string, LogFormat, string[], [message: string, raw: string][]]>([
    ['no lines', 'dcv', [], []],
    [
      'lines that go on',
      'dcv',
      [ENTRY, '  a', '  b', NEXT],
      [
        ['first\n  a\n  b', `${ENTRY}\n  a\n  b`],
        ['next', NEXT],
      ],
    ],
    [
      'empty lines, which say nothing at the end',
      'dcv',
      [ENTRY, '', 'a', '', '', NEXT],
      [
        ['first\n\na', `${ENTRY}\n\na\n\n`],
        ['next', NEXT],
      ],
    ],
    [
      'text before the first entry',
      'dcv',
      ['lost', 'too', NEXT],
      [
        ['lost\ntoo', 'lost\ntoo'],
        ['next', NEXT],
      ],
    ],
    ['an empty line before the first entry', 'dcv', ['', NEXT], [['next', NEXT]]],
    [
      'plain text, a record each',
      'text',
      ['a', '  b', '', 'c'],
      [
        ['a', 'a'],
        ['  b', '  b\n'],
        ['c', 'c'],
      ],
    ],
    [
      'broken JSON, which belongs to no other entry',
      'nginx-json',
      ['{"msg":"a"}', '{"msg":'],
      [
        ['a', '{"msg":"a"}'],
        ['{"msg":', '{"msg":'],
      ],
    ],
  ])('%s', (_what, format, lines, wanted) => {
    const records = assembler(format).take(lines);
    expect(records.map(({ message, raw }) => [message, raw])).toEqual(wanted);
  });

  it('gives what comes too late as a record of its own, with the time of its entry', () => {
    const { take } = assembler('dcv');
    take([NEXT, ENTRY, 'a']);
    const wanted = { timeUs: ENTRY_US, level: 'error', component: 'handler', fields: {} };
    expect(take(['', 'b', 'c'])).toMatchObject([{ ...wanted, message: 'b\nc', raw: 'b\nc' }]);
    expect(take(['d', NEXT])).toMatchObject([{ ...wanted, message: 'd' }, { message: 'next' }]);
    expect(take([''])).toEqual([]);
  });

  it('lets no record grow without end', () => {
    const line = 'x'.repeat(1000);
    const records = assembler('dcv').take([
      ENTRY,
      ...Array<string>(200).fill(line),
      ...Array<string>(200_000).fill(''),
    ]);
    expect(records.length).toBeGreaterThan(3);
    for (const record of records) {
      expect(record.raw.length).toBeLessThanOrEqual(64 * 1024);
      expect(record).toMatchObject({ timeUs: ENTRY_US, level: 'error', component: 'handler' });
    }
    expect(
      records
        .map(({ raw }) => raw)
        .join('')
        .match(/x/g),
    ).toHaveLength(200_000);
  });

  it('loses no line and changes their order never, however they are handed over', () => {
    const lines = fc.array(fc.constantFrom(ENTRY, NEXT, '  more', 'other'));
    fc.assert(
      fc.property(
        lines,
        fc.nat(),
        fc.constantFrom<LogFormat>('dcv', 'text', 'nginx-error'),
        (all, at, format) => {
          const { take } = assembler(format);
          const records = [...take(all.slice(0, at)), ...take(all.slice(at))];
          expect(records.flatMap(({ raw }) => raw.split('\n'))).toEqual(all);
        },
      ),
    );
  });
});
