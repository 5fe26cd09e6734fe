import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { serviceState, sinceWhen, unitOf } from '../../units.ts';

/** dcvserver runs, but had to be started again by systemd. */
export const serviceRestarted = agentCheck({
  id: 'agent/service-restarted',
  severity: 'warning',
  title: 'dcvserver ended by itself and was started again',
  why: 'All sessions of the agent ended with it, whatever people had open.',
  remedy: 'dcvops exec --sudo AGENT -- journalctl --no-pager -u dcvserver -n 50',
  symptoms: ['service'],
  follows: ['agent/dcv-missing', 'host/out-of-memory'],
  look: ({ name, system, agent, set }) => {
    const unit = unitOf(system, 'dcvserver.service');
    if (unit === undefined || unit.restarts === 0) return undefined;
    if (serviceState(unit, Date.parse(set.collectedAt) / 1000) !== 'runs') return undefined;
    return {
      seen: `systemd started dcvserver again ${unit.restarts === 1 ? 'once' : `${unit.restarts} times`}; it runs${sinceWhen(unit)}`,
      evidence: agent.signatures.filter(({ id }) => id === 'crash').map(({ line }) => line),
      remedy: asRoot(name, 'journalctl', '--no-pager', '-u', 'dcvserver', '-n', '50'),
    };
  },
});
