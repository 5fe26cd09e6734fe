import { hostCheck } from '../../check.ts';
import { asRoot } from '../../commands.ts';

/** SELinux denied nginx or DCV something. Where it only logs (permissive), nothing was kept from working. */
export const selinuxDenials = hostCheck({
  id: 'host/selinux-denials',
  severity: 'warning',
  title: 'SELinux stops nginx or DCV',
  why: 'What is denied fails in ways that no log of DCV or nginx explains.',
  remedy: 'dcvops exec --sudo HOST -- ausearch -m avc -ts recent',
  symptoms: ['service', 'nginx'],
  follows: ['proxy/selinux'],
  look: ({ name, system, host }) => {
    if (system.selinux?.mode !== 'enforcing') return undefined;
    const logged = (host.agent?.signatures ?? []).filter(({ id }) => id === 'selinux');
    const denials = [...logged.map(({ line }) => line), ...system.selinux.denials];
    if (denials.length === 0) return undefined;
    return {
      seen: `${denials.length} ${denials.length === 1 ? 'denial' : 'denials'} in the last 24 hours`,
      evidence: denials.slice(-3),
      remedy: asRoot(name, 'ausearch', '-m', 'avc', '-ts', 'recent'),
    };
  },
});
