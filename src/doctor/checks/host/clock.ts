import { hostCheck } from '../../check.ts';
import { clocksOff, secondsOff } from '../../clock.ts';
import { asRoot, steps } from '../../commands.ts';
import type { SystemFacts } from '../../facts/system.ts';

/** The host's clock against this machine's. A clock that nothing sets, but that is right, is told only once it drifts. */
export const clock = hostCheck({
  id: 'host/clock',
  severity: 'warning',
  title: 'The clock is off',
  why: 'Certificates and login tokens are refused when clocks disagree, and logs of several hosts do not fit together.',
  remedy: 'dcvops exec --sudo HOST -- timedatectl set-ntp true',
  follows: ['host/operator-clock'],
  look: ({ name, system }) => {
    const { offset, uncertainty, synchronised } = system.clock;
    const surely = Math.max(0, Math.abs(offset) - uncertainty);
    if (surely <= secondsOff.note || (surely <= secondsOff.warning && synchronised !== false))
      return undefined;
    const unset = synchronised === false ? ', and no time server sets it' : '';
    return {
      severity:
        surely > secondsOff.error ? 'error' : surely > secondsOff.warning ? 'warning' : ('note' as const),
      seen: `the clock is ${clocksOff(offset)} this machine's${unset}`,
      remedy: steps(installClient(name, system), asRoot(name, 'timedatectl', 'set-ntp', 'true')),
    };
  },
});

const CLIENTS = ['systemd-timesyncd.service', 'chronyd.service', 'chrony.service', 'ntpd.service'];

/** A host without any program that asks time servers needs one first. */
function installClient(name: string, { units, packageManager }: SystemFacts): string | undefined {
  if (units === undefined || packageManager === undefined) return undefined;
  const asked = CLIENTS.filter((unit) => units[unit] !== undefined);
  if (asked.length === 0 || asked.some((unit) => units[unit]?.load !== 'not-found')) return undefined;
  return asRoot(name, packageManager, 'install', '-y', 'chrony');
}
