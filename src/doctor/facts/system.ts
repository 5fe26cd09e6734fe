import * as z from 'zod/mini';

/* What is true of any host, whatever it is for. Times are in seconds, sizes in KiB unless a name says otherwise. */

/** A systemd unit, as `systemctl show` tells it; a unit that does not exist has `load: "not-found"`. */
export const unitFacts = z.object({
  /** `loaded`, `not-found`, `masked`, `error`, … */
  load: z.string(),
  /** `active`, `reloading`, `inactive`, `failed`, `activating`, `deactivating` */
  active: z.string(),
  sub: z.string(),
  /** UnitFileState: `enabled`, `disabled`, `static`, `masked`, `alias`, …; empty for a unit without a file. */
  enabled: z.string(),
  /** How often systemd has started it again by itself since it was last started by somebody. */
  restarts: z.number(),
  /** `success`, `exit-code`, `signal`, `oom-kill`, `start-limit-hit`, … */
  result: z.string(),
  /** Since when it is in this state: seconds since 1970; undefined when it never was started. */
  since: z.optional(z.number()),
  mainPid: z.number(),
  /** Soft limit of open files; undefined for no limit. */
  openFiles: z.optional(z.number()),
});
export type UnitFacts = z.infer<typeof unitFacts>;

export const diskFacts = z.object({
  mount: z.string(),
  device: z.string(),
  sizeKiB: z.number(),
  availableKiB: z.number(),
  /** Of what ordinary users can have, as df says it. */
  usedPercent: z.number(),
  /** undefined for file systems that have no fixed number of inodes. */
  inodesUsedPercent: z.optional(z.number()),
  /** Which of the folders that matter here lie on it: `/`, `/var/log`, `/tmp`, `/home`. */
  folders: z.array(z.string()),
});
export type DiskFacts = z.infer<typeof diskFacts>;

export const listenerFacts = z.object({
  protocol: z.enum(['tcp', 'udp']),
  /** `0.0.0.0`, `[::]` is written `::`, `*` is both. */
  address: z.string(),
  port: z.number(),
  /** "nginx"; undefined where ss could not tell. */
  program: z.optional(z.string()),
  pid: z.optional(z.number()),
});
export type ListenerFacts = z.infer<typeof listenerFacts>;

export const firewallFacts = z.object({
  tool: z.enum(['nft', 'iptables', 'firewalld', 'ufw']),
  active: z.boolean(),
  /** The rules as the tool prints them, at most 400 lines. */
  rules: z.array(z.string()),
});
export type FirewallFacts = z.infer<typeof firewallFacts>;

export const processFacts = z.object({
  pid: z.number(),
  user: z.string(),
  /** How long it runs, in seconds. */
  elapsed: z.number(),
  /** The command line, at most 300 characters, secrets masked. */
  command: z.string(),
});
export type ProcessFacts = z.infer<typeof processFacts>;

export const systemFacts = z.object({
  hostname: z.string(),
  os: z.object({
    /** `debian`, `ubuntu`, `amzn`, `rocky`, `rhel`, `sles`, …, as os-release has it; empty where there is none. */
    id: z.string(),
    like: z.array(z.string()),
    version: z.string(),
    name: z.string(),
  }),
  kernel: z.string(),
  architecture: z.string(),
  /** Does it run on Amazon EC2 (by its firmware's vendor)? */
  ec2: z.boolean(),
  packageManager: z.optional(z.enum(['apt-get', 'dnf', 'yum', 'zypper'])),
  /** Installed packages among those that matter here: name → version. undefined: the package manager did not answer. */
  packages: z.optional(z.record(z.string(), z.string())),
  clock: z.object({
    /** The host's clock minus the operator's, and how far off that may be: half of the round trip. */
    offset: z.number(),
    uncertainty: z.number(),
    /** Does systemd say that it is synchronised by NTP? undefined: not told. */
    synchronised: z.optional(z.boolean()),
    /** East of Greenwich. */
    utcOffsetMinutes: z.number(),
  }),
  uptime: z.number(),
  cpus: z.number(),
  load1: z.number(),
  memory: z.object({
    totalKiB: z.number(),
    availableKiB: z.number(),
    swapTotalKiB: z.number(),
    swapFreeKiB: z.number(),
  }),
  /** The kernel's words about processes that it ended for want of memory, in the last 24 hours, newest last. */
  outOfMemory: z.array(z.string()),
  disks: z.array(diskFacts),
  /** By full name: `dcvserver.service`. What was asked for is there, if only as `not-found`; undefined: no systemd. */
  units: z.optional(z.record(z.string(), unitFacts)),
  /** `graphical.target`, `multi-user.target`; undefined: no systemd. */
  defaultTarget: z.optional(z.string()),
  /** undefined: ss is missing. */
  listeners: z.optional(z.array(listenerFacts)),
  firewalls: z.array(firewallFacts),
  selinux: z.optional(
    z.object({
      mode: z.enum(['enforcing', 'permissive', 'disabled']),
      /** The audit log's words about what was denied to nginx or DCV in the last 24 hours, newest last. */
      denials: z.array(z.string()),
    }),
  ),
  /** `http_proxy`, `https_proxy`, `no_proxy` as /etc/environment and profile scripts set them, without credentials. */
  forwardProxy: z.record(z.string(), z.string()),
});
export type SystemFacts = z.infer<typeof systemFacts>;
