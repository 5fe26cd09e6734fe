import { chmod } from 'node:fs/promises';
import type { Fix, Finding } from '../../doctor/check.ts';
import type { FactSet } from '../../doctor/facts/fleet.ts';
import { DcvopsError } from '../../errors.ts';
import type { AgentHost, Host, Inventory } from '../../inventory/types.ts';
import type { Confirm } from '../../report/ask.ts';
import type { Emit } from '../../report/events.ts';
import { sanitiseLine } from '../../report/sanitise.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program, sh } from '../../shell/shell.ts';
import type { Remote } from '../../ssh/remote.ts';
import { createSessions } from '../session/create.ts';
import { restoreSessions } from '../session/restore.ts';

/** What mending works with. */
export interface FixContext {
  readonly inventory: Inventory;
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  readonly confirm: Confirm;
  readonly concurrency: number;
  /** For the audit log on the hosts: "anna@laptop". */
  readonly who: string;
}

/** A fix with the finding that asks for it. */
export interface PlannedFix {
  readonly finding: Finding;
  readonly fix: Fix;
}

/** What may be done, and what may not. */
export interface FixPlan {
  readonly doable: readonly PlannedFix[];
  /** Fixes that would end sessions in use, and were not allowed to. */
  readonly withheld: readonly PlannedFix[];
}

/** What became of one fix. */
export interface FixResult extends PlannedFix {
  readonly outcome: 'done' | 'failed';
  /** Why it failed; empty for one that was done. */
  readonly message: string;
}

/** Chooses the fixes of these findings; each once, and none that ends a session in use unless that is allowed. Pure. */
export function planFixes(
  facts: FactSet,
  findings: readonly Finding[],
  allow: { readonly endSessions: boolean },
): FixPlan {
  const planned = findings.flatMap((finding) =>
    finding.fix === undefined ? [] : [{ finding, fix: finding.fix }],
  );
  const once = planned.filter(
    ({ fix }, index) => planned.findIndex((other) => keyOf(other.fix) === keyOf(fix)) === index,
  );
  const isAllowed = ({ fix }: PlannedFix): boolean =>
    fix.endsSessions !== true || allow.endSessions || !isInUse(facts, fix);
  return { doable: once.filter(isAllowed), withheld: once.filter((one) => !isAllowed(one)) };
}

function keyOf(fix: Fix): string {
  return `${fix.kind} ${fix.kind === 'local-mode' ? fix.file : fix.host} ${fix.title}`;
}

/** Is anybody connected to a session of the host? Who cannot be asked may be there. */
function isInUse(facts: FactSet, fix: Fix): boolean {
  if (fix.kind === 'local-mode') return false;
  const agent = facts.hosts.find((host) => host.name === fix.host)?.agent;
  const sessions = agent?.sessions;
  if (sessions === undefined) return agent?.dcv !== undefined;
  return sessions.some(({ connections }) => (connections ?? 1) > 0);
}

/** Where a fix is done: a host's name, or "here". */
export function placeOfFix(fix: Fix): string {
  return fix.kind === 'local-mode' ? 'here' : fix.host;
}

/** Does what was planned: hosts side by side, the fixes of one host one after another. One that fails never stops the others. */
export async function applyFixes(context: FixContext, fixes: readonly PlannedFix[]): Promise<FixResult[]> {
  const places = [...new Set(fixes.map(({ fix }) => placeOfFix(fix)))];
  const results = await Promise.all(
    places.map(async (place) => {
      const done: FixResult[] = [];
      for (const planned of fixes.filter(({ fix }) => placeOfFix(fix) === place)) {
        done.push(await applyOne(context, planned));
      }
      return done;
    }),
  );
  return results.flat();
}

async function applyOne(context: FixContext, planned: PlannedFix): Promise<FixResult> {
  try {
    await carryOut(context, planned.fix);
    return { ...planned, outcome: 'done', message: '' };
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    // a usage error is about this command line as a whole, and what has no code is a bug
    if (code === undefined || code === 'usage' || code === 'interrupted') throw error;
    return { ...planned, outcome: 'failed', message };
  }
}

async function carryOut(context: FixContext, fix: Fix): Promise<void> {
  switch (fix.kind) {
    case 'local-mode':
      await chmod(fix.file, fix.mode);
      return;
    case 'create-session':
      await createMissing(context, fix);
      return;
    case 'restore-sessions':
      await restoreMissing(context, fix.host);
      return;
    case 'script': {
      const remote = await context.connect(hostCalled(context.inventory, fix.host));
      const result = await remote.run(audited(fix.script, context.who, fix.title), {
        timeoutMs: FIX_TIMEOUT_MS,
      });
      if (result.code === 0) return;
      const said = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-3).map(sanitiseLine);
      throw new DcvopsError('failed', said.join('; ') || `exit code ${result.code}`, { host: fix.host });
    }
  }
}

/** A service may take its time to start. */
const FIX_TIMEOUT_MS = 120_000;

/** The script, and a line in the host's audit log when it succeeds. */
function audited(script: Script, who: string, title: string): Script {
  return {
    ...script,
    text: lines(
      program`(`,
      script.text,
      program`)
code=$?`,
      sh`who=${who} what=${`doctor: ${title}`}`,
      program`
if [ "$code" -eq 0 ] && mkdir -p -m 700 /var/lib/dcvops 2>/dev/null; then
  printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$who" "$what" >>/var/lib/dcvops/audit.log
fi
exit "$code"`,
    ),
  };
}

async function createMissing(
  context: FixContext,
  { host, sessionId }: Extract<Fix, { kind: 'create-session' }>,
): Promise<void> {
  const agent = agentCalled(context.inventory, host);
  const { type, user, owner, id } = context.inventory.sessions;
  const [created] = await createSessions(
    { ...context, emit: () => undefined },
    [
      {
        agent,
        session: { type, user, owner, id: sessionId },
        command: { agent: host, id: sessionId === id ? undefined : sessionId, options: [] },
      },
    ],
    { replace: false, endSessions: false, startService: false },
  );
  if (created?.outcome === 'done' || created?.outcome === 'unchanged') return;
  throw new DcvopsError('failed', created?.message ?? 'no answer', { host });
}

async function restoreMissing(context: FixContext, host: string): Promise<void> {
  const restored = await restoreSessions(
    { ...context, emit: () => undefined },
    [agentCalled(context.inventory, host)],
    { dryRun: false, startService: false },
  );
  const failed = restored.filter(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged');
  if (failed.length === 0) return;
  throw new DcvopsError('failed', [...new Set(failed.map(({ message }) => message))].join('; '), { host });
}

/** @throws TypeError where it is a proxy, for which no fix creates sessions */
function agentCalled(inventory: Inventory, name: string): AgentHost {
  const host = hostCalled(inventory, name);
  if (host.role !== 'agent') throw new TypeError(`${name} is no agent`);
  return host;
}

/** A host of the inventory, or an address that was typed. @throws TypeError for one that no facts could name */
function hostCalled(inventory: Inventory, name: string): Host {
  const host = [...inventory.proxies, ...inventory.agents].find((one) => one.name === name);
  if (host !== undefined) return host;
  return {
    role: 'agent',
    adHoc: true,
    state: 'in-service',
    access: { allow: 'any', deny: [] },
    name,
    host: name,
    tags: [],
    ssh: inventory.agentDefaults,
    position: { file: inventory.file, line: 0 },
  } satisfies AgentHost;
}
