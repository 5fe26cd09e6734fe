import { persistState } from '../../../dcv/persist/facts.ts';
import { agentCheck } from '../../check.ts';
import { declaredOn } from '../../sessions.ts';
import { NO_ANSWER } from './causes.ts';

/** Sessions end with dcvserver; those that the inventory declares come back only where the agent's own unit makes them. */
export const sessionsNotPersisted = agentCheck({
  id: 'agent/sessions-not-persisted',
  severity: 'warning',
  title: 'Declared sessions do not come back by themselves',
  why: 'Sessions end when dcvserver or the host restarts. Until somebody creates them again, people see "No session available".',
  remedy: 'dcvops session persist AGENT',
  symptoms: ['session'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent: { persisted }, set }) => {
    const declared = declaredOn(name, set);
    if (declared === undefined) return undefined;
    const remedy = `dcvops session persist ${name}`;
    const ids = declared.sessions.map(({ id }) => id).join(', ');
    if (persisted === undefined) {
      return {
        seen: `${ids} ${declared.sessions.length === 1 ? 'is declared, and nothing creates it' : 'are declared, and nothing creates them'}`,
        remedy,
      };
    }
    switch (persistState(persisted.fingerprint, persisted, declared.fingerprint)) {
      case 'outdated':
        return { seen: 'what the agent creates is not what the inventory declares any more', remedy };
      case 'disabled':
        return { seen: 'dcvops-sessions.service is not enabled', remedy };
      case 'failed':
        return {
          seen: 'dcvops-sessions.service failed when it last ran',
          remedy: `dcvops exec --sudo ${name} -- journalctl --unit=dcvops-sessions --lines=30 --no-pager\n${remedy}`,
          follows: [...NO_ANSWER, 'agent/licence', 'agent/session-owner', 'agent/session-missing'],
        };
      case 'absent':
      case 'current':
        return undefined;
    }
  },
});
