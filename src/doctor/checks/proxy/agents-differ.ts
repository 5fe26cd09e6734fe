import { proxyCheck } from '../../check.ts';
import { someOf } from '../../some-of.ts';
import { NOT_THE_INVENTORYS } from './causes.ts';

/** The inventory has other agents than the gateway's file. They are reached by their networks, but not as well. */
export const agentsDiffer = proxyCheck({
  id: 'proxy/agents-differ',
  severity: 'note',
  title: 'The gateway’s agents are not the inventory’s',
  why: 'New agents are reached by address only and each request opens a new connection; names and the default agent are old.',
  remedy: 'dcvops deploy PROXY',
  symptoms: ['nginx'],
  follows: [...NOT_THE_INVENTORYS, 'proxy/not-live'],
  look: ({ name, proxy, set }) => {
    const { live } = proxy;
    if (live?.releaseId === undefined) return undefined;
    const missing = set.inventory.agents.filter(
      ({ address }) => !live.agents.some((agent) => agent.address === address),
    );
    const gone = live.agents.filter(
      ({ address }) => !set.inventory.agents.some((agent) => agent.address === address),
    );
    if (missing.length === 0 && gone.length === 0) return undefined;
    const names = (agents: readonly { readonly name: string }[]): string =>
      someOf(agents.map((agent) => agent.name));
    return {
      seen: [
        ...(missing.length === 0 ? [] : [`release ${live.releaseId} does not name ${names(missing)}`]),
        ...(gone.length === 0
          ? []
          : [`it names ${names(gone)}, which ${gone.length === 1 ? 'is' : 'are'} not in the inventory`]),
      ].join('; '),
      remedy: `dcvops deploy ${name}`,
    };
  },
});
