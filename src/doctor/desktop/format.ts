import { formatHint } from '../../report/print-error.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import type { Style } from '../../report/style.ts';
import { formatTable } from '../../report/table.ts';
import type { DesktopNeed, DesktopReport } from './needs.ts';

const STATE: Record<DesktopNeed['state'], string> = {
  ok: 'ok',
  missing: 'missing',
  'not-needed': 'not needed',
  unknown: 'unknown',
};

/** What an agent's desktops need and what is there, for people: a table, what else is wrong, packages, the next commands. */
export function formatDesktopReport(report: DesktopReport, style: Style): string {
  const { agent, distribution, dcv, shows, needs, also } = report;
  const table = formatTable(
    [
      { heading: 'NEED', cell: ({ need }: DesktopNeed) => need },
      {
        heading: 'STATE',
        cell: ({ state }) => STATE[state],
        style: (text, { state }) => mark(text, state, style),
      },
      { heading: 'FOUND', cell: ({ found }) => found },
    ],
    needs,
  );
  const sessions = shows.length === 0 ? 'no sessions' : `${shows.join(' and ')} sessions`;
  const about = [distribution, dcv === '' ? 'DCV' : (dcv ?? 'no DCV'), sessions];
  const remedies = [...needs, ...also].flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy]));
  return [
    `${style.bold(sanitiseLine(agent))}  ${sanitiseLine(about.join(', '))}`,
    ...indented(table),
    ...also.map(({ seen }) => `  ${style.warning('!')} ${sanitiseLine(seen)}`),
    `  packages: ${packageList(report)}`,
    ...formatHint(remedies.length === 0 ? undefined : [...new Set(remedies)].join('\n'), style),
    '',
  ].join('\n');
}

function indented(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);
}

function mark(text: string, state: DesktopNeed['state'], style: Style): string {
  if (state === 'missing') return style.bad(text);
  return state === 'ok' ? style.good(text) : style.dim(text);
}

function packageList({ packages }: DesktopReport): string {
  if (packages === undefined) return 'the package manager does not answer';
  const list = Object.entries(packages).map(([name, version]) => sanitiseLine(`${name} ${version}`));
  return list.length === 0 ? 'none that matter here' : list.join(', ');
}
