import { words } from '../shell/shell.ts';

/** Where a line of a log was found. */
export interface Whereabouts {
  /** The host's name in the inventory. */
  readonly host: string;
  /** The session whose log it is; undefined for a host's logs. */
  readonly session?: string | undefined;
}

/** What a known line of a log means. */
export interface Explanation {
  /** Stable name for programs. */
  readonly id: string;
  /** One clause: "a DCV process crashed". */
  readonly meaning: string;
  /** The command to type next. */
  readonly next: string;
}

interface Signature {
  readonly id: string;
  /** Every gap in it is bounded, so that a line of any length costs time in proportion to its length. */
  readonly pattern: RegExp;
  /** For what a pattern cannot say: a number above a limit. */
  readonly holds?: (match: RegExpExecArray) => boolean;
  readonly meaning: string;
  readonly next: (where: Whereabouts, match: RegExpExecArray) => string;
}

const SERVER_LOG = '/var/log/dcv/server.log';
const DCV_CONF = '/etc/dcv/dcv.conf';

/**
 * First match wins: what says more stands first. The texts are those that a DCV reseller's checker looks for in the field
 * (NI SP), with those of the Administrator Guide's and other users' problems; DCV documents none of them.
 */
const SIGNATURES: readonly Signature[] = [
  {
    id: 'licence-s3',
    pattern: /Unable to retrieve license object from AWS S3 bucket(?: 'dcv-license\.([a-z0-9-]{1,32})')?/i,
    meaning:
      'the instance cannot read DCV’s licence in S3: its role needs s3:GetObject on dcv-license.REGION',
    next: ({ host }, [, region]) =>
      region === undefined
        ? asRoot(host, 'grep', 'license-manager', SERVER_LOG)
        : // with the bucket in the path, for its dot breaks TLS as a host name; 403 means that the network is fine
          onHost(
            host,
            'curl',
            '-sSI',
            '-m',
            '10',
            `https://s3.${region}.amazonaws.com/dcv-license.${region}/`,
          ),
  },
  {
    id: 'licence-server',
    pattern: /Communications error with license server/i,
    meaning: 'the licence server does not answer',
    next: ({ host }) => asRoot(host, 'grep', 'license-file', DCV_CONF),
  },
  {
    id: 'licence-version',
    pattern: /Failed checkout of product[^\n]{0,200}with version/i,
    meaning: 'the licence does not cover this version of DCV',
    next: ({ host }) => onHost(host, 'dcv', 'version'),
  },
  {
    id: 'licence-hostname',
    pattern: /bad[^\n]{0,40}hostname[^\n]{0,80}licen[cs]e/i,
    meaning: 'the licence was issued for another host name',
    next: ({ host }) => onHost(host, 'hostname'),
  },
  {
    id: 'licence-permission',
    pattern: /RLM Initialization[^\n]{0,100}failed[^\n]{0,100}permission denied[^\n]{0,20}13/i,
    meaning: 'DCV’s licence library (RLM) may not use a file that it needs',
    next: ({ host }) => asRoot(host, 'ls', '-ld', '/tmp', '/var/tmp', '/usr/share/dcv/license'),
  },
  {
    id: 'licences-in-use',
    pattern: /all licenses in use/i,
    meaning: 'all DCV licences are in use',
    next: () => 'dcvops session list',
  },
  {
    id: 'no-licence',
    pattern: /Could not acquire dcv licenses|No license for product/i,
    meaning: 'DCV found no licence',
    next: ({ host }) => asRoot(host, 'grep', '-i', 'license', SERVER_LOG),
  },
  {
    id: 'unknown-session',
    pattern: /invalid-session-id|unknown session/i,
    meaning: 'a viewer asked for a session that is not there',
    next: ({ host }) => `dcvops session list ${words([host]).toString()}`,
  },
  {
    id: 'not-authorized',
    pattern: /not authorized in any channel/i,
    meaning: 'the user may log in, but has no permission in this session',
    next: ({ host, session }) =>
      session === undefined
        ? asRoot(host, 'cat', '/etc/dcv/default.perm')
        : asRoot(host, 'dcv', 'describe-session', session),
  },
  {
    id: 'not-allowed',
    pattern: /client will not be allowed to connect/i,
    meaning: 'DCV turned a viewer away; the lines before say why',
    next: ({ host }) => asRoot(host, 'tail', '-n', '50', SERVER_LOG),
  },
  {
    id: 'x-server-running',
    pattern: /server already running|server is already active for display/i,
    meaning: 'a lock of an X server that is gone, or another X server, is in the way',
    next: ({ host }) => asRoot(host, 'sh', '-c', 'ls -l /tmp/.X*-lock /tmp/.X11-unix; pgrep -a X'),
  },
  {
    id: 'x-access',
    pattern: /No protocol specified/i,
    meaning: 'the X server refuses a program its display',
    next: ({ host }) => asRoot(host, 'pgrep', '-a', 'X'),
  },
  {
    id: 'crash',
    pattern: /killed by signal 11(?!\d)/i,
    meaning: 'a process crashed (segmentation fault)',
    next: ({ host }) => asRoot(host, 'journalctl', '--no-pager', '-k', '-n', '50'),
  },
  {
    id: 'out-of-memory',
    pattern: /Out of memory: Kill(?:ed)? process|invoked oom-killer/i,
    meaning: 'the host ran out of memory, and the kernel ended a process',
    next: ({ host }) => onHost(host, 'free', '-m'),
  },
  {
    id: 'too-many-files',
    pattern: /too many (?:open files|files open)/i,
    meaning: 'a process has as many files and connections open as it may',
    next: ({ host }) => onHost(host, 'systemctl', 'show', 'dcvserver', 'nginx', '--property=Id,LimitNOFILE'),
  },
  {
    id: 'selinux',
    pattern: /SELinux is preventing [^\n]{0,200}dcv/i,
    meaning: 'SELinux stops a DCV process',
    next: ({ host }) => asRoot(host, 'ausearch', '-m', 'avc', '-ts', 'recent'),
  },
  {
    id: 'stop-failed',
    pattern: /There was a problem stopping the session/i,
    meaning: 'DCV could not end a session cleanly',
    next: ({ host }) => `dcvops session list ${words([host]).toString()}`,
  },
  {
    id: 'create-failed',
    pattern: /Could not create[^\n]{0,200}session/i,
    meaning: 'DCV could not create a session',
    next: ({ host, session }) =>
      session === undefined
        ? asRoot(host, 'tail', '-n', '50', SERVER_LOG)
        : asRoot(host, 'grep', '-F', session, SERVER_LOG),
  },
  {
    id: 'no-frame-ack',
    pattern: /No frame ack from the client[^\n]{0,200}video streaming is blocked for channel/i,
    meaning: 'the viewer takes no more pictures: its network is slow or gone',
    next: () => 'dcvops check',
  },
  {
    id: 'frames-dropped',
    pattern: /\bdrop_rate["']?\s{0,4}[=:]?\s{0,4}["']?(\d{1,6}(?:\.\d{1,12})?)/i,
    holds: ([, percent]) => Number(percent) > 80,
    meaning: 'four of five pictures or more are dropped: the network or the host is too slow for them',
    next: ({ host }) => onHost(host, 'uptime'),
  },
  {
    id: 'quic',
    pattern: /QUIC frontend enabled/i,
    meaning: 'DCV listens for QUIC, too, which no nginx gateway passes on; viewers fall back to WebSockets',
    next: ({ host }) => asRoot(host, 'grep', 'quic', DCV_CONF),
  },
];

/** Each line of a log goes through this, and nearly none matches. */
const ANY = new RegExp(SIGNATURES.map(({ pattern }) => pattern.source).join('|'), 'i');

/**
 * Explains a line of a log that is a known sign of trouble; undefined for all others. Pure; takes time in proportion to
 * the text's length, whatever is in it.
 */
export function explainLine(text: string, where: Whereabouts): Explanation | undefined {
  if (!ANY.test(text)) return undefined;
  for (const { id, pattern, holds, meaning, next } of SIGNATURES) {
    const match = pattern.exec(text);
    if (match !== null && (holds?.(match) ?? true)) return { id, meaning, next: next(where, match) };
  }
  return undefined;
}

function onHost(host: string, ...argv: readonly string[]): string {
  return `dcvops exec ${words([host]).toString()} -- ${words(argv).toString()}`;
}

function asRoot(host: string, ...argv: readonly string[]): string {
  return `dcvops exec --sudo ${words([host]).toString()} -- ${words(argv).toString()}`;
}
