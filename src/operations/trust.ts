import pLimit from 'p-limit';
import { DcvopsError } from '../errors.ts';
import type { Host } from '../inventory/types.ts';
import type { Emit, OutcomeEvent } from '../report/events.ts';
import { shortType } from '../ssh/host-key-check.ts';
import { appendKnownHosts, readKnownHosts, replaceInKnownHosts } from '../ssh/known-hosts-file.ts';
import { fingerprint, keyType, knownHostsLine, usesHashedNames } from '../ssh/known-hosts.ts';
import type { HostKeyReport } from '../ssh/probe-host-keys.ts';
import { type Target, showAddress } from '../ssh/target.ts';
import { outcomeOf } from './outcome.ts';

export interface TrustContext {
  readonly route: (host: Host) => Promise<readonly Target[]>;
  readonly hostKeys: (route: readonly Target[]) => Promise<HostKeyReport>;
  readonly emit: Emit;
  readonly concurrency: number;
  /** Shows the keys and asks; there is no option that says yes to it. */
  readonly confirm: (proposals: readonly Proposal[]) => Promise<boolean>;
}

export interface TrustOptions {
  /** Put the keys shown in the place of other ones that are known. */
  readonly replace: boolean;
  /**
   * Fingerprints (`SHA256:…`) known from elsewhere: a key with one of these is taken without a question, and
   * no other.
   */
  readonly fingerprints: readonly string[];
}

/** The keys of one host or hop, to be trusted. */
export interface Proposal {
  readonly host: string;
  /** `10.150.248.180:22` */
  readonly address: string;
  readonly keys: readonly ShownKey[];
  /** Fingerprints that are known now and would no longer be. */
  readonly replaces: readonly ShownKey[];
}

export interface ShownKey {
  /** `ed25519` */
  readonly type: string;
  readonly fingerprint: string;
}

/** What known_hosts says of all keys of a host together. */
export type Standing = 'known' | 'new' | 'changed' | 'revoked';

/**
 * Judges a host by all its keys. Known means that one key is in known_hosts and none contradicts it; a host
 * that only shows keys of other types than are known has changed.
 */
export function standingOf({ keys }: HostKeyReport): Standing {
  const kinds = keys.map(({ verdict }) => verdict.kind);
  if (kinds.includes('revoked')) return 'revoked';
  if (kinds.includes('changed')) return 'changed';
  if (kinds.includes('match')) return 'known';
  return kinds.includes('other-type') ? 'changed' : 'new';
}

/** One host on its way to being trusted: its hops are looked at one after the other. */
interface Traveller {
  readonly host: Host;
  readonly route: readonly Target[];
  hop: number;
  written: number;
}

/**
 * Makes hosts' keys known, jump hosts first: shows what is new, and writes it after a yes. A host that is
 * known already is left alone. Emits an outcome for each host. Nothing is ever accepted by itself.
 */
export async function trustHosts(
  context: TrustContext,
  hosts: readonly Host[],
  options: TrustOptions,
): Promise<void> {
  const atOnce = pLimit(context.concurrency);
  const looks = new Map<string, Promise<HostKeyReport>>();
  const look = (route: readonly Target[]): Promise<HostKeyReport> => {
    const place = placeOf(route);
    const known = looks.get(place) ?? atOnce(() => context.hostKeys(route));
    looks.set(place, known);
    return known;
  };

  let travellers = await started(context, hosts);
  while (travellers.length > 0) {
    const arrived = await Promise.all(travellers.map((traveller) => walk(traveller, look, context, options)));
    const waiting = arrived.filter((stop) => stop !== undefined);
    const accepted = await ask(waiting, context, options);
    await write(accepted);
    looks.clear();
    for (const { traveller } of accepted) {
      traveller.hop++;
      traveller.written++;
    }
    travellers = accepted.map(({ traveller }) => traveller);
  }
}

async function started(context: TrustContext, hosts: readonly Host[]): Promise<Traveller[]> {
  const travellers = await Promise.all(
    hosts.map(async (host): Promise<Traveller | undefined> => {
      try {
        return { host, route: await context.route(host), hop: 0, written: 0 };
      } catch (error) {
        context.emit(outcomeOf(error, host.name));
        return undefined;
      }
    }),
  );
  return travellers.filter((traveller) => traveller !== undefined);
}

/** Two names of one host behind the same hops are one place: it is looked at, asked for and written once. */
function placeOf(route: readonly Target[]): string {
  return JSON.stringify(route.map(({ knownAs, knownHosts }) => [knownAs, knownHosts]));
}

/** Where a traveller cannot go on before somebody trusts a key. */
interface Stop {
  readonly place: string;
  readonly traveller: Traveller;
  readonly report: HostKeyReport;
  readonly standing: 'new' | 'changed';
}

/** Goes on past every hop that is known; an end of the way is told. */
async function walk(
  traveller: Traveller,
  look: (route: readonly Target[]) => Promise<HostKeyReport>,
  context: TrustContext,
  options: TrustOptions,
): Promise<Stop | undefined> {
  const { host, route } = traveller;
  try {
    for (; traveller.hop < route.length; traveller.hop++) {
      const soFar = route.slice(0, traveller.hop + 1);
      const [place, report] = [placeOf(soFar), await look(soFar)];
      const standing = standingOf(report);
      if (standing === 'revoked') throw revoked(report, host.name);
      if (standing === 'changed' && !options.replace) throw changed(report, host.name);
      if (standing !== 'known') return { place, traveller, report, standing };
    }
    context.emit(
      traveller.written > 0
        ? outcome(host, 'done', 'trusted')
        : outcome(host, 'unchanged', 'its key is known already'),
    );
  } catch (error) {
    context.emit(outcomeOf(error, host.name));
  }
  return undefined;
}

/** Asks once for all stops of a round; hosts behind the same hop wait for the same key. */
async function ask(
  stops: readonly Stop[],
  context: TrustContext,
  options: TrustOptions,
): Promise<readonly Stop[]> {
  if (stops.length === 0) return [];
  if (options.fingerprints.length > 0) {
    return stops.flatMap((stop) => {
      const report = { ...stop.report, keys: stop.report.keys.filter(isExpected(options.fingerprints)) };
      if (report.keys.length > 0) return [{ ...stop, report }];
      context.emit(
        outcome(
          stop.traveller.host,
          'failed',
          'no key has one of the fingerprints given; nothing was trusted',
        ),
      );
      return [];
    });
  }
  const places = new Map(stops.map((stop) => [stop.place, proposalOf(stop)]));
  if (await context.confirm([...places.values()])) return stops;
  for (const { traveller } of stops) {
    context.emit(outcome(traveller.host, 'not-started', 'not trusted; nothing was written'));
  }
  return [];
}

function isExpected(fingerprints: readonly string[]): (shown: { readonly key: Buffer }) => boolean {
  return ({ key }) => fingerprints.includes(fingerprint(key));
}

function proposalOf({ report }: Stop): Proposal {
  const { target, keys } = report;
  return {
    host: target.name,
    address: showAddress(target),
    keys: keys.map(({ key }) => shown(key)),
    replaces: knownNow(report).map(({ key }) => shown(key)),
  };
}

function shown(key: Buffer): ShownKey {
  return { type: shortType(keyType(key) ?? 'unknown'), fingerprint: fingerprint(key) };
}

/** The lines that say something else than the host. */
function knownNow({ keys }: HostKeyReport): { readonly key: Buffer; readonly file: string }[] {
  const lines = keys.flatMap(({ verdict }) => ('lines' in verdict ? verdict.lines : []));
  return [...new Map(lines.map((line) => [`${line.file}:${line.line}`, line])).values()];
}

/** Writes each place once, one after the other: the files are shared. */
async function write(stops: readonly Stop[]): Promise<void> {
  const places = new Map(stops.map((stop) => [stop.place, stop]));
  for (const { report, standing } of places.values()) {
    const { target, keys } = report;
    const [file] = target.knownHosts;
    if (file === undefined) throw new TypeError('a target has a known_hosts file');
    const endpoint = target.knownAs;
    const hashed = usesHashedNames(await readKnownHosts([file]));
    const lines = keys.map(({ key }) => knownHostsLine(endpoint, key, hashed));
    if (standing === 'new') {
      await appendKnownHosts(file, lines);
      continue;
    }
    const others = target.knownHosts
      .slice(1)
      .filter((other) => knownNow(report).some((line) => line.file === other));
    for (const other of others) await replaceInKnownHosts(other, endpoint, []);
    await replaceInKnownHosts(file, endpoint, lines);
  }
}

function changed(report: HostKeyReport, host: string): DcvopsError {
  const { target, keys } = report;
  const list = (all: readonly { readonly key: Buffer }[]): string =>
    all.map(({ key }) => `${fingerprint(key)} (${shown(key).type})`).join(', ');
  return new DcvopsError(
    'host-key',
    `host key of ${showAddress(target)} CHANGED. Shown ${list(keys)}; known: ${list(knownNow(report))}. ` +
      'Either the host was set up anew, or somebody sits in between.',
    { host, hint: `if it changed on purpose: dcvops trust ${host} --replace` },
  );
}

function revoked({ target, keys }: HostKeyReport, host: string): DcvopsError {
  const [line] = keys.flatMap(({ verdict }) => (verdict.kind === 'revoked' ? [verdict.line] : []));
  const where = line === undefined ? '' : ` at ${line.file}:${line.line}`;
  return new DcvopsError('host-key', `a host key of ${showAddress(target)} is revoked${where}; not trusted`, {
    host,
    hint: 'ask who runs the host for its new key',
  });
}

function outcome(host: Host, kind: OutcomeEvent['outcome'], message: string): OutcomeEvent {
  return { type: 'outcome', host: host.name, outcome: kind, message };
}
