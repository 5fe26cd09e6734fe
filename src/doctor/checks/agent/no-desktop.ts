import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import type { SystemFacts } from '../../facts/system.ts';
import { anyDesktopLives } from '../../sessions.ts';

/** No desktop environment for X is installed. */
export const noDesktop = agentCheck({
  id: 'agent/no-desktop',
  severity: 'error',
  title: 'No desktop environment is installed',
  why: 'A session ends at once, or shows an empty screen: DCV brings no desktop of its own.',
  remedy:
    'dcvops exec --sudo AGENT -- apt-get install -y ubuntu-desktop-minimal\ndcvops session create AGENT --replace',
  symptoms: ['desktop'],
  look: ({ name, agent, system }) => {
    const { xSessions, waylandSessions } = agent.desktop;
    if (xSessions.length > 0) return undefined;
    const wayland = waylandSessions.length === 0 ? '' : `, only for Wayland: ${waylandSessions.join(', ')}`;
    return {
      // a session may be started by a script of its own
      severity: anyDesktopLives(agent) ? 'warning' : 'error',
      seen: `there is none in /usr/share/xsessions${wayland}`,
      remedy: steps(install(name, system), `dcvops session create ${name} --replace`),
    };
  },
});

const PACKAGES: Readonly<Record<string, string>> = {
  ubuntu: 'ubuntu-desktop-minimal',
  debian: 'xfce4',
};

/** Commands for the distributions on which they were tried; elsewhere the package or group by its name. */
function install(host: string, { os }: SystemFacts): string {
  const known = PACKAGES[os.id];
  if (known !== undefined) return asRoot(host, 'apt-get', 'install', '-y', known);
  if (os.id === 'amzn' && os.version === '2') return 'install a desktop for X, such as gnome-classic-session';
  if ([os.id, ...os.like].some((id) => id === 'rhel' || id === 'fedora')) {
    return 'install a desktop for X, such as the group "Server with GUI"';
  }
  return 'install a desktop for X, such as GNOME or Xfce';
}
