import { describeGateway } from '../../gateway/describe.ts';
import { readWorkerLimits } from '../../gateway/nginx-conf.ts';
import { parseNginxVersion } from '../../gateway/nginx-facts.ts';
import { LIVE_FILE, isUnedited, releaseIdOf } from '../../gateway/release.ts';
import { mask } from '../../logs/mask.ts';
import type { ProxyFacts } from '../facts/proxy.ts';
import type { SystemFacts } from '../facts/system.ts';
import { parseFilesAmiss } from './files-beside.ts';
import { linesOf } from './lines.ts';
import { parseLogin } from './login.ts';
import { parseLogRotation } from './log-rotation.ts';
import { parseNginxErrors } from './nginx-errors.ts';
import { parseConnections, parseWorkers, youngestOf } from './nginx-workers.ts';
import { type Probes, hung } from './probes.ts';
import { parseStateFiles } from './state-files.ts';

/**
 * Reads what `PROXY` told of an nginx host. Pure; what was not told, or makes no sense, is undefined or empty.
 * @param now by the host's clock
 */
export function parseProxy(probes: Probes, system: SystemFacts, now: Date): ProxyFacts {
  const { text } = probes;
  const workers = parseWorkers(text('nginx-workers'), text('nginx-connections'));
  const errors = parseNginxErrors(
    [...linesOf(text('nginx-errors')), ...linesOf(text('nginx-journal'))],
    now,
    system.clock.utcOffsetMinutes,
  );
  return {
    ...parseNginx(probes),
    test: parseTest(probes),
    live: parseLive(text('gateway-file'), text('gateway-file-mode')),
    filesAmiss: parseFilesAmiss(text('gateway-files-beside'), text('gateway-file')),
    ...parseStateFiles(probes, text('gateway-file')),
    releases: parseReleases(text('gateway-releases')),
    pending: text('gateway-pending'),
    rivals: parseRivals(text('nginx-rivals')),
    overlaps: parseOverlaps(text('nginx-overlaps'), text('gateway-file')),
    workers,
    workerConnections: readWorkerLimits(text('nginx-limits') ?? '').workerConnections,
    connections: parseConnections(text('nginx-connections')),
    logRotation: parseLogRotation(probes, system),
    certificate: parseCertificate(probes),
    key: parseKey(probes),
    login: parseLogin(probes),
    errors,
    youngestWorker: youngestOf(workers),
    mayConnect: parseMayConnect(text('nginx-may-connect')),
  };
}

/* nginx */

/** A program that is not nginx's, or lacks a library, says something else than a version. */
function parseNginx({ first }: Probes): Pick<ProxyFacts, 'nginx' | 'nginxProblem'> {
  const probe = first('nginx-version');
  if (probe === undefined) return { nginx: undefined, nginxProblem: undefined };
  try {
    const { version, openssl, modules } = parseNginxVersion(probe.output);
    return {
      nginx: { version: [...version], openssl: openssl?.join('.'), modules },
      nginxProblem: undefined,
    };
  } catch {
    const said = linesOf(mask(probe.output))[0]?.slice(0, MAX_LINE);
    return { nginx: undefined, nginxProblem: hung(probe) ? 'no answer' : (said ?? `exit ${probe.code}`) };
  }
}

const MAX_LINE = 300;
const MAX_LINES = 10;

/** The last one counts: the first may have been one that was not allowed to be private. */
function parseTest({ all }: Probes): ProxyFacts['test'] {
  const probe = all('nginx-test').at(-1);
  if (probe === undefined || hung(probe)) return undefined;
  const output = linesOf(mask(probe.output)).map((line) => line.slice(0, MAX_LINE));
  return { ok: probe.code === 0, output: output.slice(-MAX_LINES).join('\n') };
}

/** `httpd_can_network_connect --> off` */
function parseMayConnect(output: string | undefined): boolean | undefined {
  const word = /^httpd_can_network_connect --> (on|off)$/m.exec(output ?? '')?.[1];
  return word === undefined ? undefined : word === 'on';
}

/* What dcvops put there */

/** The "." behind the content keeps the newlines at its end. */
function parseLive(told: string | undefined, mode = ''): ProxyFacts['live'] {
  if (told === undefined) return undefined;
  const content = told.replace(/\.$/, '');
  const releaseId = releaseIdOf(content);
  const description = describeGateway(content);
  return {
    path: LIVE_FILE,
    releaseId,
    edited: releaseId !== undefined && !isUnedited(content),
    mode,
    basic: /^\s*auth_basic_user_file /m.test(content),
    allow: description === undefined ? undefined : [...description.allow],
    ...(description === undefined || description.deny.length === 0 ? {} : { deny: [...description.deny] }),
    agents: (description?.agents ?? []).map(({ name, address, allow }) => ({
      name,
      address,
      ...(allow.includes('any') ? {} : { allow: [...allow] }),
    })),
  };
}

/** `ID SINCE WHO` */
function parseReleases(text: string | undefined): ProxyFacts['releases'] {
  return linesOf(text)
    .flatMap((line) => {
      const [, id, since, who] = /^(\S+) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ?(.*)$/.exec(line) ?? [];
      return id === undefined || since === undefined ? [] : [{ id, since, who: who ?? '' }];
    })
    .sort((one, other) => other.since.localeCompare(one.since));
}

/* Other files */

/** Where nginx.conf of the distributions includes files from; SLES has vhosts.d, Debian sites-enabled. */
const ACTIVE = /^\/etc\/nginx\/(?:nginx\.conf|(?:conf|default|vhosts)\.d\/[^/]+\.conf|sites-enabled\/[^/]+)$/;

/**
 * `KIND REALLY|PATH`: a file may be told under two names, one of which nginx reads. Older gateways have the port and the
 * routes; then the port counts.
 */
function parseRivals(text: string | undefined): ProxyFacts['rivals'] {
  const found = linesOf(text).flatMap((line) => {
    const [, why, really, path] = /^(port|routes) ([^|]*)\|(\/.*)$/.exec(line) ?? [];
    if ((why !== 'port' && why !== 'routes') || really === undefined || path === undefined) return [];
    return [{ path, why, active: ACTIVE.test(path), really }] as const;
  });
  const best = found.toSorted(
    (one, other) =>
      Number(other.active) - Number(one.active) || Number(other.why === 'port') - Number(one.why === 'port'),
  );
  return best
    .filter(
      ({ really }, index) =>
        really !== LIVE_FILE && best.findIndex((other) => other.really === really) === index,
    )
    .map(({ path, why, active }) => ({ path, why, active }));
}

/** `FILE|LINE`: names that the gateway's file has as well; somebody may use such names for something of their own. */
function parseOverlaps(text: string | undefined, gateway = ''): ProxyFacts['overlaps'] {
  const own = new Set(gateway.match(NAME));
  const byPath = new Map<string, string[]>();
  for (const line of linesOf(text)) {
    const [, path, given = ''] = /^(\/[^|]*)\|(.*)$/.exec(line) ?? [];
    // in a map the variable that it gives stands last
    const name = given.match(NAME)?.at(-1);
    if (path === undefined || name === undefined || !ACTIVE.test(path) || !own.has(name)) continue;
    byPath.set(path, [...new Set([...(byPath.get(path) ?? []), name])]);
  }
  return [...byPath].map(([path, names]) => ({ path, names }));
}

const NAME = /\$?\bdcv_\w+/g;

/* Certificate and key */

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function parseCertificate({ text }: Probes): ProxyFacts['certificate'] {
  const path = text('gateway-certificate');
  if (path === undefined) return undefined;
  const chain = [...(text('gateway-certificate-chain') ?? '').matchAll(BLOCK)];
  return {
    path,
    chain: chain.map(([block]) => `${block}\n`),
    mode: text('gateway-certificate-mode') ?? '',
  };
}

function parseKey({ text }: Probes): ProxyFacts['key'] {
  const path = text('gateway-key');
  if (path === undefined) return undefined;
  const pair = text('gateway-pair');
  return {
    path,
    mode: text('gateway-key-mode') ?? '',
    pair: pair === undefined ? undefined : pair === 'yes',
  };
}
