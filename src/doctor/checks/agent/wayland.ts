import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { turnWaylandOff } from '../../fixes.ts';
import { agentService } from '../../service/typed.ts';
import { shows } from '../../sessions.ts';

/** GDM may start Wayland, which DCV cannot show. */
export const wayland = agentCheck({
  id: 'agent/wayland',
  severity: 'error',
  title: 'The console may run Wayland',
  why: 'DCV shows X servers only: a console session on Wayland stays black. A restart of the display manager ends the console’s session.',
  remedy:
    "dcvops exec --sudo AGENT -- sed -i '/^\\[daemon\\]/a WaylandEnable=false' /etc/gdm3/custom.conf\n" +
    'dcvops service restart AGENT --unit display-manager',
  fix: 'sets WaylandEnable=false for the next start of the display manager; the file as it was is kept beside it',
  symptoms: ['desktop'],
  follows: ['agent/no-desktop'],
  look: ({ name, agent, set }) => {
    const { gdmConf, waylandEnable } = agent.desktop;
    if (gdmConf === undefined || waylandEnable === false || !shows('console', { name, agent }, set))
      return undefined;
    const edit =
      waylandEnable === undefined
        ? '/^\\[daemon\\]/a WaylandEnable=false'
        : 's/^[[:space:]]*WaylandEnable[[:space:]]*=.*/WaylandEnable=false/';
    return {
      seen: `${gdmConf} ${waylandEnable === undefined ? 'does not set WaylandEnable=false' : 'sets WaylandEnable=true'}`,
      remedy: steps(
        asRoot(name, 'sed', '-i', edit, gdmConf),
        agentService('restart', name, 'display-manager.service'),
      ),
      fix: turnWaylandOff(name, gdmConf),
    };
  },
});
