import { agentCheck } from '../../check.ts';
import { steps } from '../../commands.ts';
import { isTried } from '../../desktop/flavors.ts';
import { startUnit } from '../../fixes.ts';
import { agentService } from '../../service/typed.ts';
import { shows } from '../../sessions.ts';
import { unitOf } from '../../units.ts';

/** Console sessions show what the display manager shows. */
export const displayManager = agentCheck({
  id: 'agent/display-manager',
  severity: 'error',
  title: 'No display manager runs',
  why: 'A console session shows the X server that the display manager starts: without it there is nothing to see.',
  remedy: 'dcvops service start AGENT --unit display-manager',
  fix: 'starts the display manager where one is installed; undone with systemctl stop',
  symptoms: ['desktop'],
  follows: ['agent/no-desktop', 'agent/graphical-target'],
  look: ({ name, agent, system, set }) => {
    if (!shows('console', { name, agent }, set)) return undefined;
    const unit = unitOf(system, 'display-manager.service');
    if (agent.desktop.displayManager === undefined) {
      return {
        seen: 'no display manager is installed',
        // elsewhere it prints what to do: this very remedy
        remedy: isTried(system)
          ? `dcvops desktop install ${name}`
          : steps('install a display manager, such as gdm3 (Debian, Ubuntu) or gdm', `dcvops doctor ${name}`),
      };
    }
    if (unit === undefined || unit.active === 'active' || unit.active === 'activating') return undefined;
    return {
      seen: `display-manager.service (${agent.desktop.displayManager}) is ${unit.active}`,
      remedy: agentService('start', name, 'display-manager.service'),
      fix: startUnit(name, 'display-manager.service'),
    };
  },
});
