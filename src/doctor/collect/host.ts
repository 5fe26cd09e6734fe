import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program } from '../../shell/shell.ts';
import { AGENT } from './agent.ts';
import { LEFTOVERS } from './leftovers.ts';
import { PROBE } from './probe.ts';
import { PROXY } from './proxy.ts';
import { SYSTEM } from './system.ts';

/** What the script has to be told of the inventory. */
export interface Wanted {
  /** The gateway's port on a proxy. */
  readonly port: number;
  /** Paths of the gateway's certificate and key on a proxy. */
  readonly certificate: string;
  readonly key: string;
  /** The accounts of an agent's sessions, as the inventory has them. */
  readonly accounts: readonly string[];
}

/** Reads everything that the checks need of a host, in one round trip; changes nothing there. */
export function readHost(role: 'proxy' | 'agent', wanted: Wanted): Script {
  const { port, certificate, key, accounts } = wanted;
  return {
    name: 'read the facts',
    text: lines(SAY, PROBE, BEGIN, SYSTEM, role === 'proxy' ? PROXY : AGENT, LEFTOVERS, END),
    args: [String(port), certificate, key, accounts.join('\n')],
    root: true,
  };
}

/** The parts below use these variables. The host's clock is told first, while the way here is still known to be short. */
const BEGIN = program`
tell clock "$(date '+%s.%N %z')"
port=$1 certificate=$2 key=$3 accounts=$4`;

/** What is not told to its end is not whole. */
const END = program`tell end ''`;
