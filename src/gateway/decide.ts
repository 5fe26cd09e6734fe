import { X509Certificate, createHash } from 'node:crypto';
import { DcvopsError } from '../errors.ts';
import type { Confirmation } from '../report/ask.ts';
import { editedFiles } from './drift.ts';
import { describeGateway, type GatewayDescription } from './describe.ts';
import { type FileChange, type HostFile, type ProxyFacts, fileOnHost } from './proxy-facts.ts';
import { NGINX_CONF } from './nginx-conf.ts';
import { LIVE_FILE, releaseIdOf } from './release.ts';
import type { Change } from './transaction.ts';
import { fingerprintOf } from './x509.ts';
import { widerAccess } from './wider-access.ts';

/** The release that was there before dcvops came; kept whatever happens. */
export const BEFORE_DCVOPS = 'before-dcvops';

/** Was this kept as it was found, all of it? The releases that dcvops rendered are the gateway's own files only. */
export function isAsFound(release: string): boolean {
  return release.startsWith('before-');
}

/** What the gateway serves right now, as seen from the operator; undefined where nothing answers. */
export interface Served {
  readonly releaseId: string | undefined;
  /** SHA-256 of the certificate that is served, as lower-case hex. */
  readonly certificate: string;
}

/** What shall be live. */
export interface Target {
  readonly release: string;
  readonly files: readonly FileChange[];
}

/** What the gateway's port has to answer once a target is live. */
export type Expectation =
  /** `/health` tells this release. */
  | { readonly kind: 'release'; readonly id: string }
  /** Something that dcvops didn't write has the port. */
  | { readonly kind: 'answer' }
  /** Nothing has the port: that is how it was before dcvops. */
  | { readonly kind: 'silence' };

/** Reads from a target's files what will answer. A file that was edited by hand still tells the release it came from. */
export function expectationOf(target: Pick<Target, 'files'>, port: number): Expectation {
  const written = target.files.filter((file) => file.kind === 'write');
  const id = releaseIdOf(written.find((file) => file.path === LIVE_FILE)?.content ?? '');
  if (id !== undefined) return { kind: 'release', id };
  return { kind: written.some((file) => listensOn(file.content, port)) ? 'answer' : 'silence' };
}

export interface DecisionOptions {
  readonly port: number;
  readonly now: Date;
  readonly takeOver: boolean;
  readonly force: boolean;
  readonly allowOpen: boolean;
  /** What was typed, for hints: "dcvops deploy", "dcvops rollback --to 3f9a1c0d5e7b". */
  readonly command: string;
}

export type Decision =
  | { readonly kind: 'unchanged' }
  /** The right files are there; nginx has to read them again. */
  | {
      readonly kind: 'reload';
      readonly why: string;
      /** SHA-256 that has to be served after it, where the certificate is the reason; else undefined. */
      readonly certificate: string | undefined;
    }
  | {
      readonly kind: 'change';
      readonly change: Change;
      /** Each needs a yes before anything is done. */
      readonly questions: readonly Confirmation[];
    };

/**
 * Decides what a deploy (or a rollback) has to do on a proxy. Pure.
 * @throws DcvopsError `failed` for what no answer can allow
 */
export function decide(
  facts: ProxyFacts,
  target: Target,
  served: Served | undefined,
  options: DecisionOptions,
): Decision {
  if (facts.nginxConf !== undefined && listensOn(facts.nginxConf, options.port)) {
    throw new DcvopsError(
      'failed',
      `nginx.conf itself answers :${options.port} and would hide the gateway. Nothing changed.`,
      {
        hint: `move that server block to a file in /etc/nginx/conf.d, then dcvops deploy --take-over`,
      },
    );
  }
  const files = [...target.files, ...takenOver(facts, target), ...outdated(facts, target)];
  const differing = files.filter((file) => !isInPlace(file, facts));
  if (differing.length === 0 && facts.service.active) {
    return reloadOrUnchanged(facts, expectationOf(target, options.port), served);
  }

  return {
    kind: 'change',
    // Also what is in place already: what is kept as this release is made of these files.
    change: { release: target.release, files, archive: archiveFor(facts, differing, options.now) },
    questions: [
      ...takeOverQuestion(facts, target, options),
      ...handEditedQuestion(facts, options),
      ...lossQuestions(facts, target, options),
    ],
  };
}

/** Files that would answer the same port: nginx takes the first of them in alphabetical order and only warns. */
function takenOver(facts: ProxyFacts, target: Target): FileChange[] {
  const kept = new Set(target.files.map((file) => file.path));
  return facts.rivals.filter((rival) => !kept.has(rival.path)).map(({ path }) => ({ kind: 'remove', path }));
}

/** Files of the gateway's own that the target no longer has. */
function outdated(facts: ProxyFacts, target: Target): FileChange[] {
  const kept = new Set(target.files.map((file) => file.path));
  return facts.gatewayFiles
    .filter((file) => !kept.has(file.path))
    .map(({ path }) => ({ kind: 'remove', path }));
}

function isInPlace(file: FileChange, facts: ProxyFacts): boolean {
  const found = fileOnHost(facts, file.path);
  if (file.kind === 'remove') return found === undefined;
  return (
    found?.content === file.content &&
    (facts.live?.path !== file.path || facts.live.mode === `${file.mode} root:root`)
  );
}

function reloadOrUnchanged(facts: ProxyFacts, expected: Expectation, served: Served | undefined): Decision {
  if (served === undefined) {
    // A port that can't be seen from here is no reason to touch anything; one on which nginx doesn't listen is.
    const listens = facts.listeners?.some(({ program }) => program === 'nginx') ?? true;
    if (expected.kind === 'silence' || listens) return { kind: 'unchanged' };
    return {
      kind: 'reload',
      why: 'the files are in place, but nginx does not listen on the port',
      certificate: undefined,
    };
  }
  if (expected.kind === 'release' && served.releaseId !== expected.id) {
    return {
      kind: 'reload',
      why: `release ${expected.id} is on disk, but nginx serves ${served.releaseId ?? 'another file'}`,
      certificate: undefined,
    };
  }
  const onDisk = facts.certificate === undefined ? undefined : fingerprintOfPem(facts.certificate);
  if (facts.certificate !== undefined && served.certificate !== onDisk) {
    return {
      kind: 'reload',
      why: 'the certificate on disk is not the one that is served',
      certificate: onDisk,
    };
  }
  return { kind: 'unchanged' };
}

/** Under which name the files that are replaced must be kept; undefined when a kept release holds them. */
function archiveFor(facts: ProxyFacts, differing: readonly FileChange[], now: Date): string | undefined {
  const { live, rivals, releases } = facts;
  const isKept = (id: string): boolean => releases.some((release) => release.id === id);
  const before = `before-${now
    .toISOString()
    .replaceAll(/[^0-9]/g, '')
    .slice(0, 14)}`;
  if (rivals.length > 0 || live?.releaseId === undefined) {
    return isKept(BEFORE_DCVOPS) ? before : BEFORE_DCVOPS;
  }
  const edited = editedFiles(facts);
  if (edited.length > 0) return `edited-${digestOf(edited)}`;
  if (!isKept(live.releaseId)) return live.releaseId;
  // nginx.conf is the host's own, and no release holds it as it was
  return differing.some((file) => file.path === NGINX_CONF) ? before : undefined;
}

/** The kept release that holds what was there before a change that was decided on these facts. */
export function keptAs({ live }: Pick<ProxyFacts, 'live'>, { archive }: Pick<Change, 'archive'>): string {
  return archive ?? live?.releaseId ?? BEFORE_DCVOPS;
}

function takeOverQuestion(facts: ProxyFacts, target: Target, options: DecisionOptions): Confirmation[] {
  const kept = new Set(
    target.files.filter((file) => file.kind === 'write' && file.path !== LIVE_FILE).map((file) => file.path),
  );
  const foreign: HostFile[] = facts.rivals.filter((rival) => !kept.has(rival.path));
  if (facts.live !== undefined && facts.live.releaseId === undefined) foreign.push(facts.live);
  if (foreign.length === 0 || options.takeOver) return [];
  const names = foreign.map((file) => file.path.split('/').at(-1) ?? file.path).join(', ');
  const others = [...new Set(foreign.flatMap((file) => portsOf(file.content)))].filter(
    (port) => port !== options.port,
  );
  const also =
    others.length === 0
      ? ''
      : ` It also answers ${others.map((port) => `:${port}`).join(', ')}, which would stop.`;
  return [
    {
      text: `${names} answers :${options.port} now.${also} Replace it?`,
      flag: '--take-over',
      refusal: new DcvopsError(
        'failed',
        `${names} already answers :${options.port} and would hide ours.${also} Nothing changed.`,
        { hint: `dcvops deploy --take-over   (undo: dcvops rollback --to ${BEFORE_DCVOPS})` },
      ),
    },
  ];
}

function handEditedQuestion(facts: ProxyFacts, options: DecisionOptions): Confirmation[] {
  const edited = editedFiles(facts);
  const release = facts.live?.releaseId;
  if (release === undefined || edited.length === 0 || options.force) return [];
  const names = edited.map(({ path }) => (path === LIVE_FILE ? 'the live file' : path)).join(', ');
  const were = `${names} ${edited.length === 1 ? 'was' : 'were'} edited by hand since release ${release}`;
  return [
    {
      text: `${were[0]?.toUpperCase()}${were.slice(1)}. Overwrite (what was edited is kept)?`,
      flag: '--force',
      neverByYes: true,
      refusal: new DcvopsError('failed', `${were}. Nothing changed.`, {
        hint: `${options.command} --dry-run   (shows the difference)\n${options.command} --force     (overwrites; keeps the edited file as a release)`,
      }),
    },
  ];
}

/** What people would lose, or who would get in, compared with the release that is live. */
function lossQuestions(facts: ProxyFacts, target: Target, options: DecisionOptions): Confirmation[] {
  const wanted = target.files.find((file) => file.kind === 'write' && file.path === LIVE_FILE);
  if (facts.live === undefined || wanted?.kind !== 'write') return [];
  const before = describeGateway(facts.live.content);
  const after = describeGateway(wanted.content);
  if (before === undefined || after === undefined) return [];
  return [...lostAgents(before, after, facts, options), ...widened(before, after, facts, options)];
}

function lostAgents(
  before: GatewayDescription,
  after: GatewayDescription,
  facts: ProxyFacts,
  options: DecisionOptions,
): Confirmation[] {
  const there = new Set(after.agents.map((agent) => agent.address));
  const lost = before.agents.filter((agent) => !there.has(agent.address));
  if (lost.length === 0) return [];
  const names = lost.map((agent) => `${agent.name} (${agent.address})`).join(', ');
  const message = `${names} ${lost.length === 1 ? 'leaves' : 'leave'} the gateway; ${whose(facts, options.now)}.`;
  return [
    {
      text: `${message} Deploy without?`,
      flag: '--yes',
      refusal: new DcvopsError('failed', `${message} Nothing changed.`, {
        hint: `${options.command} --yes, when that is meant; else add what is missing to the inventory`,
      }),
    },
  ];
}

function widened(
  before: GatewayDescription,
  after: GatewayDescription,
  facts: ProxyFacts,
  options: DecisionOptions,
): Confirmation[] {
  const { toEverybody, networks, agents, withoutLogin, believed } = widerAccess(before, after);
  const mayOpen = toEverybody && options.allowOpen;
  const opens = toEverybody && !mayOpen;
  const who = [...(mayOpen ? [] : networks), ...agents];
  const wider = [
    ...(who.length === 0 ? [] : [`${who.join(', ')} may connect, too`]),
    ...(withoutLogin && !mayOpen ? ['nobody is asked for a password any more'] : []),
    ...(believed.length === 0 ? [] : [`${believed.join(', ')} may say who the client is (real_ip_from)`]),
  ];
  if (wider.length === 0) return [];
  const untilNow = `${before.allow.join(', ')}${withoutLogin ? ', with a password' : ''}`;
  const message = opens
    ? `the gateway would be open to everybody; until now: ${untilNow} (${whose(facts, options.now)}).`
    : `access gets wider: ${wider.join('; ')} (${whose(facts, options.now)}).`;
  const flag = opens ? '--allow-open' : '--yes';
  return [
    {
      text: `${message} Deploy?`,
      flag,
      neverByYes: opens,
      refusal: new DcvopsError('failed', `${message} Nothing changed.`, {
        hint: `${options.command} ${flag}, when that is meant`,
      }),
    },
  ];
}

/** "live is 3f9a1c of anna@laptop, 3 h old" */
function whose(facts: ProxyFacts, now: Date): string {
  const id = facts.live?.releaseId;
  const release = facts.releases.find((kept) => kept.id === id);
  if (id === undefined) return 'what is live is not from dcvops';
  return release === undefined
    ? `live is ${id}`
    : `live is ${id} of ${release.who}, ${age(now.getTime() - release.since.getTime())} old`;
}

/** A time span as people say it. */
export function age(milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h`;
  return `${Math.round(minutes / 60 / 24)} days`;
}

function listensOn(nginxText: string, port: number): boolean {
  return portsOf(nginxText).includes(port);
}

/** Ports of the \`listen\` directives in an nginx file; a directive without one means 80. */
function portsOf(nginxText: string): number[] {
  return [...nginxText.matchAll(/^[^#\n]*\blisten\s+([^;]+);/gm)].map((match) => {
    const [address = ''] = (match[1] ?? '').trim().split(/\s+/);
    return Number(/(?:^|:)([0-9]+)$/.exec(address)?.[1] ?? 80);
  });
}

/** Names edited files by what they hold, so that each state of them is kept once. */
function digestOf(files: readonly HostFile[]): string {
  const hash = createHash('sha256');
  for (const { path, content } of files) hash.update(`${path}\0${content}\0`);
  return hash.digest('hex').slice(0, 12);
}

/** SHA-256 of the first certificate in a PEM file, as lower-case hex; undefined for a file that isn't one. */
function fingerprintOfPem(pem: string): string | undefined {
  try {
    return fingerprintOf(new X509Certificate(pem));
  } catch {
    return undefined;
  }
}
