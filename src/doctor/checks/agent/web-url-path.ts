import { agentCheck } from '../../check.ts';
import { webUrlPath } from '../../conf.ts';
import { unsetAndRestart } from '../../dcv-settings.ts';

/** DCV serves its pages below a path that the gateway's requests do not have. */
export const webUrlPathSet = agentCheck({
  id: 'agent/web-url-path',
  severity: 'error',
  title: 'DCV serves its pages below a path of its own',
  why: 'The gateway takes the agent’s address off the path and asks for /, where DCV then has nothing (404). The change needs a restart of dcvserver, which ends its sessions.',
  remedy:
    "dcvops exec --sudo AGENT -- sed -i '/^[[:space:]]*web-url-path[[:space:]]*=/d' /etc/dcv/dcv.conf\n" +
    'dcvops exec --sudo AGENT -- systemctl restart dcvserver\n' +
    'dcvops session create AGENT',
  symptoms: ['service'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent }) =>
    webUrlPath(agent.conf) === '/'
      ? undefined
      : {
          seen: `dcv.conf sets web-url-path="${webUrlPath(agent.conf)}"`,
          remedy: unsetAndRestart(name, 'web-url-path'),
        },
});
