import { explainLine } from '../../../dcv/signatures.ts';
import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import type { AgentFacts, SignatureFacts } from '../../facts/agent.ts';
import type { WantedSession } from '../../facts/fleet.ts';
import type { SystemFacts } from '../../facts/system.ts';
import { isAboutLicence } from '../../licence-signs.ts';
import { shows, wantedSessions } from '../../sessions.ts';
import { unitOf } from '../../units.ts';
import { NO_ANSWER } from './causes.ts';

/** Known signs of trouble in DCV's logs that no other check looks at. */
export const logSignatures = agentCheck({
  id: 'agent/log-signatures',
  severity: 'warning',
  title: 'DCV’s logs show trouble',
  why: 'What is logged once has kept somebody from working, and mostly comes again.',
  remedy: 'dcvops logs AGENT',
  symptoms: ['service'],
  follows: [...NO_ANSWER, 'agent/session-missing', 'agent/session-dead', 'agent/licence'],
  look: ({ name, agent, system, set }) =>
    agent.signatures
      .filter(
        (sign) =>
          !hasItsCheck(sign, system, shows('console', { name, agent }, set)) &&
          !isOver(sign, wantedSessions(name, set), agent),
      )
      .map((sign) => {
        const explained = explainLine(sign.line, { host: name });
        return {
          severity: VIEWERS_OWN.has(sign.id) ? ('note' as const) : ('warning' as const),
          seen: `${explained?.meaning ?? sign.id} (${sign.count === 1 ? 'once' : `${sign.count} times`} in 24 hours)`,
          evidence: [sign.line],
          remedy: explained?.next ?? asRoot(name, 'tail', '-n', '50', '/var/log/dcv/server.log'),
        };
      }),
});

/** Lines that other checks are about. */
const ELSEWHERE = new Set(['quic', 'out-of-memory']);

/** What a viewer, or a network on the way to one, does. */
const VIEWERS_OWN = new Set(['unknown-session', 'not-allowed', 'no-frame-ack', 'frames-dropped']);

function hasItsCheck(sign: SignatureFacts, system: SystemFacts, consoleShown: boolean): boolean {
  if (sign.id === 'selinux') return system.selinux?.mode === 'enforcing';
  if (sign.id === 'crash') return (unitOf(system, 'dcvserver.service')?.restarts ?? 0) > 0;
  if (sign.id === 'x-access') return consoleShown;
  return isAboutLicence(sign) || ELSEWHERE.has(sign.id);
}

/** What kept a session from being created is no trouble any more once all that are wanted are there, made after it. */
function isOver(
  { id, at }: SignatureFacts,
  wanted: readonly WantedSession[],
  { sessions = [] }: AgentFacts,
): boolean {
  if (id !== 'create-failed' && id !== 'x-server-running') return false;
  const there = sessions.filter(
    ({ createdAt }) => at === undefined || createdAt === undefined || createdAt > at,
  );
  return wanted.every((one) => there.some((session) => session.id === one.id));
}
