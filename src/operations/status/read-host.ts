import { DcvopsError } from '../../errors.ts';
import type { AgentHost, Host, ProxyHost } from '../../inventory/types.ts';
import { type ScriptRecord, parseRecords } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import type { Remote } from '../../ssh/remote.ts';
import { parseAgent, parseProxy } from '../../status/parse.ts';
import { readAgent, readProxy } from '../../status/script.ts';
import type { AgentFigures, ProxyFigures, Reading } from '../../status/types.ts';

/** Each command on the host has a limit of its own; when several hang, this is for all of them together. */
const TIMEOUT_MS = 30_000;

type Connect = (host: Host) => Promise<Remote>;

/**
 * Reads a proxy with one script; what is in the way is an answer as well.
 * @param port the gateway's
 * @throws DcvopsError `interrupted`, and what is no host's fault
 */
export function readProxyFigures(
  connect: Connect,
  proxy: ProxyHost,
  port: number,
): Promise<Reading<ProxyFigures>> {
  return read(connect, proxy, readProxy(port), parseProxy);
}

/** The same for an agent. */
export function readAgentFigures(connect: Connect, agent: AgentHost): Promise<Reading<AgentFigures>> {
  return read(connect, agent, readAgent(), parseAgent);
}

async function read<Figures>(
  connect: Connect,
  host: Host,
  script: Script,
  parse: (records: readonly ScriptRecord[]) => Figures,
): Promise<Reading<Figures>> {
  try {
    const remote = await connect(host);
    const { stdout, stderr, code } = await remote.run(script, { timeoutMs: TIMEOUT_MS });
    const records = parseRecords(stdout);
    if (records.length === 0) throw toldNothing(code, stderr);
    return { ok: true, figures: parse(records) };
  } catch (error) {
    if (!(error instanceof DcvopsError) || NO_HOSTS_FAULT.has(error.code)) throw error;
    return { ok: false, code: error.code, message: error.message, hint: error.hint };
  }
}

const NO_HOSTS_FAULT = new Set<DcvopsError['code']>(['usage', 'inventory', 'interrupted']);

function toldNothing(code: number, stderr: string): DcvopsError {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return new DcvopsError('failed', `the script told nothing (exit ${code})${last === '' ? '' : `: ${last}`}`);
}
