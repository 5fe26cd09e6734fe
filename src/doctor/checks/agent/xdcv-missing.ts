import { agentCheck } from '../../check.ts';
import { steps } from '../../commands.ts';
import { anyDesktopLives, createAgain, shows } from '../../sessions.ts';

/** The X server of virtual sessions is not installed. */
export const xdcvMissing = agentCheck({
  id: 'agent/xdcv-missing',
  severity: 'error',
  title: 'The X server for virtual sessions is not installed',
  why: 'Virtual sessions run on Xdcv, which is a package of its own: none can be created without it.',
  remedy: 'install the package nice-xdcv of the same DCV release\ndcvops session create AGENT',
  symptoms: ['session', 'desktop'],
  follows: ['agent/dcv-missing'],
  look: ({ name, agent, set }) =>
    agent.desktop.xdcv || !shows('virtual', { name, agent }, set) || anyDesktopLives(agent)
      ? undefined
      : {
          seen: 'there is no program Xdcv',
          remedy: steps('install the package nice-xdcv of the same DCV release', createAgain(name, set)),
        },
});
