import { proxyCheck } from '../../check.ts';
import { steps } from '../../commands.ts';
import { loginMode } from '../../conf.ts';
import { hardenAndRestart } from '../../dcv-settings.ts';
import { someOf } from '../../some-of.ts';

/** Everybody may connect, and a desktop behind asks nobody for a login. */
export const openToEverybody = proxyCheck({
  id: 'proxy/open-to-everybody',
  severity: 'error',
  title: 'Everybody has a desktop without a login',
  why: 'Whoever finds the gateway’s address works in somebody’s session.',
  remedy: 'set gateway.access.allow in the inventory, then: dcvops deploy PROXY',
  look: ({ name, proxy, set }) => {
    if (proxy.live?.allow?.includes('any') !== true) return undefined;
    const closed = proxy.live.agents.filter(({ allow = ['any'] }) => !allow.includes('any'));
    const open = set.hosts
      .filter(({ address }) => !closed.some((agent) => agent.address === address))
      .flatMap((host) =>
        host.agent?.dcv !== undefined && loginMode(host.agent.conf) === 'none' ? [host.name] : [],
      );
    if (open.length === 0) return undefined;
    const { gateway, file } = set.inventory;
    return {
      seen: `the gateway lets everybody in, and ${someOf(open)} ${open.length === 1 ? 'asks' : 'ask'} for no login (authentication="none")`,
      remedy: steps(
        gateway.allow.includes('any')
          ? `set gateway.access.allow in ${file} to your networks, then: dcvops deploy ${name}`
          : `dcvops deploy ${name}`,
        ...open.slice(0, 1).map((agent) => hardenAndRestart(agent, set)),
      ),
    };
  },
});
