import { hostCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';

/** Commands of the facts' script that had to be ended. A silent `dcv` has a check of its own. */
export const commandHangs = hostCheck({
  id: 'host/command-hangs',
  severity: 'warning',
  title: 'A command hangs',
  why: 'A program that never ends waits for a disk, a network share or a driver; desktops that need the same wait, too.',
  remedy: 'dcvops exec --sudo HOST -- ps -eo pid,state,wchan:30,args',
  follows: ['host/disk-full', 'host/memory', 'agent/nvidia-driver'],
  look: ({ name, host }) => {
    const hung = host.hung.filter((command) => !command.startsWith('dcv '));
    if (hung.length === 0) return undefined;
    return {
      seen: `ended at its limit: ${hung.join(', ')}`,
      remedy: asRoot(name, 'ps', '-eo', 'pid,state,wchan:30,args'),
    };
  },
});
