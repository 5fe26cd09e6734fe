import { CATALOGUE } from './catalogue.ts';
import type { Check, Finding, Severity } from './check.ts';
import type { FactSet } from './facts/fleet.ts';

/** What is wrong, causes only. */
export interface Diagnosis {
  /** Errors first, then in the catalogue's order. */
  readonly findings: readonly DiagnosedFinding[];
  /** Findings that merely follow from others. */
  readonly silenced: readonly SilencedFinding[];
  /** How many checks were run. */
  readonly checks: number;
}

/** Its severity is the worst of its own and of what follows from it: a small cause of a great trouble is a great one. */
export interface DiagnosedFinding extends Finding {
  readonly title: string;
  readonly why: string;
  /** How many other findings follow from this one and are not shown. */
  readonly silences: number;
}

export interface SilencedFinding extends Finding {
  /** The check and the subject that it follows from. */
  readonly because: { readonly check: string; readonly subject: string };
}

const WEIGHT = { error: 0, warning: 1, note: 2 } as const;

/** Runs the catalogue over a set of facts and keeps causes apart from what follows from them. Pure. */
export function diagnose(facts: FactSet, catalogue: readonly Check[] = CATALOGUE): Diagnosis {
  const byId = new Map(catalogue.map((check) => [check.id, check]));
  const found = catalogue.flatMap((check) => check.run(facts));
  const silenced: SilencedFinding[] = [];
  const causes: Finding[] = [];
  for (const finding of found) {
    const cause = causeOf(finding, finding.follows ?? byId.get(finding.check)?.follows ?? [], found);
    if (cause === undefined) causes.push(finding);
    else silenced.push({ ...finding, because: { check: cause.check, subject: cause.subject } });
  }
  const findings = causes
    .map((finding) => describe(finding, byId, silenced))
    .sort((one, other) => WEIGHT[one.severity] - WEIGHT[other.severity]);
  return { findings, silenced, checks: catalogue.length };
}

/** A note explains nothing: only what is wrong has consequences. */
function causeOf(
  finding: Finding,
  follows: readonly string[],
  found: readonly Finding[],
): Finding | undefined {
  const places = new Set([finding.subject, ...(finding.involves ?? [])]);
  return found.find(
    (other) => follows.includes(other.check) && other.severity !== 'note' && concerns(other, places),
  );
}

/** Is it about one of these hosts? What is wrong with this machine is about all, unless it names those that it is about. */
function concerns({ subject, involves }: Finding, places: ReadonlySet<string>): boolean {
  if (subject !== 'operator') return places.has(subject);
  return places.has('operator') || involves === undefined || involves.some((host) => places.has(host));
}

function describe(
  finding: Finding,
  byId: ReadonlyMap<string, Check>,
  silenced: readonly SilencedFinding[],
): DiagnosedFinding {
  const check = byId.get(finding.check);
  const following = silenced.filter((other) => rootOf(other, silenced) === keyOf(finding));
  return {
    ...finding,
    severity: worst([finding.severity, ...following.map(({ severity }) => severity)]),
    title: check?.title ?? finding.check,
    why: check?.why ?? '',
    silences: following.length,
  };
}

function worst(severities: readonly Severity[]): Severity {
  return severities.reduce((one, other) => (WEIGHT[other] < WEIGHT[one] ? other : one));
}

const keyOf = ({ check, subject }: { readonly check: string; readonly subject: string }): string =>
  `${check} ${subject}`;

/** A consequence of a consequence counts for the first cause. */
function rootOf(finding: SilencedFinding, silenced: readonly SilencedFinding[]): string {
  const seen = new Set<string>();
  let at = keyOf(finding.because);
  for (;;) {
    const next = silenced.find((other) => keyOf(other) === at);
    if (next === undefined || seen.has(at)) return at;
    seen.add(at);
    at = keyOf(next.because);
  }
}
