import { formatTable } from '../../src/report/table.ts';

/** One figure with its goal. */
export interface Row {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Figures as a table. @param heading of its first column */
export function formatGoals(heading: string, rows: readonly Row[]): string {
  return formatTable<Row>(
    [
      { heading, cell: (row) => row.what },
      { heading: 'GOAL', cell: (row) => row.goal },
      { heading: 'MEASURED', cell: (row) => row.measured },
      { heading: 'MET', cell: (row) => (row.met ? 'yes' : 'no') },
    ],
    rows,
  );
}
