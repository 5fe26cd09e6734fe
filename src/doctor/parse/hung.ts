import { type Probes, hung } from './probes.ts';

/**
 * What is told of a command that did not come to its end, by the name of its record: the command, and its limit in seconds.
 * A token verifier that does not answer is a fact, and no command that hangs.
 */
export const COMMANDS: Readonly<Record<string, readonly [command: string, seconds: number]>> = {
  packages: ['the list of packages', 5],
  units: ['systemctl show', 5],
  'default-target': ['systemctl get-default', 5],
  disks: ['df', 5],
  'clock-state': ['timedatectl', 5],
  'out-of-memory': ['journalctl of the kernel', 5],
  listeners: ['ss', 5],
  nft: ['nft list ruleset', 5],
  iptables: ['iptables-save', 5],
  firewalld: ['firewall-cmd', 5],
  ufw: ['ufw status', 5],
  denials: ['the search for SELinux denials', 5],
  sessions: ['dcv list-sessions', 20],
  'sessions-text': ['dcv list-sessions', 20],
  version: ['dcv version', 10],
  accounts: ['getent passwd', 10],
  homes: ['reading the homes of session users', 5],
  processes: ['ps', 5],
  xhost: ['xhost', 3],
  graphics: ['lspci', 5],
  nvidia: ['nvidia-smi', 5],
  'gl-test': ['dcvgldiag', 10],
  log: ['reading a log of DCV', 5],
  'dcv-journal': ['journalctl of dcvserver', 5],
  'nginx-version': ['nginx -V', 5],
  'nginx-test': ['nginx -t', 10],
  'nginx-workers': ['ps of nginx', 5],
  'nginx-connections': ['ss of nginx', 5],
  'nginx-errors': ['reading the error logs of nginx', 5],
  'nginx-journal': ['journalctl of nginx', 5],
  'nginx-may-connect': ['getsebool', 3],
};

/** The commands that were ended at their limit, each once: "dcv list-sessions (20 s)". Pure. */
export function hungCommands(probes: Probes): string[] {
  const told = Object.entries(COMMANDS)
    .filter(([name]) => probes.all(name).some(hung))
    .map(([, [command, seconds]]) => `${command} (${seconds} s)`);
  return [...new Set(told)];
}
