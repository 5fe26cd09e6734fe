import { agentCheck } from '../../check.ts';
import { loginMode } from '../../conf.ts';
import { hardenAndRestart } from '../../dcv-settings.ts';

/** DCV asks nobody for a password. It is an error where the gateway is open to everybody. */
export const authenticationNone = agentCheck({
  id: 'agent/authentication-none',
  severity: 'warning',
  title: 'DCV lets everybody in without a login',
  why: 'Whoever reaches the agent or the gateway has the desktop. The change needs a restart of dcvserver, which ends its sessions.',
  remedy: 'dcvops dcv harden AGENT --restart\ndcvops session create AGENT',
  follows: ['agent/dcv-missing', 'proxy/open-to-everybody'],
  look: ({ name, agent, set }) => {
    if (loginMode(agent.conf) !== 'none') return undefined;
    const { allow } = set.inventory.gateway;
    const open = allow.includes('any');
    return {
      severity: open ? 'error' : 'warning',
      seen: `dcv.conf sets authentication="none"; the gateway lets in ${open ? 'everybody' : allow.join(', ')}`,
      remedy: hardenAndRestart(name, set),
      involves: set.inventory.proxies.map((proxy) => proxy.name),
    };
  },
});
