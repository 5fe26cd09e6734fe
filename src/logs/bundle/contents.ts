import type { LogSource } from '../../inventory/types.ts';
import { type ShellText, program, sh } from '../../shell/shell.ts';

/** The folders of a host in a bundle. */
export const FOLDERS = ['facts', 'versions', 'units', 'config', 'journal', 'logs'] as const;
export type Folder = (typeof FOLDERS)[number];

/** A command whose output is a file of the bundle: `FOLDER/NAME.txt`. One that the host does not have is left out. */
export interface Command {
  readonly folder: Folder;
  readonly name: string;
  readonly argv: readonly string[];
}

const UNITS = [
  ...['nginx.service', 'dcvserver.service', 'dcvsessionlauncher.service', 'ssh.service', 'sshd.service'],
  ...['dcv-session-manager-agent.service', 'dcv-session-manager-broker.service'],
  'dcv-connection-gateway.service',
];

/** By name, because a unit's environment may hold passwords. */
const UNIT_PROPERTIES = [
  ...['Id', 'LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'Result', 'NRestarts', 'MainPID'],
  ...[
    'ExecMainStartTimestamp',
    'ExecMainStatus',
    'FragmentPath',
    'DropInPaths',
    'LimitNOFILE',
    'MemoryCurrent',
  ],
];

type Journal = readonly [name: string, ...selection: string[]];

const JOURNALS: readonly Journal[] = [
  ['nginx', '-u', 'nginx.service'],
  ['dcvserver', '-u', 'dcvserver.service'],
  ['dcvsessionlauncher', '-u', 'dcvsessionlauncher.service'],
  ['sshd', '-u', 'ssh.service', '-u', 'sshd.service'],
  // crashes, lack of memory, graphics drivers
  ['kernel', '-k'],
];

/**
 * What is asked of a host. File systems are the local ones only: one that is away would hold `df` for ever, where no
 * time limit reaches it.
 * @param lines how many entries of each journal, the newest
 * @param own the inventory's own sources of this host: their units are asked about as well
 */
export function commands(lines: number, own: readonly LogSource[]): readonly Command[] {
  const ownUnits = own.flatMap((source) => (source.kind === 'unit' ? source.unit : []));
  const units = [...new Set([...UNITS, ...ownUnits])];
  const journal = ['journalctl', '--no-pager', '--quiet', '-o', 'short-iso-precise', '-n', String(lines)];
  return [
    { folder: 'facts', name: 'date', argv: ['date', '+%Y-%m-%dT%H:%M:%S.%N%z'] },
    { folder: 'facts', name: 'time', argv: ['timedatectl', 'status'] },
    { folder: 'facts', name: 'uptime', argv: ['uptime'] },
    { folder: 'facts', name: 'memory', argv: ['free', '-m'] },
    { folder: 'facts', name: 'disks', argv: ['df', '-h', '-l', '-T'] },
    { folder: 'facts', name: 'inodes', argv: ['df', '-i', '-l'] },
    { folder: 'facts', name: 'listeners', argv: ['ss', '-l', '-t', '-u', '-n', '-p'] },
    { folder: 'facts', name: 'connections', argv: ['ss', '-s'] },
    { folder: 'facts', name: 'user-dcv', argv: ['id', 'dcv'] },
    { folder: 'facts', name: 'selinux', argv: ['getenforce'] },
    { folder: 'facts', name: 'sessions', argv: ['dcv', 'list-sessions'] },
    { folder: 'facts', name: 'log-files', argv: ['ls', '-l', '-a', '/var/log/dcv', '/var/log/nginx'] },
    { folder: 'versions', name: 'dcv', argv: ['dcv', 'version'] },
    { folder: 'versions', name: 'nginx', argv: ['nginx', '-V'] },
    { folder: 'versions', name: 'openssl', argv: ['openssl', 'version', '-a'] },
    { folder: 'versions', name: 'kernel', argv: ['uname', '-a'] },
    { folder: 'versions', name: 'os-release', argv: ['cat', '/etc/os-release'] },
    { folder: 'versions', name: 'systemd', argv: ['systemctl', '--version'] },
    // a version before OpenSSH 9.2 does not know -V, and tells its version with the usage
    { folder: 'versions', name: 'sshd', argv: ['sshd', '-V'] },
    {
      folder: 'versions',
      name: 'packages-dpkg',
      argv: ['dpkg-query', '-W', 'nice-*', 'amazon-dcv*', 'nginx*'],
    },
    { folder: 'versions', name: 'packages-rpm', argv: ['rpm', '-qa', 'nice-*', 'amazon-dcv*', 'nginx*'] },
    {
      folder: 'units',
      name: 'states',
      argv: ['systemctl', 'show', `--property=${UNIT_PROPERTIES.join(',')}`, ...units],
    },
    {
      folder: 'units',
      name: 'status',
      argv: ['systemctl', 'status', '--no-pager', '--full', '--lines=0', ...units],
    },
    { folder: 'units', name: 'failed', argv: ['systemctl', 'list-units', '--no-pager', '--failed'] },
    ...[...JOURNALS, ...journalsOf(ownUnits)].map(([name, ...selection]) => ({
      folder: 'journal' as const,
      name,
      argv: [...journal, ...selection],
    })),
  ];
}

/** Named as their units, `cron.service`, which no other journal is. Each once. */
function journalsOf(units: readonly string[]): Journal[] {
  const asked = JOURNALS.flat();
  return [...new Set(units)].filter((unit) => !asked.includes(unit)).map((unit) => [unit, '-u', unit]);
}

/** Configuration files, as patterns for sh. */
export const CONFIGURATIONS: ShellText = program`\
  "$root"/etc/nginx/nginx.conf "$root"/etc/nginx/conf.d/*.conf "$root"/etc/nginx/sites-enabled/* \
  "$root"/etc/dcv/dcv.conf "$root"/etc/dcv/default.perm \
  "$root"/etc/dcv-session-manager-broker/*.properties "$root"/etc/dcv-session-manager-agent/agent.conf \
  "$root"/etc/dcv-connection-gateway/dcv-connection-gateway.conf`;

/**
 * Log files, as patterns for sh: those that are written and those that were rotated away.
 * @param own the inventory's own sources of this host; `*` and `?` in their paths stand for what they do in sh
 */
export function logPatterns(own: readonly LogSource[]): ShellText {
  const paths = own.flatMap((source) => (source.kind === 'file' ? source.path : []));
  return sh`${[LOGS, ...paths.map(ownPattern)]}`;
}

const LOGS = program`\
  "$root"/var/log/nginx/dcv-*.log* "$root"/var/log/nginx/error.log* "$root"/var/log/dcv/*.log* \
  "$root"/var/log/dcv-session-manager-broker/*.log* "$root"/var/log/dcv-session-manager-agent/*.log* \
  "$root"/var/log/dcv-connection-gateway/*.log* "$root"/var/lib/dcvops/audit.log`;

/** Rotated files have the same names as `logs --since` finds them by. */
function ownPattern(path: string): ShellText {
  const pattern = path.split(/([*?])/).map((part) => GLOBS[part] ?? sh`${part}`);
  const glob = pattern.reduce((before, part) => sh`${before}${part}`, ROOT);
  return sh`${glob} ${glob}${ROTATED}`;
}

const ROOT = program`"$root"`;
const ROTATED = program`[.-]*`;
const GLOBS: Readonly<Record<string, ShellText>> = { '*': program`*`, '?': program`?` };
