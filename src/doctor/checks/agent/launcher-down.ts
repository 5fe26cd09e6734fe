import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { startUnit } from '../../fixes.ts';
import { agentService } from '../../service/typed.ts';
import { anyDesktopLives, shows } from '../../sessions.ts';
import { serviceState, sinceWhen, unitOf } from '../../units.ts';

/** The service that starts virtual sessions does not run. An agent without its unit may have it built in. */
export const launcherDown = agentCheck({
  id: 'agent/launcher-down',
  severity: 'error',
  title: 'dcvsessionlauncher does not run',
  why: 'It starts the desktops of virtual sessions: no more can be created without it.',
  remedy: 'dcvops service start AGENT --unit dcvsessionlauncher',
  fix: 'starts dcvsessionlauncher; undone with systemctl stop',
  symptoms: ['service'],
  follows: ['agent/dcv-missing'],
  look: ({ name, system, agent, set }) => {
    const unit = unitOf(system, 'dcvsessionlauncher.service');
    if (unit === undefined || !shows('virtual', { name, agent }, set)) return undefined;
    const state = serviceState(unit, Date.parse(set.collectedAt) / 1000);
    if (state === 'runs' || state === 'starting' || state === 'missing') return undefined;
    return {
      severity: anyDesktopLives(agent) ? 'warning' : 'error',
      seen: `dcvsessionlauncher is ${state === 'masked' ? 'masked' : unit.active}${sinceWhen(unit)}`,
      remedy: steps(
        state === 'masked' ? asRoot(name, 'systemctl', 'unmask', 'dcvsessionlauncher') : undefined,
        agentService('start', name, 'dcvsessionlauncher.service'),
      ),
      ...(state === 'masked' ? {} : { fix: startUnit(name, 'dcvsessionlauncher.service') }),
    };
  },
});
