import type { FactSet } from '../../../../src/doctor/facts/fleet.ts';
import type { DiskFacts, SystemFacts } from '../../../../src/doctor/facts/system.ts';
import { NO_UNIT, hostOf } from '../healthy.ts';
import type { SeededFault } from './seeded-fault.ts';

/** The system of a host, to be changed. */
function systemOf(set: FactSet, name: string): SystemFacts {
  const { system } = hostOf(set, name);
  if (system === undefined) throw new Error(`no system facts of ${name} in this set`);
  return system;
}

/** The one file system of a healthy host, otherwise. */
const disk =
  (host: string, changes: Partial<DiskFacts>) =>
  (set: FactSet): void => {
    const system = systemOf(set, host);
    system.disks = system.disks.map((one) => ({ ...one, ...changes }));
  };

const clock =
  (changes: Partial<SystemFacts['clock']>, ...hosts: string[]) =>
  (set: FactSet): void => {
    for (const host of hosts) {
      const system = systemOf(set, host);
      system.clock = { ...system.clock, ...changes };
    }
  };

export const HOST_FAULTS: readonly SeededFault[] = [
  {
    name: 'the clock of an agent is a minute behind',
    breaks: clock({ offset: -61 }, 'agent1'),
    check: 'host/clock',
    subject: 'agent1',
    seen: /1 min 1 s behind this machine's$/,
    remedy: /dcvops exec --sudo agent1 -- timedatectl set-ntp true$/,
  },
  {
    name: 'the clock of the gateway is hours ahead, and nothing sets it',
    breaks: (set) => {
      clock({ offset: 7200, synchronised: false }, 'gateway')(set);
      const { units } = systemOf(set, 'gateway');
      Object.assign(units ?? {}, { 'systemd-timesyncd.service': NO_UNIT, 'chronyd.service': NO_UNIT });
    },
    check: 'host/clock',
    subject: 'gateway',
    seen: /2 h ahead of this machine's, and no time server sets it/,
    remedy: /apt-get install -y chrony\n.*set-ntp true/,
  },
  {
    name: 'a clock that nothing sets begins to drift',
    breaks: clock({ offset: 3, synchronised: false }, 'agent2'),
    check: 'host/clock',
    subject: 'agent2',
    seen: /3 s ahead of/,
    remedy: /set-ntp true/,
  },
  {
    name: 'the clock of this machine is off',
    breaks: clock({ offset: 600 }, 'gateway', 'agent1', 'agent2'),
    check: 'host/operator-clock',
    subject: 'operator',
    seen: /10 min behind that of all 3 hosts/,
    remedy: /^timedatectl set-ntp true$/,
  },
  {
    name: 'the disk of an agent is full',
    breaks: disk('agent1', { usedPercent: 100, availableKiB: 0 }),
    check: 'host/disk-full',
    subject: 'agent1',
    seen: /^\/ \(\/dev\/nvme0n1p1\), which holds \/var\/log, \/tmp, \/home, is 100 % full/,
    remedy: /dcvops exec --sudo agent1 -- sh -c 'du -xk "\$0" .*' \//,
  },
  {
    name: 'a large disk has 50 MB left',
    breaks: disk('gateway', { usedPercent: 96, availableKiB: 50 * 1024, folders: ['/var/log'] }),
    check: 'host/disk-full',
    subject: 'gateway',
    seen: /51\.2 MB|52\.4 MB/,
    remedy: /du -xk/,
  },
  {
    name: 'the disk of the gateway fills',
    breaks: disk('gateway', { usedPercent: 92 }),
    check: 'host/disk-filling',
    subject: 'gateway',
    seen: /92 % full/,
    remedy: /gateway -- sh -c 'du/,
  },
  {
    name: 'an agent has no inodes left',
    breaks: disk('agent2', { inodesUsedPercent: 100 }),
    check: 'host/inodes-full',
    subject: 'agent2',
    seen: /100 % of the inodes of \//,
    remedy: /agent2 -- sh -c 'du -x --inodes/,
  },
  {
    name: 'memory runs out',
    breaks: (set) => {
      systemOf(set, 'agent1').memory.availableKiB = 200_000;
    },
    check: 'host/memory',
    subject: 'agent1',
    seen: /205 MB of 16\.4 GB memory are left, no swap/,
    remedy: /dcvops exec agent1 -- ps aux --sort=-rss/,
  },
  {
    name: 'the kernel ended a desktop',
    breaks: (set) => {
      systemOf(set, 'agent1').outOfMemory = [
        'Out of memory: Killed process 4711 (gnome-shell) total-vm:8000000kB',
      ];
    },
    check: 'host/out-of-memory',
    subject: 'agent1',
    seen: /^once in the last 24 hours$/,
    remedy: /free -m/,
  },
  {
    name: 'the kernel ended two programs, and said several things about each',
    breaks: (set) => {
      systemOf(set, 'agent1').outOfMemory = [4711, 4712].flatMap((pid) => [
        'kernel: gnome-shell invoked oom-killer: gfp_mask=0x140cca, order=0, oom_score_adj=0',
        `kernel: oom-kill:constraint=CONSTRAINT_NONE,task=firefox,pid=${pid},uid=1000`,
        `kernel: Out of memory: Killed process ${pid} (firefox) total-vm:8000000kB`,
        `kernel: oom_reaper: reaped process ${pid} (firefox), now anon-rss:0kB`,
      ]);
    },
    check: 'host/out-of-memory',
    subject: 'agent1',
    seen: /^2 times in the last 24 hours$/,
    remedy: /free -m/,
  },
  {
    name: 'the clock of the gateway is years ahead, by which its certificate would have ended',
    breaks: clock({ offset: 11 * 365 * 86_400 }, 'gateway'),
    check: 'host/clock',
    subject: 'gateway',
    seen: /ahead of this machine's$/,
    remedy: /set-ntp true$/,
  },
  {
    name: 'SELinux denies DCV a file',
    breaks: (set) => {
      systemOf(set, 'agent1').selinux = {
        mode: 'enforcing',
        denials: ['avc:  denied  { read } for  pid=700 comm="dcvserver" name="dcv.pem" permissive=0'],
      };
    },
    check: 'host/selinux-denials',
    subject: 'agent1',
    seen: /^1 denial /,
    remedy: /ausearch -m avc/,
  },
  {
    name: 'lspci hangs',
    breaks: (set) => {
      hostOf(set, 'agent1').hung = ['lspci (5 s)'];
    },
    check: 'host/command-hangs',
    subject: 'agent1',
    seen: /lspci \(5 s\)/,
    remedy: /ps -eo/,
  },
];
