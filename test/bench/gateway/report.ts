import { formatTable } from '../../../src/report/table.ts';

/** One figure of the gateway with its goal. */
export interface Figure {
  readonly what: string;
  /** What it is compared with; undefined: it stands alone. */
  readonly against?: string;
  /** Values with their units. */
  readonly ours: string;
  readonly theirs?: string;
  /** What is judged: a ratio, or where nothing is compared the value itself. */
  readonly value: number;
  readonly goal: Goal;
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** The figures as a table. Pure. */
export function formatFigures(figures: readonly Figure[]): string {
  return formatTable<Figure>(
    [
      { heading: 'GATEWAY', cell: ({ what }) => what },
      { heading: 'AGAINST', cell: ({ against }) => against ?? '' },
      { heading: 'OURS', cell: ({ ours }) => ours },
      { heading: 'THEIRS', cell: ({ theirs }) => theirs ?? '' },
      { heading: 'RATIO', cell: ({ theirs, value }) => (theirs === undefined ? '' : value.toFixed(2)) },
      { heading: 'GOAL', cell: ({ goal }) => goalText(goal) },
      { heading: 'MET', cell: (figure) => (isMet(figure) ? 'yes' : 'no') },
    ],
    figures,
  );
}

function goalText(goal: Goal): string {
  return 'atLeast' in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
}

/** By the value as it is shown, so that no row says "1.50, at most 1.5, no". */
function isMet({ value, goal }: Figure): boolean {
  const shown = Number(value.toFixed(2));
  return 'atLeast' in goal ? shown >= goal.atLeast : shown <= goal.atMost;
}
