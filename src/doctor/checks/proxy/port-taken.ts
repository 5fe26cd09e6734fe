import { proxyCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { isConnectionGateway } from '../../connection-gateway.ts';
import type { InventoryFacts } from '../../facts/fleet.ts';
import type { ListenerFacts } from '../../facts/system.ts';

/** Another program listens where the gateway should. */
export const portTaken = proxyCheck({
  id: 'proxy/port-taken',
  severity: 'error',
  title: 'Another program has the gateway’s port',
  why: 'nginx cannot listen there, and who opens the gateway gets that other program.',
  remedy: "dcvops exec --sudo PROXY -- ss -ltnp 'sport = :8443'",
  symptoms: ['nginx'],
  follows: ['leftovers/connection-gateway'],
  look: ({ name, system, set }) => {
    const { gateway } = set.inventory;
    const there = (system.listeners ?? []).filter((one) => isOnPort(one, gateway));
    // two programs have one port when each listens on addresses of its own
    if (there.some(({ program }) => program === 'nginx')) return undefined;
    const holder = there.find(({ program }) => program !== undefined);
    if (holder?.program === undefined) return undefined;
    const process = holder.pid === undefined ? '' : ` (process ${holder.pid})`;
    return {
      seen: `TCP ${gateway.port} is held by ${holder.program}${process}`,
      remedy: steps(
        asRoot(name, 'ss', '-ltnp', `sport = :${gateway.port}`),
        holder.program === 'dcvserver'
          ? `DCV itself runs on this host: set another gateway.listen in ${set.inventory.file}`
          : `stop ${holder.program}, or set another gateway.listen in ${set.inventory.file}`,
        `dcvops deploy ${name}`,
      ),
      ...(isConnectionGateway(holder, system) ? {} : { follows: [] }),
    };
  },
});

function isOnPort({ protocol, port, address }: ListenerFacts, gateway: InventoryFacts['gateway']): boolean {
  if (protocol !== 'tcp' || port !== gateway.port) return false;
  const isAll = ['0.0.0.0', '::', '*'].includes(address);
  return gateway.address === undefined || isAll || address === gateway.address;
}
