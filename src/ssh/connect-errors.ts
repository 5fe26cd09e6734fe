import { DcvopsError } from '../errors.ts';
import type { Credential } from './keys.ts';
import { type Target, showAddress } from './target.ts';

/** How far a connection got: TCP, SSH's greeting, key exchange, login. */
export type ConnectPhase = 'tcp' | 'banner' | 'handshake' | 'login';

export interface ConnectCircumstances {
  readonly target: Target;
  /** The jump host's name. */
  readonly via: string | undefined;
  readonly phase: ConnectPhase;
  readonly heard: string;
  readonly authsLeft: readonly string[] | undefined;
  readonly partial: boolean;
  readonly timeoutMs: number;
  readonly list: readonly Credential[];
  readonly remarks: readonly string[];
}

/** Says what kept a connection from being made. Pure. */
export function connectError(error: unknown, at: ConnectCircumstances): DcvopsError {
  if (error instanceof DcvopsError) return error;
  const { target } = at;
  const where = showAddress(target) + (at.via === undefined ? '' : ` through ${at.via}`);
  if (error instanceof ConnectTimeout) return timedOut(where, at);
  const cause = error as Error & { code?: unknown; level?: string; reason?: unknown };
  if (cause.level === 'client-authentication') return loginRefused(cause, where, at);
  if (typeof cause.reason === 'number') return jumpRefused(cause, where, at);
  if (at.phase !== 'tcp') return broken(cause, where, at);
  switch (cause.code) {
    case 'ECONNREFUSED':
      return unreachable(`${where} refuses the connection: no sshd listens there`, checkAddress(target));
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return unreachable(`no address is known for ${target.address} (${cause.code})`, checkAddress(target));
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return unreachable(`there is no way to ${where} from here (${cause.code})`, reachHint(at));
    case 'ETIMEDOUT':
      return unreachable(`no answer from ${where}`, reachHint(at));
    default:
      return unreachable(`no connection to ${where}: ${cause.message}`, reachHint(at));
  }

  function unreachable(message: string, hint?: string): DcvopsError {
    return fail('unreachable', message, at, cause, hint);
  }
}

/** The time for a connection, from TCP to the login, has passed. */
export class ConnectTimeout extends Error {}

const NO_WAY = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * True where a host's address gave no answer at all: a firewall, or a network that is not reached from here.
 */
export function isNoAnswer(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (unanswered.has(error) || NO_WAY.has((error as NodeJS.ErrnoException).code ?? '')) return true;
  return isNoAnswer(error.cause);
}

const unanswered = new WeakSet<Error>();

/**
 * True where trying once more makes sense: sshd dropped the connection before greeting, as MaxStartups has it
 * do.
 */
export function isWorthRetrying(error: unknown): boolean {
  return error instanceof DcvopsError && retriable.has(error);
}

/** Marked where the message is made, so that the two never disagree. */
const retriable = new WeakSet<DcvopsError>();

/** True where the server has no host key of the types that were asked for. */
export function isUnsupportedHostKeyType(error: unknown): boolean {
  return (
    error instanceof DcvopsError &&
    error.cause instanceof Error &&
    error.cause.message.includes('no matching host key format')
  );
}

/** TCP was there; SSH was not, or not for long. */
function broken(
  cause: Error & { code?: unknown; level?: string },
  where: string,
  at: ConnectCircumstances,
): DcvopsError {
  if (at.phase === 'banner') return notGreeted(cause, where, at);
  if (at.phase !== 'login') return handshakeFailed(cause, where, at);
  // a number is the reason that sshd gave when it hung up (RFC 4253, 11.1)
  if (typeof cause.code === 'number') return loginRefused(cause, where, at);
  if (cause.level === 'agent') {
    return fail(
      'login',
      `ssh-agent did not sign the login at ${where} for ${at.target.user}: ${cause.message}`,
      at,
      cause,
      'ssh-add -l   (is the agent locked, or does it ask for a confirmation?)',
    );
  }
  return fail(
    'unreachable',
    `${where} broke the connection during the login of ${at.target.user}`,
    at,
    cause,
    SSHD_LOG,
  );
}

const SSHD_LOG = 'look into the log of sshd on the host: journalctl -u ssh -u sshd';

function notGreeted(cause: Error, where: string, at: ConnectCircumstances): DcvopsError {
  const said = at.heard.trim().split('\n')[0]?.trim() ?? '';
  if (/not allowed at this time/i.test(said)) {
    return fail(
      'unreachable',
      `${where} refuses connections from here for a while ("${said}": sshd's PerSourcePenalties)`,
      at,
      cause,
      'wait some minutes; sshd names the reason in its log on the host',
    );
  }
  if (said !== '' && !/maxstartups/i.test(said)) {
    return fail(
      'unreachable',
      `what answers at ${where} is not sshd: "${said.slice(0, 60)}"`,
      at,
      cause,
      checkAddress(at.target),
    );
  }
  const dropped = fail(
    'unreachable',
    `${where} closes connections before greeting${said === '' ? '' : ` ("${said}")`}: too many logins at once (MaxStartups), or a ban`,
    at,
    cause,
    `${SSHD_LOG}, and at fail2ban`,
  );
  retriable.add(dropped);
  return dropped;
}

function handshakeFailed(cause: Error, where: string, at: ConnectCircumstances): DcvopsError {
  const { message } = cause;
  if (message.includes('no matching key exchange')) {
    return fail(
      'unreachable',
      `${where} and dcvops have no key exchange in common; a server that accepts post-quantum ones only ` +
        '(sntrup761, mlkem768) cannot be used',
      at,
      cause,
      'add curve25519-sha256 to KexAlgorithms in the sshd_config of the host',
    );
  }
  const kind = /no matching (host key format|C->S \w+|S->C \w+)/.exec(message)?.[1];
  if (kind !== undefined) {
    return fail(
      'unreachable',
      `${where} and dcvops have no ${kind} in common`,
      at,
      cause,
      'compare: ssh -Q HostKeyAlgorithms, ssh -Q cipher, ssh -Q mac, and sshd -T on the host',
    );
  }
  return fail(
    'unreachable',
    `the connection to ${where} broke during the key exchange: ${message}`,
    at,
    cause,
  );
}

function timedOut(where: string, at: ConnectCircumstances): DcvopsError {
  const seconds = `${at.timeoutMs / 1000} s`;
  switch (at.phase) {
    case 'tcp':
      return unansweredIn(`no answer from ${where} in ${seconds}`, at);
    case 'banner':
      return fail(
        'unreachable',
        `${where} takes connections but sends no SSH greeting in ${seconds}: sshd hangs, or something else listens there`,
        at,
        undefined,
        checkAddress(at.target),
      );
    case 'handshake':
      return fail(
        'unreachable',
        `${where} did not finish the key exchange in ${seconds}`,
        at,
        undefined,
        LONGER,
      );
    case 'login':
      return fail(
        'unreachable',
        `${where} did not finish the login of ${at.target.user} in ${seconds}`,
        at,
        undefined,
        `${LONGER}; slow logins: UseDNS, PAM or the directory service of the host`,
      );
  }
}

function unansweredIn(message: string, at: ConnectCircumstances): DcvopsError {
  const error = fail('unreachable', message, at, undefined, reachHint(at));
  unanswered.add(error);
  return error;
}

const LONGER = 'give it longer with --connect-timeout';

function loginRefused(cause: Error, where: string, at: ConnectCircumstances): DcvopsError {
  const { target } = at;
  const shown = at.list.map((credential) => credential.label).join(', ');
  const accepts = at.authsLeft?.filter((method) => method !== 'publickey').join(', ') ?? '';
  if (at.list.length === 0) {
    return fail(
      'login',
      `there is no key to log in to ${where} with`,
      at,
      cause,
      'name one in the inventory: ssh: { key: ~/.ssh/… }, or load it into ssh-agent',
    );
  }
  if (at.partial) {
    return fail(
      'login',
      `${where} accepted the key of ${target.user}, but wants a second factor as well (${accepts}), which dcvops cannot give`,
      at,
      cause,
      'exempt this user or network from it in sshd_config (Match … AuthenticationMethods publickey)',
    );
  }
  if (at.authsLeft !== undefined && !at.authsLeft.includes('publickey')) {
    return fail(
      'login',
      `${where} lets nobody log in as ${target.user} with a key, only by ${accepts}`,
      at,
      cause,
      'PubkeyAuthentication yes in the sshd_config of the host',
    );
  }
  const server = /too many authentication failures/i.test(cause.message)
    ? ' The host allows fewer attempts than there are keys.'
    : '';
  return fail(
    'login',
    `login at ${where} refused for ${target.user} with ${shown}. Wrong user (Ubuntu images: ubuntu) or key.` +
      [server, ...at.remarks.map((remark) => ` ${remark}.`)].join(''),
    at,
    cause,
    `dcvops ssh ${target.name} -v`,
  );
}

/** The jump host's sshd said no: RFC 4254, 5.1. */
function jumpRefused(
  cause: Error & { reason?: unknown },
  where: string,
  at: ConnectCircumstances,
): DcvopsError {
  const via = at.via ?? 'the jump host';
  const said = cause.message.replace(/^.*Channel open failure: */, '');
  if (cause.reason === 1) {
    return fail(
      'unreachable',
      `${via} does not let connections through to ${showAddress(at.target)} (${said})`,
      at,
      cause,
      `AllowTcpForwarding and PermitOpen in the sshd_config of ${via}`,
    );
  }
  return fail(
    'unreachable',
    `${via} does not reach ${showAddress(at.target)}: ${said}`,
    at,
    cause,
    checkAddress(at.target),
  );
}

function checkAddress(target: Target): string {
  return (
    proxyCommandHint(target) ??
    `check host and ssh.port of ${target.name} in the inventory (now ${showAddress(target)})`
  );
}

function reachHint({ target, via }: ConnectCircumstances): string {
  const unused = proxyCommandHint(target);
  if (unused !== undefined) return unused;
  return via === undefined
    ? `check its address and the firewall (security group); behind the proxy: give ${target.name}  ssh: { jump: … }`
    : `check the address, and whether ${via} may connect there (security group)`;
}

function proxyCommandHint({ name, proxyCommand }: Target): string | undefined {
  if (proxyCommand === undefined) return undefined;
  return `ssh_config has a ProxyCommand for it, which dcvops does not run: give ${name} a jump in the inventory, or ProxyJump`;
}

function fail(
  code: 'unreachable' | 'login',
  message: string,
  at: ConnectCircumstances,
  cause: Error | undefined,
  hint?: string,
): DcvopsError {
  return new DcvopsError(code, message, {
    host: at.target.name,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * A failure with the host's name: key files do not know for whom they are read, and a login can have two
 * names.
 */
export function toldFor(host: string, error: unknown): unknown {
  if (!(error instanceof DcvopsError) || error.host === host) return error;
  return retold(error, host, error.message, error.hint);
}

/**
 * The failure of a hop, told for the host behind it.
 * @param isNamed whether the inventory names the hop: one of ssh_config's has no name that a command would
 * take
 */
export function toldBehind(host: string, hop: string, isNamed: boolean, error: unknown): unknown {
  if (!(error instanceof DcvopsError) || error.code === 'interrupted') return error;
  const hint = isNamed ? error.hint : error.hint?.replaceAll(`dcvops trust ${hop}`, `dcvops trust ${host}`);
  return retold(error, host, `its jump host ${hop} failed: ${error.message}`, hint);
}

function retold(error: DcvopsError, host: string, message: string, hint: string | undefined): DcvopsError {
  return new DcvopsError(error.code, message, {
    host,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
