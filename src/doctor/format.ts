import { sanitise, sanitiseLine } from '../report/sanitise.ts';
import type { Style } from '../report/style.ts';
import { formatTable } from '../report/table.ts';
import type { Severity } from './check.ts';
import type { DiagnosedFinding, Diagnosis, SilencedFinding } from './diagnose.ts';
import type { FactSet } from './facts/fleet.ts';
import type { PathFacts, StepFacts } from './facts/path.ts';

/** With more ways than this only those are shown on which something is wrong. */
const MAX_PATHS = 20;
const MAX_EVIDENCE_LINES = 6;

const SIGN: Record<Severity, string> = { error: '✖', warning: '!', note: '·' };

/** The diagnosis as text for a terminal or a ticket: what was looked at, each finding with its remedy, the ways, a sum. Pure. */
export function formatDiagnosis(
  facts: FactSet,
  diagnosis: Diagnosis,
  style: Style,
  options: { readonly all: boolean },
): string {
  const { findings, silenced } = diagnosis;
  return [
    heading(facts, diagnosis),
    ...findings.map((finding) => formatFinding(finding, style)),
    ...(options.all && silenced.length > 0 ? [formatSilenced(silenced, style)] : []),
    formatPaths(facts, style),
    summary(facts, diagnosis, style),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function heading(facts: FactSet, { checks }: Diagnosis): string {
  const at = facts.collectedAt.slice(0, 16).replace('T', ' ');
  return `dcvops ${sanitiseLine(facts.dcvops)} doctor, ${at} UTC, ${sanitiseLine(facts.inventory.file)}: ${hostsOf(facts)}, ${checks} checks\n`;
}

function hostsOf({ hosts }: FactSet): string {
  const count = (role: 'proxy' | 'agent'): string[] => {
    const number = hosts.filter((host) => host.role === role).length;
    if (number === 0) return [];
    return [`${number} ${role === 'proxy' ? (number === 1 ? 'proxy' : 'proxies') : plural('agent', number)}`];
  };
  return [...count('proxy'), ...count('agent')].join(' and ') || 'no host';
}

/** One finding, a few lines: the sign, where, what it is called, what was seen, why it matters, and what to type. */
export function formatFinding(finding: DiagnosedFinding, style: Style): string {
  const paint = painterOf(finding.severity, style);
  const label = (text: string): string => style.dim(text.padEnd(7));
  const evidence = (finding.evidence ?? []).slice(-MAX_EVIDENCE_LINES);
  const remedy = finding.remedy.split('\n');
  const lines = [
    `${paint(SIGN[finding.severity])} ${style.bold(sanitiseLine(finding.subject))}  ${paint(finding.title)}  ${style.dim(finding.check)}`,
    `  ${label('seen')}${continued(sanitise(finding.seen))}`,
    ...evidence.map((line) => `  ${' '.repeat(7)}${style.dim('|')} ${sanitiseLine(line)}`),
    `  ${label('why')}${continued(finding.why)}`,
    ...remedy.map((line, index) => `  ${label(index === 0 ? 'next' : '')}${style.bold(sanitiseLine(line))}`),
    ...(finding.fix === undefined
      ? []
      : [`  ${label('or')}dcvops doctor --fix   (${sanitiseLine(finding.fix.title)})`]),
    ...(finding.silences === 0
      ? []
      : [
          `  ${style.dim(`${finding.silences} ${plural('finding', finding.silences)} that ${finding.silences === 1 ? 'follows' : 'follow'} from this ${finding.silences === 1 ? 'is' : 'are'} not shown (--all)`)}`,
        ]),
  ];
  return `${lines.join('\n')}\n`;
}

function continued(text: string): string {
  return text.split('\n').join(`\n  ${' '.repeat(7)}`);
}

function formatSilenced(silenced: readonly SilencedFinding[], style: Style): string {
  const lines = silenced.map(
    ({ subject, check, seen, because }) =>
      `  ${sanitiseLine(subject)}  ${sanitiseLine(seen)}  ${style.dim(`${check}, follows from ${because.check}`)}`,
  );
  return `Follows from the above:\n${lines.join('\n')}\n`;
}

function formatPaths({ paths, inventory }: FactSet, style: Style): string {
  const isWhole = (path: PathFacts): boolean => steps(path).every((step) => step?.ok === true);
  const shown = paths.length > MAX_PATHS ? paths.filter((path) => !isWhole(path)) : paths;
  if (shown.length === 0) return '';
  const several = inventory.proxies.length > 1;
  const cell = (step: StepFacts | undefined): string => {
    if (step === undefined) return '-';
    return step.ok ? `${Math.round(step.elapsedMs)} ms` : '✖';
  };
  return formatTable<PathFacts>(
    [
      {
        heading: 'THE WAY TO',
        cell: ({ agent, proxy }) => (several ? `${agent} through ${proxy}` : agent),
        style: style.bold,
      },
      { heading: 'ASKED', cell: ({ way }) => ASKED[way] },
      { heading: 'ROUTE', cell: ({ route }) => cell(route) },
      { heading: 'PAGE', cell: ({ page }) => cell(page) },
      { heading: 'WEBSOCKET', cell: ({ webSocket }) => cell(webSocket) },
      {
        heading: 'FIRST BROKEN',
        cell: (path) => steps(path).find((step) => step?.ok === false)?.detail ?? '',
      },
    ],
    shown,
  );
}

const ASKED = { direct: 'from here', tunnel: 'on the proxy', none: 'nowhere' } as const;

const steps = ({ route, page, webSocket }: PathFacts): readonly (StepFacts | undefined)[] => [
  route,
  page,
  webSocket,
];

function summary(facts: FactSet, { findings, silenced, checks }: Diagnosis, style: Style): string {
  if (findings.length === 0) {
    return `${style.good('✔')} nothing is wrong: ${checks} checks of ${hostsOf(facts)}\n`;
  }
  const number = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  const parts = (['error', 'warning', 'note'] as const).flatMap((severity) =>
    number(severity) === 0
      ? []
      : [painterOf(severity, style)(`${number(severity)} ${plural(severity, number(severity))}`)],
  );
  const hidden = silenced.length === 0 ? '' : `; ${silenced.length} more follow from these`;
  return `${parts.join(', ')}${hidden}\n`;
}

function painterOf(severity: Severity, style: Style): (text: string) => string {
  if (severity === 'error') return style.bad;
  return severity === 'warning' ? style.warning : (text) => text;
}

function plural(word: string, number: number): string {
  return number === 1 ? word : `${word}s`;
}
