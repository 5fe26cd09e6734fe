import { setMaxListeners } from 'node:events';
import { homedir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import { DcvopsError } from '../errors.ts';
import type { Secret } from '../shell/secret.ts';
import { isWorthRetrying, toldBehind, toldFor } from './connect-errors.ts';
import { type Connection, connect } from './connect.ts';
import { type HostKeyCheck, prepareHostKeyCheck } from './host-key-check.ts';
import { type Credentials, createKeyRing } from './keys.ts';
import { type HostKeyReport, probeHostKeys } from './probe-host-keys.ts';
import type { Remote } from './remote.ts';
import { type ScriptInfo, type Session, createSession } from './session.ts';
import { type JumpAddress, createSshConfigReader } from './ssh-config.ts';
import { createSudoPassword } from './sudo.ts';
import { type Jump, type SshHost, type Target, settleTarget, showAddress } from './target.ts';

export interface PoolOptions {
  /** All hosts of the inventory: jumps name them. */
  readonly hosts: readonly SshHost[];
  /** For each hop, from TCP to the login; default 10 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** For each script that is run; default: none. */
  readonly commandTimeoutMs?: number | undefined;
  /** Between keepalives, of which three may stay unanswered; default 10 s. */
  readonly keepaliveMs?: number | undefined;
  readonly askPassphrase: (keyPath: string) => Promise<Secret>;
  /** Asked once a run; `host` is the one that needs it first. */
  readonly askSudoPassword: (host: string) => Promise<Secret>;
  readonly onScript?: (info: ScriptInfo) => void;
  readonly onConnect?: (info: ConnectInfo) => void;
  /** Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  readonly home?: string;
}

/** A connection that was made, for `-v`. */
export interface ConnectInfo {
  readonly host: string;
  readonly address: string;
  readonly user: string;
  /** The jump host's name. */
  readonly via: string | undefined;
  readonly elapsedMs: number;
}

/** What a run cost, for the benchmarks. */
export interface PoolCounts {
  readonly connections: number;
  readonly channels: number;
}

/** The connections of one run: one for each host, made when it is first asked for, jump hosts included. */
export interface Pool {
  /** For each hop, from TCP to the login. */
  readonly connectTimeoutMs: number;
  /**
   * The host, logged in. Asking again gives the same connection; a new one is made when that was lost or
   * could not be made.
   * @throws DcvopsError `unreachable`, `host-key` or `login`, with `host` set
   */
  readonly connect: (host: SshHost) => Promise<Remote>;
  /** The hops to a host, itself the last, as inventory and ssh_config have them; nothing is connected. */
  readonly route: (host: SshHost) => Promise<readonly Target[]>;
  /**
   * The keys that the last hop of a route shows, and what known_hosts says of each; nobody logs in to it. The
   * hops before it are connected.
   * @throws DcvopsError as `connect`
   */
  readonly hostKeys: (route: readonly Target[]) => Promise<HostKeyReport>;
  readonly counts: () => PoolCounts;
  /** Ends all connections, also those being made. */
  readonly close: () => void;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_KEEPALIVE_MS = 10_000;
/**
 * From 10 connections on that have not logged in, sshd drops some (MaxStartups 10:30:100); it counts each a
 * moment longer.
 */
const MAX_STARTS = 8;
/** Jump hosts behind jump hosts; a circle in ssh_config ends here. */
const MAX_HOPS = 8;

export function openPool(options: PoolOptions): Pool {
  const { env = process.env, home = homedir() } = options;
  const connectTimeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const readConfig = createSshConfigReader(env, home);
  const keyRing = createKeyRing({ env, askPassphrase: options.askPassphrase });
  const sudoPassword = createSudoPassword(env, options.askSudoPassword);
  const closing = new AbortController();
  // each connection being made listens to it
  setMaxListeners(0, closing.signal);
  const sessions = new Map<string, Promise<Login>>();
  const starts = new Map<string, LimitFunction>();
  const counts = { connections: 0, channels: 0 };

  return {
    connectTimeoutMs,
    async connect(host) {
      const { session } = await reach(host.name, await routeTo(host));
      return session.remote(host.name);
    },
    async hostKeys(route) {
      const target = lastOf(route);
      const before = route.slice(0, -1);
      const via = before.length === 0 ? undefined : (await reach(target.name, before)).connection;
      return probeHostKeys(target, (hostKey) =>
        startGate(via?.target ?? target)(() => connectTo(target, via, { list: [], remarks: [] }, hostKey)),
      );
    },
    route: (host) => routeTo(host),
    counts: () => ({ ...counts }),
    close() {
      closing.abort();
      for (const made of sessions.values()) {
        made.then(
          ({ connection }) => {
            connection.end();
          },
          () => undefined,
        );
      }
    },
  };

  /**
   * The hops to a host, itself the last; nothing is connected.
   * @param through the rest of a ProxyJump list, which takes the place of the hop's own jump
   */
  async function routeTo(host: SshHost, through?: readonly JumpAddress[], depth = 1): Promise<Target[]> {
    const config = await readConfig({ host: host.host, user: host.ssh.user, port: host.ssh.port });
    const target = settleTarget(host, config, { env, home }, through);
    if (target.jump === undefined) return [target];
    if (depth > MAX_HOPS) {
      throw new DcvopsError('usage', `more than ${MAX_HOPS} jump hosts, or a circle of them`, {
        host: target.name,
      });
    }
    const [hop, before] = hopBefore(target, target.jump);
    return [...(await routeTo(hop, before, depth + 1)), target];
  }

  function hopBefore(target: Target, jump: Jump): [SshHost, readonly JumpAddress[] | undefined] {
    if (jump.kind === 'address')
      return [jumpHost(jump.address, target), jump.before.length > 0 ? jump.before : undefined];
    const named = options.hosts.find((host) => host.name === jump.name);
    if (named !== undefined) return [named, undefined];
    throw new DcvopsError('inventory', `its jump host ${jump.name} is not in the inventory`, {
      host: target.name,
    });
  }

  /** Connects hop by hop; hops that are connected already are used. */
  async function reach(name: string, route: readonly Target[]): Promise<Login> {
    let login: Login | undefined;
    for (const [index, target] of route.entries()) {
      try {
        login = await join(
          target,
          login?.connection,
          JSON.stringify(route.slice(0, index + 1).map(identity)),
        );
      } catch (error) {
        if (target.name === name) throw toldFor(name, error);
        const isNamed = options.hosts.some((host) => host.name === target.name);
        throw toldBehind(name, target.name, isNamed, error);
      }
    }
    if (login === undefined) throw new TypeError('a route has at least one hop');
    return login;
  }

  function join(target: Target, via: Connection | undefined, id: string): Promise<Login> {
    const known = sessions.get(id);
    if (known !== undefined) return known;
    const made = open(target, via);
    sessions.set(id, made);
    const forget = (): void => {
      if (sessions.get(id) === made) sessions.delete(id);
    };
    made.then(({ connection }) => {
      connection.onLost(forget);
    }, forget);
    return made;
  }

  async function open(target: Target, via: Connection | undefined): Promise<Login> {
    const credentials = await keyRing.credentialsFor(target);
    const hostKey = await prepareHostKeyCheck(target);
    const connection = await startGate(via?.target ?? target)(async () => {
      const startedAt = performance.now();
      const made = await connectTo(target, via, credentials, hostKey);
      counts.connections++;
      options.onConnect?.({
        ...{ host: target.name, address: showAddress(target), user: target.user, via: via?.target.name },
        elapsedMs: performance.now() - startedAt,
      });
      return made;
    });
    const session = createSession(connection, {
      commandTimeoutMs: options.commandTimeoutMs,
      sudoPassword,
      onScript: options.onScript ?? (() => undefined),
      onChannel: () => counts.channels++,
    });
    return { connection, session };
  }

  function connectTo(
    target: Target,
    via: Connection | undefined,
    credentials: Credentials,
    hostKey: HostKeyCheck,
  ): Promise<Connection> {
    return withRetries(connectTimeoutMs, closing.signal, (remainingMs) =>
      connect({
        ...{ target, via, credentials, hostKey, timeoutMs: connectTimeoutMs, remainingMs },
        keepaliveMs: options.keepaliveMs ?? DEFAULT_KEEPALIVE_MS,
        signal: closing.signal,
      }),
    );
  }

  function startGate(target: Target): LimitFunction {
    const place = showAddress(target);
    const gate = starts.get(place) ?? pLimit(MAX_STARTS);
    starts.set(place, gate);
    return gate;
  }
}

interface Login {
  readonly connection: Connection;
  readonly session: Session;
}

/**
 * Two names for the same login share a connection; other keys may mean other rights, another check another
 * trust.
 */
function identity({ address, port, user, keys, knownAs, knownHosts, hostKeys }: Target): unknown {
  return [address, port, user, keys, knownAs, knownHosts, hostKeys];
}

function lastOf(route: readonly Target[]): Target {
  const target = route.at(-1);
  if (target === undefined) throw new TypeError('a route has at least one hop');
  return target;
}

/**
 * ssh_config's hop, as a host that no inventory knows; what it needs to log in comes from ssh_config as well.
 */
function jumpHost({ host, user, port }: JumpAddress, { hostKeys, knownHosts }: Target): SshHost {
  return {
    name: port === undefined ? host : showAddress({ address: host, port }),
    host,
    ssh: { port, user, key: undefined, jump: undefined, knownHosts: knownHosts[0], hostKeys },
  };
}

/**
 * sshd drops connections at random when too many have not logged in; only that is tried again, within the
 * time for the hop.
 */
async function withRetries<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (remainingMs: number) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(deadline - performance.now());
    } catch (error) {
      const pauseMs = (0.5 + Math.random()) * 100 * 2 ** attempt;
      if (!isWorthRetrying(error) || performance.now() + pauseMs > deadline) throw error;
      // cut short when the pool closes; the next attempt then says so
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
