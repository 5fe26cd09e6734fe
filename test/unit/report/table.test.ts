import { describe, expect, it } from 'vitest';
import { type Column, formatTable } from '../../../src/report/table.ts';

interface Row {
  readonly name: string;
  readonly state: string;
}

const COLUMNS: Column<Row>[] = [
  { heading: 'HOST', cell: (row) => row.name },
  { heading: 'STATE', cell: (row) => row.state },
];

describe('a table', () => {
  it.each([
    [[], 'HOST  STATE\n'],
    [
      [
        { name: 'agent1', state: 'up' },
        { name: 'a-long-name', state: '' },
      ],
      'HOST         STATE\nagent1       up\na-long-name\n',
    ],
    // counted as a person counts, not in UTF-16 units
    [[{ name: '🖥é', state: 'x' }], 'HOST  STATE\n🖥é    x\n'],
  ])('is aligned, two spaces apart, without trailing spaces: %j', (rows, text) => {
    expect(formatTable(COLUMNS, rows)).toBe(text);
  });

  it('keeps its shape whatever a host put into a cell', () => {
    expect(formatTable(COLUMNS, [{ name: 'a\nb', state: '\x1b[2J' }])).toBe('HOST  STATE\na\\nb  \\x1b[2J\n');
  });

  it('is aligned under colours, too', () => {
    const painted = COLUMNS.map((column) => ({ ...column, style: (text: string) => `<${text}>` }));
    expect(formatTable(painted, [{ name: 'x', state: 'up' }])).toBe('HOST  STATE\n<x   >  <up   >\n');
  });
});
