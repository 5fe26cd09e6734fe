import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { serviceState, sinceWhen, unitOf } from '../../units.ts';

/** systemd starts dcvserver again and again, or has given up doing so. */
export const serviceCrashLoops = agentCheck({
  id: 'agent/service-crash-loops',
  severity: 'error',
  title: 'dcvserver ends each time it is started',
  why: 'Each restart ends all sessions, and no desktop lives long enough to be used.',
  remedy: 'dcvops exec --sudo AGENT -- journalctl --no-pager -u dcvserver -n 50',
  symptoms: ['service'],
  follows: [
    'agent/dcv-missing',
    'agent/port-taken',
    'agent/log-ownership',
    'host/disk-full',
    'host/inodes-full',
  ],
  look: ({ name, system, agent, set }) => {
    const unit = unitOf(system, 'dcvserver.service');
    if (unit === undefined || serviceState(unit, Date.parse(set.collectedAt) / 1000) !== 'loops')
      return undefined;
    const { result, active, restarts } = unit;
    return {
      seen: `dcvserver is ${active} (${result})${sinceWhen(unit)}${startedAgain(restarts)}`,
      evidence: agent.signatures.filter(({ id }) => CRASHES.has(id)).map(({ line }) => line),
      remedy: asRoot(name, 'journalctl', '--no-pager', '-u', 'dcvserver', '-n', '50'),
    };
  },
});

/** Old versions of systemd do not count. */
function startedAgain(restarts: number): string {
  if (restarts === 0) return '';
  return `, started again by systemd ${restarts === 1 ? 'once' : `${restarts} times`}`;
}

const CRASHES = new Set(['crash', 'out-of-memory', 'too-many-files']);
