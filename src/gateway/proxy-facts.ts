import type { ScriptRecord } from '../shell/records.ts';
import { type NginxFacts, parseNginxVersion } from './nginx-facts.ts';
import { NGINX_CONF } from './nginx-conf.ts';
import { releaseIdOf } from './release.ts';

/** A proxy as the transaction's script found it, before anything is changed. */
export interface ProxyFacts {
  /** undefined: nginx is not installed. */
  readonly nginx: NginxFacts | undefined;
  readonly service: ServiceFacts;
  readonly live: LiveFile | undefined;
  /** Names the state that a change is based on; the script refuses the change when it is another by then. */
  readonly liveDigest: string;
  /** Content of /etc/nginx/nginx.conf, undefined when there is none. */
  readonly nginxConf: string | undefined;
  /** Other files of nginx that answer the gateway's port. */
  readonly rivals: readonly HostFile[];
  /** Files beside the configuration that go with it: pages, and the pool's servers. */
  readonly gatewayFiles: readonly HostFile[];
  /** Names of all state files below `STATE_FILES`, such as `maintenance/dcv_10_150_248_180`; never what they hold. */
  readonly state: readonly string[];
  /** Who listens on the gateway's port, as `ss -p` names it: "nginx", "python3"; undefined where there is no `ss`. */
  readonly listeners: readonly Listener[] | undefined;
  /** PEM text of the certificate file; undefined when it can't be read. */
  readonly certificate: string | undefined;
  /** "600 root:root" of the key file; undefined when it is missing or empty. */
  readonly keyMode: string | undefined;
  readonly selinux: { readonly enforcing: boolean; readonly mayConnect: boolean } | undefined;
  readonly packageManager: PackageManager | undefined;
  readonly hasOpenssl: boolean;
  readonly releases: readonly KeptRelease[];
  /** Files of the release that was asked for; undefined when it isn't kept. */
  readonly wanted: readonly FileChange[] | undefined;
  /** What an earlier command left unfinished and this one has undone. */
  readonly recovered: string | undefined;
}

export type PackageManager = 'apt-get' | 'dnf' | 'yum' | 'zypper';

export interface ServiceFacts {
  readonly loaded: boolean;
  readonly active: boolean;
  readonly enabled: boolean;
}

export interface HostFile {
  readonly path: string;
  readonly content: string;
}

export interface LiveFile extends HostFile {
  /** "644 root:root" */
  readonly mode: string;
  /** undefined for a file that dcvops didn't write. */
  readonly releaseId: string | undefined;
}

export interface Listener {
  readonly program: string;
  readonly pid: number;
}

export interface KeptRelease {
  readonly id: string;
  /** When it last became live, UTC. */
  readonly since: Date;
  /** Who deployed it: "anna@laptop". */
  readonly who: string;
}

/** A file as it is on the host, of those that a change may touch; undefined where there is none. */
export function fileOnHost(facts: ProxyFacts, path: string): HostFile | undefined {
  if (path === NGINX_CONF) {
    return facts.nginxConf === undefined ? undefined : { path, content: facts.nginxConf };
  }
  return [facts.live, ...facts.rivals, ...facts.gatewayFiles].find((file) => file?.path === path);
}

/** One file of a change, as the script is told of it. */
export type FileChange =
  | { readonly kind: 'write'; readonly path: string; readonly mode: string; readonly content: string }
  | { readonly kind: 'remove'; readonly path: string };

/** Reads the facts that the transaction's script tells before "ready". Pure; unknown records are passed over. */
export function parseProxyFacts(records: readonly ScriptRecord[], liveFile: string): ProxyFacts {
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  const live = whole(value('live'));
  const nginxOutput = value('nginx') ?? '';
  return {
    nginx: nginxOutput.includes('nginx version:')
      ? {
          ...parseNginxVersion(nginxOutput),
          hasIPv6: value('ipv6') !== undefined,
          ownAddresses: ownAddresses(value('addresses') ?? ''),
        }
      : undefined,
    service: parseUnit(value('unit') ?? '', value('runs') !== undefined),
    live:
      live === undefined
        ? undefined
        : { path: liveFile, content: live, mode: value('live-stat') ?? '', releaseId: releaseIdOf(live) },
    liveDigest: value('live-digest') ?? 'absent',
    nginxConf: whole(value('nginx-conf')),
    rivals: pairs(records, 'rival', 'rival-content'),
    gatewayFiles: pairs(records, 'gateway-file', 'gateway-file-content'),
    state: (value('state') ?? '').split('\n').filter((name) => name !== ''),
    listeners: parseListeners(value('listeners')),
    certificate: whole(value('certificate')),
    keyMode: value('key'),
    selinux: parseSelinux(value('selinux')),
    packageManager: value('package-manager') as PackageManager | undefined,
    hasOpenssl: value('openssl') !== undefined,
    releases: records
      .filter(({ name }) => name === 'release')
      .flatMap((record) => parseRelease(record.value)),
    wanted: parseWanted(records),
    recovered: value('recovered'),
  };
}

/** File contents are told with a "." behind them, since \`$(…)\` drops newlines at the end. */
function whole(value: string | undefined): string | undefined {
  return value?.slice(0, -1);
}

function pairs(records: readonly ScriptRecord[], nameRecord: string, contentRecord: string): HostFile[] {
  return records.flatMap((record, index) => {
    const next = records[index + 1];
    if (record.name !== nameRecord || next?.name !== contentRecord) return [];
    return [{ path: record.value, content: whole(next.value) ?? '' }];
  });
}

/** @param runs nginx runs, where systemd knows nothing of it */
function parseUnit(text: string, runs: boolean): ServiceFacts {
  return {
    loaded: /^LoadState=loaded$/m.test(text),
    active: runs || /^ActiveState=(active|reloading)$/m.test(text),
    enabled: /^UnitFileState=enabled$/m.test(text),
  };
}

/** Every "program",pid=N in ss's users:((…)) column. */
function parseListeners(text: string | undefined): Listener[] | undefined {
  if (text === undefined) return undefined;
  const found = [...text.matchAll(/\("([^"]*)",pid=([0-9]+)/g)].map((match) => ({
    program: match[1] ?? '',
    pid: Number(match[2]),
  }));
  return found.filter((listener, index) => found.findIndex((other) => other.pid === listener.pid) === index);
}

/** "2: eth0    inet 10.213.66.188/16 scope …" a line, from \`ip -o addr\`; link-local ones can't be dialled through a gateway. */
function ownAddresses(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^\d+:\s+\S+\s+inet6?\s+([^/\s]+)/.exec(line)?.[1] ?? '')
    .filter((address) => address !== '' && !address.startsWith('fe80:'));
}

function parseSelinux(text: string | undefined): ProxyFacts['selinux'] {
  if (text === undefined) return undefined;
  const [mode, mayConnect] = text.split(' ');
  return { enforcing: mode === 'Enforcing', mayConnect: mayConnect === 'on' };
}

function parseRelease(value: string): KeptRelease[] {
  const match = /^(\S+) (\S+) (.*)$/s.exec(value);
  if (match === null) return [];
  return [{ id: match[1] ?? '', since: new Date(match[2] ?? ''), who: (match[3] ?? '').trim() }];
}

function parseWanted(records: readonly ScriptRecord[]): FileChange[] | undefined {
  const changes = records.flatMap((record, index): FileChange[] => {
    if (record.name === 'wanted-remove') return [{ kind: 'remove', path: record.value }];
    if (record.name !== 'wanted-write') return [];
    const [mode = '644', ...path] = record.value.split(' ');
    return [{ kind: 'write', mode, path: path.join(' '), content: whole(records[index + 1]?.value) ?? '' }];
  });
  return changes.length === 0 ? undefined : changes;
}
