import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { bootGraphically } from '../../fixes.ts';
import { shows } from '../../sessions.ts';

/** The host boots without its X server. */
export const graphicalTarget = agentCheck({
  id: 'agent/graphical-target',
  severity: 'error',
  title: 'The host does not boot into its graphical target',
  why: 'A console session needs the X server that graphical.target starts.',
  remedy:
    'dcvops exec --sudo AGENT -- systemctl set-default graphical.target\n' +
    'dcvops exec --sudo AGENT -- systemctl start graphical.target',
  fix: 'sets the default target; undone with systemctl set-default',
  symptoms: ['desktop'],
  follows: ['agent/no-desktop'],
  look: ({ name, agent, system, set }) => {
    const { defaultTarget } = system;
    if (defaultTarget === undefined || defaultTarget === 'graphical.target') return undefined;
    if (!shows('console', { name, agent }, set)) return undefined;
    return {
      seen: `the default target is ${defaultTarget}`,
      remedy: steps(
        asRoot(name, 'systemctl', 'set-default', 'graphical.target'),
        asRoot(name, 'systemctl', 'start', 'graphical.target'),
      ),
      fix: bootGraphically(name, defaultTarget),
    };
  },
});
