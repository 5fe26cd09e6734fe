import { persistUnit } from '../../dcv/persist/facts.ts';
import { parseSessions } from '../../dcv/session/parse.ts';
import type { DcvSession } from '../../dcv/types.ts';
import { mask } from '../../logs/mask.ts';
import type { AgentFacts, SessionFacts } from '../facts/agent.ts';
import type { SystemFacts } from '../facts/system.ts';
import { parseAccounts } from './accounts.ts';
import { readConf } from './conf.ts';
import { parseDesktop } from './desktop.ts';
import { parseGpu } from './gpu.ts';
import { linesOf } from './lines.ts';
import { type Probe, type Probes, hung } from './probes.ts';
import { parseProcesses } from './processes.ts';
import { type LogEnd, findSignatures } from './signatures.ts';
import { parseXLocks } from './x-locks.ts';

/**
 * Reads what `AGENT` told of a DCV server. Pure; what was not told, or makes no sense, is undefined or empty.
 * @param now by the host's clock
 */
export function parseAgent(probes: Probes, system: SystemFacts, now: Date): AgentFacts {
  const { text } = probes;
  const conf = readConf(text('conf'));
  const processes = parseProcesses(probes.first('processes')?.output);
  return {
    dcv: parseVersion(probes, system),
    conf: withoutSecrets(conf),
    ...parseList(probes),
    accounts: parseAccounts(probes),
    processes,
    certificate: parseCertificate(probes),
    desktop: parseDesktop(probes),
    x: {
      locks: parseXLocks(text('x-locks'), text('x-sockets'), processes),
      access: parseAccess(text('xhost')),
      consoleDisplay: text('console'),
    },
    gpu: parseGpu(probes),
    logs: parseLogOwners(probes),
    signatures: findSignatures(logEnds(probes, now), {
      now: now.getTime() / 1000,
      utcOffsetMinutes: system.clock.utcOffsetMinutes,
      startedAt: startOf(system),
    }),
    verifier: parseVerifier(conf['security/auth-token-verifier'], probes.first('verifier')),
    persisted: parsePersisted(text('persisted')),
    remoteDesktops: remoteDesktopsOf(system),
  };
}

/* DCV */

/** `Amazon DCV 2023.0 (r14852)`; where dcv says nothing, its package does: `2023.0.14852-1.el9`. */
function parseVersion(probes: Probes, { packages = {} }: SystemFacts): AgentFacts['dcv'] {
  const version = probes.first('version');
  if (version === undefined) return undefined;
  const line = version.code === 0 ? (linesOf(version.output)[0] ?? '') : '';
  const said = /(\d{4}\.\d+)(?:.*?\(r(\d+)\))?/.exec(line);
  const packaged = packages['nice-dcv-server'] ?? packages['amazon-dcv-server'] ?? '';
  const [, release, build] = said ?? /^(\d{4}\.\d+)\.(\d+)/.exec(packaged) ?? [];
  return { text: line, release, build: build === undefined ? undefined : Number(build) };
}

const NO_ANSWER = 'dcv list-sessions did not answer in 20 s';

/** JSON, or text from a dcv that has no JSON; otherwise why there is no list, in dcv's own words. */
function parseList({ first }: Probes): Pick<AgentFacts, 'sessions' | 'silence'> {
  const probe = first('sessions-text') ?? first('sessions');
  if (probe === undefined) return { sessions: undefined, silence: undefined };
  if (hung(probe)) return { sessions: undefined, silence: NO_ANSWER };
  if (probe.code !== 0) return { sessions: undefined, silence: mask(probe.output) };
  try {
    return { sessions: parseSessions(probe.output).map(sessionFacts), silence: undefined };
  } catch (error) {
    return { sessions: undefined, silence: error instanceof Error ? mask(error.message) : '' };
  }
}

function sessionFacts(session: DcvSession): SessionFacts {
  const { id, owner, user, type, name, status, connections, display } = session;
  return {
    ...{ id, owner, user, type, name, status, connections, display },
    createdAt: session.createdAt?.toISOString(),
    lastDisconnectedAt: session.lastDisconnectedAt?.toISOString(),
    licences: session.licences.map(({ product, status: state, expiresAt }) => ({
      product,
      status: state,
      expiresAt: expiresAt?.toISOString(),
    })),
  };
}

/** A verifier's address may hold a password or a query; regular expressions, which look like queries, stay. */
function withoutSecrets(conf: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(conf).map(([key, value]) => [key, key.endsWith('-regex') ? value : mask(value)]),
  );
}

/* Files */

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function parseCertificate({ text }: Probes): AgentFacts['certificate'] {
  const pem = text('dcv-certificate');
  if (pem === undefined) return undefined;
  const pair = text('dcv-pair');
  return {
    chain: [...pem.matchAll(BLOCK)].map(([block]) => `${block}\n`),
    mode: text('dcv-certificate-mode') ?? '',
    keyMode: text('dcv-key-mode'),
    pair: pair === undefined ? undefined : pair === 'yes',
  };
}

/** server.log is written as dcv, sessions' logs as their users; an owner without a name had another number once. */
function parseLogOwners({ text }: Probes): AgentFacts['logs'] {
  const [directory = '/var/log/dcv', directoryOwner] = linesOf(text('log-directory'));
  const foreign = logFiles(text('log-files')).filter(
    ({ path, owner }) => owner === 'UNKNOWN' || (owner !== 'dcv' && /\/server\.log(?:\.\d+)?$/.test(path)),
  );
  return { directory, directoryOwner, foreign };
}

/** `CHANGED OWNER KIND|PATH` */
function logFiles(text: string | undefined): { path: string; owner: string }[] {
  return linesOf(text).flatMap((line) => {
    const [, owner, path] = /^\d+ (\S+) [^|]*\|(\/.*)$/.exec(line) ?? [];
    return owner === undefined || path === undefined ? [] : [{ path, owner }];
  });
}

/** The first line of each is `CHANGED PATH`. */
function logEnds(probes: Probes, now: Date): LogEnd[] {
  const files = probes.all('log').flatMap(({ output }) => {
    const [heading = '', ...lines] = output.split('\n');
    const [, changed, log] = /^(\d{1,12}) (\/.*)$/.exec(heading) ?? [];
    return log === undefined ? [] : [{ log, changed: Number(changed), lines }];
  });
  const journal = linesOf(probes.text('dcv-journal'));
  return [...files, { log: 'journal of dcvserver', changed: now.getTime() / 1000, lines: journal }];
}

function startOf({ units = {} }: SystemFacts): number | undefined {
  const unit = units['dcvserver.service'];
  return unit?.active === 'active' ? unit.since : undefined;
}

/* X, network, others */

/** xhost says in its first line whether there is access control at all. */
function parseAccess(output: string | undefined): string[] | undefined {
  return output === undefined ? undefined : linesOf(output);
}

/** Whether the verifier's port takes a connection; undefined: dcv.conf names none. */
function parseVerifier(url: string | undefined, probe: Probe | undefined): AgentFacts['verifier'] {
  if (url === undefined || url === '' || probe === undefined) return undefined;
  if (probe.code === 0) return { url: mask(url), reachable: true, reason: undefined };
  const said = linesOf(probe.output)[0]?.replace(/^bash: (?:line \d+: )?(?:connect: )?/, '');
  const reason = hung(probe) ? 'no answer in 4 s' : (said ?? `bash ended with ${probe.code}`);
  return { url: mask(url), reachable: false, reason };
}

/** The first line is sha256sum's, the others are systemctl's. */
function parsePersisted(text: string | undefined): AgentFacts['persisted'] {
  const fingerprint = /^([0-9a-f]{64})\b/.exec(text ?? '')?.[1];
  if (text === undefined || fingerprint === undefined) return undefined;
  return { fingerprint, ...persistUnit(text) };
}

/** Units of other remote-desktop servers; GNOME's own is installed with the desktop, and counts once it runs. */
const REMOTE_DESKTOPS: readonly (readonly [unit: string, name: string])[] = [
  ['xrdp.service', 'xrdp'],
  ['x2goserver.service', 'x2goserver'],
  ['nxserver.service', 'nxserver'],
  ['gnome-remote-desktop.service', 'gnome-remote-desktop'],
  ['vncserver.service', 'vncserver'],
  ['rustdesk.service', 'rustdesk'],
  ['teamviewerd.service', 'teamviewerd'],
];

function remoteDesktopsOf({ units = {} }: SystemFacts): string[] {
  return REMOTE_DESKTOPS.filter(([id, name]) => {
    const unit = units[id];
    return unit?.active === 'active' || (unit?.enabled === 'enabled' && name !== 'gnome-remote-desktop');
  }).map(([, name]) => name);
}
