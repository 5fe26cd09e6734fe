import { type AgentFacts, parseAgentSessions } from '../../dcv/agent-facts.ts';
import { explainSilence } from '../../dcv/failures.ts';
import { type AgentWithSessions, sessionsCommand } from '../../dcv/session/again.ts';
import type { DcvSession } from '../../dcv/types.ts';
import { DcvopsError } from '../../errors.ts';
import type { ScriptRecord } from '../../shell/records.ts';

/** Why an agent does not tell its sessions. */
export function silenceError(
  agent: AgentWithSessions,
  facts: Pick<AgentFacts, 'service' | 'silence'> & { readonly installed: boolean },
): DcvopsError {
  if (!facts.installed) {
    return new DcvopsError('failed', 'DCV is not installed.', {
      host: agent.name,
      hint: 'install nice-dcv-server, nice-xdcv and nice-dcv-web-viewer there',
    });
  }
  if (facts.service === 'stopped') {
    return new DcvopsError('failed', 'dcvserver is stopped; there are no sessions.', {
      host: agent.name,
      hint: `${sessionsCommand(agent)} --start-service`,
    });
  }
  return new DcvopsError('failed', `dcv does not answer: ${explainSilence(facts.silence)}`, {
    host: agent.name,
    hint: `dcvops service status ${agent.name}`,
  });
}

/**
 * The sessions that a script told.
 * @throws DcvopsError `failed` that says why there are none to tell
 */
export function sessionsTold(
  agent: AgentWithSessions,
  records: readonly ScriptRecord[],
): readonly DcvSession[] {
  const facts = parseAgentSessions(records);
  if (facts.sessions === undefined) throw silenceError(agent, facts);
  return facts.sessions;
}
