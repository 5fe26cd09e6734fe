import { leftoversCheck } from '../../check.ts';
import { stillRuns } from './still-runs.ts';

/** Session Manager Broker runs, or will after a boot. */
export const broker = leftoversCheck({
  id: 'leftovers/broker',
  severity: 'warning',
  title: 'DCV Session Manager Broker is still there',
  why: 'Whoever may ask it creates and closes sessions on its agents, beside what dcvops does.',
  remedy: 'dcvops retire broker HOST',
  symptoms: ['session'],
  look: ({ name, system, leftovers }) => {
    const running = stillRuns(system, 'dcv-session-manager-broker.service');
    if (running === undefined) return undefined;
    const ports = leftovers.broker?.ports ?? [];
    return {
      seen: ports.length === 0 ? running : `${running}; its ports are ${ports.join(', ')}`,
      remedy: `dcvops retire broker ${name}`,
    };
  },
});
