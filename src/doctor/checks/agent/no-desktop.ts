import { agentCheck } from '../../check.ts';
import { steps } from '../../commands.ts';
import { distributionOf } from '../../desktop/flavors.ts';
import { anyDesktopLives, makeRoom } from '../../sessions.ts';

/** No desktop environment for X is installed. */
export const noDesktop = agentCheck({
  id: 'agent/no-desktop',
  severity: 'error',
  title: 'No desktop environment is installed',
  why: 'A session ends at once, or shows an empty screen: DCV brings no desktop of its own.',
  remedy: 'dcvops desktop install AGENT\ndcvops session create AGENT --replace',
  symptoms: ['desktop'],
  look: ({ name, agent, system, set }) => {
    const { xSessions, waylandSessions } = agent.desktop;
    if (xSessions.length > 0) return undefined;
    const wayland = waylandSessions.length === 0 ? '' : `, only for Wayland: ${waylandSessions.join(', ')}`;
    return {
      // a session may be started by a script of its own
      severity: anyDesktopLives(agent) ? 'warning' : 'error',
      seen: `there is none in /usr/share/xsessions${wayland}`,
      remedy: steps(
        distributionOf(system) === undefined
          ? 'install a desktop for X, such as GNOME or Xfce'
          : `dcvops desktop install ${name}`,
        makeRoom(name, agent.sessions ?? [], set),
      ),
    };
  },
});
