import type { FactSet, HostFacts, ReachFacts } from '../../facts/fleet.ts';

/** How the way to a host ended. */
export type Failure = Extract<ReachFacts, { ok: false }>;

/** Why a host was not reached, as a person would tell it apart; each is a check of this family. */
export type WhyNot =
  | 'dns'
  | 'no-answer'
  | 'behind-proxy'
  | 'host-key'
  | 'host-key-unknown'
  | 'login'
  | 'key-unusable'
  | 'jump'
  | 'sudo'
  | 'facts-missing';

/** Puts a failure down to one reason. Pure. */
export function whyNot(
  { name, reach }: HostFacts,
  set: FactSet,
): { why: WhyNot; failure: Failure } | undefined {
  return reach.ok ? undefined : { why: reasonFor(name, reach, set), failure: reach };
}

function reasonFor(name: string, failure: Failure, set: FactSet): WhyNot {
  switch (failure.stage) {
    case 'dns':
    case 'sudo':
      return failure.stage;
    case 'script':
      return 'facts-missing';
    case 'tcp':
      return failure.reachedBy === undefined ? 'no-answer' : 'behind-proxy';
    case 'host-key':
      return isUnknown(name, set) || failure.message.includes(UNKNOWN) ? 'host-key-unknown' : 'host-key';
    case 'login':
      return lacksKey(name, set) ? 'key-unusable' : 'login';
    case 'jump':
      return reasonForJump(failure, set);
  }
}

/** The hop failed, or the hop is fine and does not get further. */
function reasonForJump({ via, message }: Failure, set: FactSet): WhyNot {
  if (via.some((hop) => isUnknown(hop, set))) return 'host-key-unknown';
  if (via.some((hop) => lacksKey(hop, set))) return 'key-unusable';
  const hops = via.map((hop) => set.hosts.find(({ name }) => name === hop));
  const isReached = hops.length > 0 && hops.every((hop) => hop?.reach.ok === true);
  return isReached && !message.includes(FORBIDDEN) ? 'no-answer' : 'jump';
}

/** An address that was typed is not among the hosts whose keys were looked for (`ssh/host-key-check.ts`). */
const UNKNOWN = 'unknown; not logged in';

/** The hop's sshd forwards nothing (`ssh/connect-errors.ts`). */
const FORBIDDEN = 'does not let connections through';

/** Does this machine have no key of the host, or cannot read the file that would have it? */
function isUnknown(name: string, { operator }: FactSet): boolean {
  return operator.knownHosts.some(({ state, unknown }) => state === 'unreadable' || unknown.includes(name));
}

/** Is there no key file for the host that could be used, nor an agent? */
function lacksKey(name: string, { operator }: FactSet): boolean {
  const files = operator.keys.filter(({ hosts }) => hosts.includes(name));
  if (files.length === 0) return operator.sshAgent?.answers === false;
  return files.some(({ state }) => state !== 'ok');
}

/** Did nothing at all come back from the host, or from a hop before it? */
export function isNoAnswer({ reach }: HostFacts): boolean {
  if (reach.ok || reach.reachedBy !== undefined || !['dns', 'tcp', 'jump'].includes(reach.stage))
    return false;
  // `ssh/connect-errors.ts`; a machine that refuses a connection has answered
  return /no answer from|no way to|no address is known/.test(reach.message);
}
