import type { Fix } from './check.ts';
import type { DiagnosedFinding, Diagnosis } from './diagnose.ts';
import type { FactSet } from './facts/fleet.ts';

/** A fix that was tried, as far as the document tells it. */
interface TriedFix {
  readonly fix: Fix;
  readonly finding: { readonly check: string; readonly subject: string };
  readonly outcome: 'done' | 'failed';
  readonly message: string;
}

/** The diagnosis as one JSON document, for programs. Pure. */
export function diagnosisAsJson(
  facts: FactSet,
  { findings, silenced, checks }: Diagnosis,
  fixes?: readonly TriedFix[],
): unknown {
  const count = (severity: string): number => findings.filter((one) => one.severity === severity).length;
  return {
    dcvops: facts.dcvops,
    collectedAt: facts.collectedAt,
    inventory: facts.inventory.file,
    hosts: facts.hosts.map(({ name, role, reach }) => ({ name, role, reached: reach.ok })),
    checks,
    errors: count('error'),
    warnings: count('warning'),
    notes: count('note'),
    findings: findings.map(findingAsJson),
    silenced: silenced.map(({ check, subject, severity, seen, because }) => ({
      check,
      subject,
      severity,
      seen,
      because,
    })),
    paths: facts.paths,
    ...(fixes === undefined
      ? {}
      : {
          fixes: fixes.map(({ fix, finding, outcome, message }) => ({
            check: finding.check,
            subject: finding.subject,
            title: fix.title,
            undo: fix.undo,
            outcome,
            message: message === '' ? undefined : message,
          })),
        }),
  };
}

function findingAsJson(finding: DiagnosedFinding): unknown {
  const { check, subject, severity, title, seen, evidence = [], why, remedy, fix, silences } = finding;
  return {
    check,
    subject,
    severity,
    title,
    seen,
    evidence,
    why,
    remedy: remedy.split('\n'),
    fix: fix === undefined ? undefined : { title: fix.title, undo: fix.undo },
    silences,
  };
}
