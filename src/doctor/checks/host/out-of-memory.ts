import { hostCheck } from '../../check.ts';
import { onHost } from '../../commands.ts';

/** The programs without which nobody has a desktop, as the kernel names them. */
const VITAL = /\((?:dcv\w*|Xdcv|Xorg|X|nginx|gnome-shell|sshd)\)/;

/** The kernel ended processes for want of memory. */
export const outOfMemory = hostCheck({
  id: 'host/out-of-memory',
  severity: 'warning',
  title: 'The kernel ended a process for want of memory',
  why: 'A desktop that vanished in the middle of work was ended by the kernel, and it will happen again.',
  remedy: 'dcvops exec HOST -- free -m',
  symptoms: ['session', 'desktop'],
  look: ({ name, system }) => {
    const { outOfMemory: lines } = system;
    if (lines.length === 0) return undefined;
    // the kernel says several things about each
    const killed = lines.filter((line) => /\bKill(?:ed)? process\b/.test(line)).length;
    const times = killed === 0 ? 'at least once' : killed === 1 ? 'once' : `${killed} times`;
    return {
      severity: lines.some((line) => VITAL.test(line)) ? 'error' : 'warning',
      seen: `${times} in the last 24 hours`,
      evidence: lines.slice(-3),
      remedy: onHost(name, 'free', '-m'),
    };
  },
});
