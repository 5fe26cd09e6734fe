import { agentCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';

/** Other programs show desktops here, too. */
export const otherRemoteDesktops = agentCheck({
  id: 'agent/other-remote-desktops',
  severity: 'note',
  title: 'Other remote-desktop servers are there',
  why: 'They may take displays, GPU and memory, and are a second way in past the gateway.',
  remedy: 'dcvops exec --sudo AGENT -- systemctl disable --now UNIT',
  look: ({ name, agent }) =>
    agent.remoteDesktops.length === 0
      ? undefined
      : {
          seen: agent.remoteDesktops.join(', '),
          remedy: asRoot(name, 'systemctl', 'disable', '--now', ...agent.remoteDesktops),
        },
});
