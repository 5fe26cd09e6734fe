import { formatTable } from '../../src/report/table.ts';
import type { Breakdown, Breakdowns } from './breakdown.ts';
import { FIGURES, type Figure, type FigureId } from './figures.ts';
import type { ListTimes } from './list-times.ts';
import { type Pairs, mediansOf } from './measure.ts';

/** What became of a figure: measured, or why not. */
export type Measured = Pairs | { readonly missing: string };

export interface Results {
  readonly figures: ReadonlyMap<FigureId, Measured>;
  readonly breakdowns: Breakdowns | undefined;
  readonly list: ListTimes | undefined;
}

/** Everything that the benchmark says. Pure. */
export function formatReport(results: Results): string {
  const sections = [
    formatFigures(results.figures),
    results.breakdowns === undefined ? '' : formatBreakdowns(results.breakdowns),
    formatSlow(results),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

/** The table of figures, in the order that they are asked for. */
export function formatFigures(figures: Results['figures']): string {
  const rows = Object.values(FIGURES).flatMap((figure) => {
    const measured = figures.get(figure.id);
    return measured === undefined ? [] : [{ figure, cells: cellsOf(figure, measured) }];
  });
  return formatTable(
    [
      { heading: 'WHAT', cell: ({ figure }) => figure.what },
      { heading: 'AGAINST', cell: ({ figure }) => figure.against },
      { heading: 'OURS', cell: ({ cells }) => cells.ours },
      { heading: 'THEIRS', cell: ({ cells }) => cells.theirs },
      { heading: 'RATIO', cell: ({ cells }) => cells.ratio },
      { heading: 'AT MOST', cell: ({ figure }) => figure.atMost.toFixed(1) },
      { heading: 'MET', cell: ({ cells }) => cells.met },
    ],
    rows,
  );
}

interface Cells {
  readonly ours: string;
  readonly theirs: string;
  readonly ratio: string;
  readonly met: string;
}

function cellsOf(figure: Figure, measured: Measured): Cells {
  if ('missing' in measured) return { ours: '-', theirs: '-', ratio: '-', met: measured.missing };
  const { ours, theirs, ratio } = mediansOf(measured);
  return {
    ours: milliseconds(ours),
    theirs: milliseconds(theirs),
    ratio: ratio.toFixed(2),
    met: isMet(figure, measured) ? 'yes' : 'no',
  };
}

/** By the ratio as it is shown, so that no row says "2.00, at most 2.0, no". */
function isMet(figure: Figure, measured: Pairs): boolean {
  return Number(mediansOf(measured).ratio.toFixed(2)) <= figure.atMost;
}

function formatBreakdowns({ deploys, rivals }: Breakdowns): string {
  const tables = deploys.map(
    (one) =>
      `${one.command}: ${summaryOf(one)}\n${formatTable(
        [
          { heading: '  STEP', cell: (step) => `  ${step.name}` },
          { heading: 'TIME', cell: (step) => milliseconds(step.ms) },
          { heading: 'ROUND TRIPS', cell: (step) => String(step.roundTrips) },
          { heading: 'SSH', cell: (step) => opened(step.ssh) },
          { heading: 'HTTPS', cell: (step) => opened(step.https) },
        ],
        one.steps,
      )}`,
  );
  const others = rivals.map(({ command, roundTrips }) => `${command}: ${roundTrips} round trips\n`);
  return [...tables, others.join('')].join('\n');
}

function summaryOf({ steps, connections, channels }: Breakdown): string {
  const trips = steps.reduce((sum, step) => sum + step.roundTrips, 0);
  return `${trips} round trips; ${count(connections, 'SSH connection')}, ${count(channels, 'channel')} on it`;
}

/** For each figure that is not met: where the time goes. */
function formatSlow(results: Results): string {
  const lines = Object.values(FIGURES).flatMap((figure) => {
    const measured = results.figures.get(figure.id);
    if (measured === undefined || 'missing' in measured || isMet(figure, measured)) return [];
    return [
      `Slower than asked: ${figure.what}, against ${figure.against}. ${whereOf(figure, measured, results)}\n`,
    ];
  });
  return lines.join('');
}

function whereOf(figure: Figure, measured: Pairs, { breakdowns, list }: Results): string {
  const { ours, theirs } = mediansOf(measured);
  switch (figure.id) {
    case 'version':
      return `Node itself ${milliseconds(theirs)}, loading and running the program ${milliseconds(ours - theirs)}.`;
    case 'list':
      return list === undefined ? '' : whereOfList(list);
    case 'script':
    case 'ansible':
      return whereOfDeploy(breakdowns?.deploys[0]);
    case 'unchanged':
      return whereOfDeploy(breakdowns?.deploys[1]);
  }
}

function whereOfDeploy(breakdown: Breakdown | undefined): string {
  if (breakdown === undefined) return '';
  const steps = [...breakdown.steps].sort((a, b) => b.ms - a.ms);
  return `Most of it: ${steps
    .slice(0, 3)
    .map((step) => `${step.name} ${milliseconds(step.ms)}`)
    .join(', ')}.`;
}

function whereOfList({ agents, totalMs, connectMs, scriptMs, busy }: ListTimes): string {
  return (
    `A list over ${agents} agents took ${milliseconds(totalMs)}; at the median, an agent's login took ` +
    `${milliseconds(connectMs)} and its script ${milliseconds(scriptMs)}; the cores of this machine, which all hosts share, ` +
    `were ${Math.round(busy * 100)} % busy.`
  );
}

function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function opened(connections: number): string {
  return connections === 0 ? '' : String(connections);
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
