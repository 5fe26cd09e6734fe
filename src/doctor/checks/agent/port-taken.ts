import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';
import { isConnectionGateway } from '../../connection-gateway.ts';
import { webPort } from '../../conf.ts';

/** Another program listens where dcvserver should. */
export const portTaken = agentCheck({
  id: 'agent/port-taken',
  severity: 'error',
  title: 'Another program has DCV’s port',
  why: 'dcvserver cannot listen, and the gateway passes desktops to a program that is not DCV.',
  remedy: "dcvops exec --sudo AGENT -- ss -ltnp 'sport = :8443'",
  symptoms: ['service'],
  follows: ['agent/dcv-missing', 'leftovers/connection-gateway'],
  look: ({ name, system, agent }) => {
    const port = webPort(agent.conf);
    const server = system.units?.['dcvserver.service']?.mainPid;
    const holder = (system.listeners ?? []).find(
      (listener) =>
        listener.protocol === 'tcp' &&
        listener.port === port &&
        listener.program !== undefined &&
        listener.program !== 'dcvserver' &&
        listener.pid !== server,
    );
    if (holder === undefined) return undefined;
    const process = holder.pid === undefined ? '' : ` (process ${holder.pid})`;
    return {
      seen: `TCP ${port} is held by ${holder.program ?? 'a program'}${process}`,
      remedy: asRoot(name, 'ss', '-ltnp', `sport = :${port}`),
      ...(isConnectionGateway(holder, system) ? {} : { follows: ['agent/dcv-missing'] }),
    };
  },
});
