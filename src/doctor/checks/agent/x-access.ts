import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { shows } from '../../sessions.ts';

/** The console's X server does not let dcv in, which DCV's own script asks for when the X server starts. */
export const xAccess = agentCheck({
  id: 'agent/x-access',
  severity: 'error',
  title: 'The X server does not let DCV in',
  why: 'DCV cannot show a console whose X server refuses it. The way to mend it ends the console’s session.',
  remedy:
    'dcvops exec --sudo AGENT -- systemctl isolate multi-user.target\n' +
    'dcvops exec --sudo AGENT -- systemctl isolate graphical.target',
  symptoms: ['desktop'],
  follows: ['agent/wayland', 'agent/display-manager', 'agent/graphical-target'],
  look: ({ name, agent, set }) => {
    const { access, consoleDisplay } = agent.x;
    if (access === undefined || !shows('console', { name, agent }, set)) return undefined;
    if (
      access.some((line) => /^SI:localuser:dcv$/i.test(line.trim()) || /access control disabled/i.test(line))
    ) {
      return undefined;
    }
    return {
      seen: `SI:localuser:dcv is not among those whom the X server on ${consoleDisplay ?? ':0'} lets in`,
      evidence: access.slice(0, 5),
      remedy: steps(
        asRoot(name, 'systemctl', 'isolate', 'multi-user.target'),
        asRoot(name, 'systemctl', 'isolate', 'graphical.target'),
      ),
    };
  },
});
