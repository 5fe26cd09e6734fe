import { LOG_FILES } from '../gateway/config/logs.ts';
import type { Host, LogSource } from '../inventory/types.ts';
import type { LogFormat } from './record.ts';

/** The sources that every host of its role has, in the order that help and messages name them. */
export const SOURCES = ['access', 'error', 'dcv', 'journal', 'session', 'auth'] as const;

/** One log, or several of the same kind, of a host. */
export type LogFeed = FileFeed | JournalFeed;

export interface FileFeed {
  readonly kind: 'files';
  readonly source: string;
  /** An absolute path; `*` and `?` stand for several files, also for such as come later. */
  readonly pattern: string;
  readonly format: LogFormat;
}

export interface JournalFeed {
  readonly kind: 'journal';
  readonly source: string;
  /** What `journalctl` is to match. */
  readonly matches: readonly string[];
}

/** What is wanted of a host's logs. */
export interface FeedChoice {
  /** Names of sources; undefined: those that tell how the host is doing. */
  readonly sources: readonly string[] | undefined;
  /** Only this session's own logs, of the source `session`. */
  readonly sessionId: string | undefined;
}

/** Where DCV writes; session logs are per user and session (`reference` of DCV: agent.USER.SESSION.log). */
const DCV_LOGS = '/var/log/dcv';

const DEFAULT_SOURCES: Readonly<Record<Host['role'], readonly string[]>> = {
  proxy: ['access', 'error'],
  agent: ['dcv', 'journal'],
};

/** The feeds of one host; none where it has no such source. Pure. */
export function feedsOf(
  host: Host,
  own: readonly LogSource[],
  { sources, sessionId }: FeedChoice,
): LogFeed[] {
  const wanted = sources ?? [...DEFAULT_SOURCES[host.role], ...(sessionId === undefined ? [] : ['session'])];
  return [
    ...wanted.flatMap((source) => builtIn(host, source, sessionId)),
    ...own
      .filter(({ name, hosts }) => wanted.includes(name) && hosts.includes(host.name))
      .map((source) => ownFeed(source)),
  ];
}

function builtIn(host: Host, source: string, sessionId: string | undefined): LogFeed[] {
  const proxy = host.role === 'proxy';
  switch (source) {
    case 'access':
      return proxy ? [files(source, LOG_FILES.access, 'nginx-json')] : [];
    case 'error':
      return proxy ? [files(source, LOG_FILES.error, 'nginx-error')] : [];
    case 'dcv':
      return proxy
        ? []
        : [
            files(source, `${DCV_LOGS}/server.log`, 'dcv'),
            files(source, `${DCV_LOGS}/sessionlauncher.log`, 'dcv'),
          ];
    case 'session':
      return proxy ? [] : sessionFeeds(source, sessionId ?? '*');
    case 'journal':
      return [
        journal(
          source,
          (proxy ? ['nginx'] : ['dcvserver', 'dcvsessionlauncher']).map((unit) => `--unit=${unit}.service`),
        ),
      ];
    case 'auth':
      // syslog's facilities auth and authpriv: sshd, sudo, PAM, logind
      return [journal(source, ['SYSLOG_FACILITY=4', 'SYSLOG_FACILITY=10'])];
    default:
      return [];
  }
}

/** DCV's guide names the last one `dcv-session`, what is seen in the field is `dcv-xsession`. */
function sessionFeeds(source: string, id: string): LogFeed[] {
  return [
    files(source, `${DCV_LOGS}/agent.*.${id}.log`, 'dcv'),
    files(source, `${DCV_LOGS}/Xdcv.*.${id}.log`, 'text'),
    files(source, `${DCV_LOGS}/dcv-xsession.*.${id}.log`, 'text'),
    files(source, `${DCV_LOGS}/dcv-session.*.${id}.log`, 'text'),
  ];
}

function ownFeed(source: LogSource): LogFeed {
  return source.kind === 'unit'
    ? journal(source.name, [`--unit=${source.unit}`])
    : files(source.name, source.path, source.format);
}

function files(source: string, pattern: string, format: LogFormat): FileFeed {
  return { kind: 'files', source, pattern, format };
}

function journal(source: string, matches: readonly string[]): JournalFeed {
  return { kind: 'journal', source, matches };
}
