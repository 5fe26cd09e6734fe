import { operatorCheck } from '../../check.ts';
import { clocksOff, secondsOff, tooFar } from '../../clock.ts';

/** All hosts differ from this machine in the same way: then it is this machine that is wrong. */
export const operatorClock = operatorCheck({
  id: 'host/operator-clock',
  severity: 'warning',
  title: 'The clock of this machine is off',
  why: 'Certificates look expired or not yet valid from here, and times in logs do not fit to what people tell.',
  remedy: 'timedatectl set-ntp true',
  look: (set) => {
    const offsets = set.hosts.flatMap(({ system }) => (system === undefined ? [] : [system.clock.offset]));
    if (offsets.length < 2 || !offsets.every(tooFar)) return undefined;
    if (Math.max(...offsets) - Math.min(...offsets) > secondsOff.warning) return undefined;
    const [first = 0] = offsets;
    return {
      severity: offsets.every((offset) => Math.abs(offset) > secondsOff.error) ? 'error' : 'warning',
      seen: `this machine's clock is ${clocksOff(-first)} that of all ${offsets.length} hosts`,
      remedy: 'timedatectl set-ntp true',
    };
  },
});
