import pLimit from 'p-limit';
import { accountsOf } from '../../dcv/session/restore-facts.ts';
import { type Wanted, readHost } from '../../doctor/collect/host.ts';
import type { HostFacts, ReachFacts } from '../../doctor/facts/fleet.ts';
import { parseAgent } from '../../doctor/parse/agent.ts';
import { hungCommands } from '../../doctor/parse/hung.ts';
import { parseLeftovers } from '../../doctor/parse/leftovers.ts';
import { type Probes, readProbes } from '../../doctor/parse/probes.ts';
import { parseProxy } from '../../doctor/parse/proxy.ts';
import { parseSystem } from '../../doctor/parse/system.ts';
import { DcvopsError } from '../../errors.ts';
import type { Host, Inventory } from '../../inventory/types.ts';
import { type ScriptRecord, recordReader } from '../../shell/records.ts';
import type { Remote } from '../../ssh/remote.ts';
import { showAddress } from '../../ssh/target.ts';
import { type HostPool, reachHost } from '../explain-no-answer.ts';

/** What reading hosts works with. */
export interface HostsContext {
  readonly inventory: Inventory;
  readonly pool: HostPool;
  readonly concurrency: number;
  /** Called when a host's part is over, whatever came of it. */
  readonly onHost?: (name: string) => void;
  /** For a host's script as a whole, in milliseconds; what it told by then counts. */
  readonly factsTimeoutMs?: number | undefined;
}

/** Each command on the host has a limit of its own; when several hang, this is for all of them together. */
const FACTS_TIMEOUT_MS = 60_000;

/**
 * Reads the facts of hosts, side by side, each with one script over one connection. A host that cannot be read is a fact as
 * well. In the order the hosts were given.
 */
export async function readHosts(context: HostsContext, hosts: readonly Host[]): Promise<HostFacts[]> {
  const limit = pLimit(context.concurrency);
  return Promise.all(
    hosts.map((host) =>
      limit(async () => {
        const facts = await readOne(context, host);
        context.onHost?.(host.name);
        return facts;
      }),
    ),
  );
}

async function readOne(context: HostsContext, host: Host): Promise<HostFacts> {
  const { name, role, host: address } = host;
  const unread = { name, role, address, hung: [] };
  const way = await wayTo(context, host);
  const started = Date.now();
  const reached = await reachHost(context.pool, context.inventory, host);
  if ('error' in reached) {
    const { error } = reached;
    const reach = { ...failed(error, stageOf(error, name)), ...way, reachedBy: reached.way?.proxy };
    return { ...unread, reach };
  }
  const { remote } = reached;
  const reach: ReachFacts = { ok: true, elapsedMs: Date.now() - started, ...way };
  try {
    const heard = await listen(remote, wantedOf(context.inventory, host), role, context.factsTimeoutMs);
    return { ...unread, ...parse(role, heard), reach };
  } catch (error) {
    const stage = isAboutSudo(error) ? 'sudo' : 'script';
    return { ...unread, reach: { ...failed(error, stage), ...way } };
  }
}

async function wayTo(
  { pool }: HostsContext,
  host: Host,
): Promise<{ readonly target: string; readonly via: string[] }> {
  try {
    const route = await pool.route(host);
    const last = route.at(-1);
    const target = last === undefined ? host.host : `${last.user}@${showAddress(last)}`;
    return { target, via: route.slice(0, -1).map((hop) => hop.name) };
  } catch {
    // what is wrong with the route is told by the connection that tries it
    return { target: host.host, via: [] };
  }
}

function wantedOf({ gateway, sessions }: Inventory, host: Host): Wanted {
  const { certificate, key } = gateway.tls;
  const wanted = (host.role === 'agent' ? host.sessions : undefined) ?? [sessions];
  return { port: gateway.listen.port, certificate, key, accounts: accountsOf(wanted) };
}

/** What a host told, and the operator's clock at both ends of it. */
interface Heard {
  readonly probes: Probes;
  /** Seconds since 1970: when the script was sent, and when its first word came. */
  readonly asked: { readonly before: number; readonly after: number };
  /** Did it come to its end? */
  readonly whole: boolean;
}

async function listen(
  remote: Remote,
  wanted: Wanted,
  role: Host['role'],
  timeoutMs = FACTS_TIMEOUT_MS,
): Promise<Heard> {
  const records: ScriptRecord[] = [];
  const before = Date.now() / 1000;
  let after: number | undefined;
  const take = recordReader((record) => {
    after ??= Date.now() / 1000;
    records.push(record);
  });
  let said = '';
  /** A login shell that prints text of its own. */
  let unreadable: DcvopsError | undefined;
  const result = await remote
    .run(readHost(role, wanted), {
      timeoutMs,
      discardOutput: true,
      onOutput: (stream, text) => {
        if (stream === 'stderr') {
          said = (said + text).slice(-2_000);
        } else if (unreadable === undefined) {
          try {
            take(text);
          } catch (error) {
            unreadable = error as DcvopsError;
          }
        }
      },
    })
    .catch((error: unknown) => {
      // what came before its time was up is worth having
      if (records.length === 0) throw error;
      return undefined;
    });
  if (unreadable !== undefined) throw unreadable;
  if (after === undefined) {
    const last = said.trim().split('\n').at(-1) ?? '';
    throw new DcvopsError(
      'failed',
      `the script told nothing (exit ${result?.code ?? 'unknown'})${last === '' ? '' : `: ${last}`}`,
      { host: remote.name },
    );
  }
  const whole = records.some(({ name }) => name === 'end');
  return { probes: readProbes(records), asked: { before, after }, whole };
}

function parse(
  role: Host['role'],
  { probes, asked, whole }: Heard,
): Pick<HostFacts, 'system' | 'proxy' | 'agent' | 'leftovers' | 'hung'> {
  const system = parseSystem(probes, asked);
  const now = new Date((asked.after + system.clock.offset) * 1000);
  return {
    system,
    ...(role === 'proxy'
      ? { proxy: parseProxy(probes, system, now) }
      : { agent: parseAgent(probes, system, now) }),
    leftovers: parseLeftovers(probes, system),
    hung: [...hungCommands(probes), ...(whole ? [] : ['all commands together'])],
  };
}

/** A password that nobody can be asked for is told as a question that cannot be asked. */
function isAboutSudo(error: unknown): boolean {
  return error instanceof DcvopsError && (error.code === 'sudo' || error.code === 'usage');
}

type Failure = Extract<ReachFacts, { ok: false }>;

function failed(error: unknown, stage: Failure['stage']): Pick<Failure, 'ok' | 'stage' | 'message' | 'hint'> {
  if (!(error instanceof DcvopsError) || error.code === 'interrupted') throw error;
  return { ok: false, stage, message: error.message, hint: error.hint };
}

/** How far the connection came. Pure. */
export function stageOf(error: unknown, host: string): Failure['stage'] {
  if (!(error instanceof DcvopsError)) return 'tcp';
  const causes = [...causesOf(error)];
  if (causes.some((cause) => cause instanceof DcvopsError && ![undefined, host].includes(cause.host))) {
    return 'jump';
  }
  // a passphrase that nobody can be asked for is told as a question that cannot be asked
  if (error.code === 'usage') return 'login';
  if (error.code === 'host-key' || error.code === 'login') return error.code;
  const details = causes as readonly { readonly code?: unknown; readonly reason?: unknown }[];
  if (details.some(({ code }) => ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'].includes(String(code)))) return 'dns';
  return details.some(({ reason }) => typeof reason === 'number') ? 'jump' : 'tcp';
}

function* causesOf(error: Error): Generator<Error> {
  yield error;
  if (error.cause instanceof Error) yield* causesOf(error.cause);
}
