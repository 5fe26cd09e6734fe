import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { limit } from '../../conf.ts';

const KEY = 'session-management/max-concurrent-clients';

/** A session lets nobody else in. */
export const maxClients = agentCheck({
  id: 'agent/max-clients',
  severity: 'warning',
  title: 'As many viewers are connected as may be',
  why: 'The next one is turned away with "Maximum number of clients reached"; a forgotten tab counts, too.',
  remedy: 'dcvops exec --sudo AGENT -- dcv list-connections SESSION',
  symptoms: ['session'],
  look: ({ name, agent }) => {
    const most = limit(agent.conf, KEY);
    if (most === undefined) return undefined;
    return (agent.sessions ?? [])
      .filter(({ connections = 0 }) => connections >= most)
      .map(({ id, connections = 0 }) => ({
        seen: `${connections} of at most ${most} viewers (max-concurrent-clients) are connected to ${id}`,
        remedy: asRoot(name, 'dcv', 'list-connections', id),
      }));
  },
});
