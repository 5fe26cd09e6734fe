import { sanitiseLine } from './sanitise.ts';

/** One column: its heading and how a row's cell reads. */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  /** Styles the padded cell; must not change its width. */
  readonly style?: (text: string, row: Row) => string;
}

/** Lays rows out in aligned columns, two spaces apart, no trailing spaces. Cells are sanitised. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => sanitiseLine(column.cell(row))));
  const widths = columns.map((column, index) =>
    Math.max(width(column.heading), ...cells.map((line) => width(line[index] ?? ''))),
  );
  const heading = columns.map((column, index) => pad(column.heading, widths[index] ?? 0)).join('  ');
  const body = rows.map((row, line) =>
    columns
      .map((column, index) => {
        const padded = pad(cells[line]?.[index] ?? '', widths[index] ?? 0);
        return column.style === undefined ? padded : column.style(padded, row);
      })
      .join('  '),
  );
  return [heading, ...body].map((line) => `${line.trimEnd()}\n`).join('');
}

function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

/** Terminal columns, counted in code points: host names, addresses and states hold no wide characters. */
function width(text: string): number {
  return Array.from(text).length;
}
