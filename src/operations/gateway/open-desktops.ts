import pLimit from 'p-limit';
import { DCV_CONF } from '../../dcv/conf/dcv-conf.ts';
import { isLoginFree, readAuthentication } from '../../dcv/conf/login-free.ts';
import { DcvopsError } from '../../errors.ts';
import type { AgentHost, Inventory } from '../../inventory/types.ts';
import type { GatewayContext } from './context.ts';

/** What becomes of a deploy that would put desktops without a login before everybody. */
export interface OpenDesktopsOptions {
  /** It is meant: nobody is asked. */
  readonly allowOpen: boolean;
  /** It is told, and nothing is refused. */
  readonly dryRun: boolean;
}

const AGENTS_AT_ONCE = 16;

/**
 * Refuses the one combination that nobody may deploy by accident: a gateway that is open to everybody, before an agent
 * whose DCV asks nobody for a password. Agents are asked only where the gateway is open; one that can't be asked is told.
 * @throws DcvopsError `failed` that names those agents
 */
export async function refuseOpenDesktops(
  context: Pick<GatewayContext, 'inventory' | 'connect' | 'emit'>,
  { allowOpen, dryRun }: OpenDesktopsOptions,
): Promise<void> {
  if (allowOpen) return;
  const limit = pLimit(AGENTS_AT_ONCE);
  const agents = agentsOpenToEverybody(context.inventory);
  const open = await Promise.all(agents.map((agent) => limit(() => isOpen(context, agent))));
  const names = agents.filter((_, index) => open[index] === true).map(({ name }) => name);
  if (names.length === 0) return;
  const refusal = refusalOf(names, context.inventory);
  if (!dryRun) throw refusal;
  context.emit({
    type: 'note',
    level: 'warning',
    message: `${refusal.message} A deploy would be refused.`,
    ...(refusal.hint === undefined ? {} : { hint: refusal.hint }),
  });
}

/** Agents that whoever finds the gateway gets to. One with networks of its own is closed; a login at the gateway closes all. */
export function agentsOpenToEverybody({
  gateway,
  agents,
}: Pick<Inventory, 'gateway' | 'agents'>): readonly AgentHost[] {
  if (gateway.access.allow !== 'any' || gateway.access.basic) return [];
  return agents.filter(({ access }) => access.allow === 'any');
}

/** An agent that can't tell is not one that lets everybody in, but whoever deploys has to know. */
async function isOpen(
  { connect, emit }: Pick<GatewayContext, 'connect' | 'emit'>,
  agent: AgentHost,
): Promise<boolean> {
  try {
    const remote = await connect(agent);
    return isLoginFree((await remote.run(readAuthentication)).stdout);
  } catch (error) {
    if (!(error instanceof DcvopsError) || error.code === 'interrupted') throw error;
    emit({
      type: 'note',
      level: 'warning',
      host: agent.name,
      message: `the gateway is open to everybody, and whether this agent asks for a password is not known: ${error.message}`,
    });
    return false;
  }
}

function refusalOf(names: readonly string[], { file }: Inventory): DcvopsError {
  const [first = ''] = names;
  const lets = names.length === 1 ? 'lets' : 'let';
  return new DcvopsError(
    'failed',
    `${names.join(', ')} ${lets} everyone in without a password (authentication="none" in ${DCV_CONF}), and gateway.access.allow is any. Nothing changed.`,
    {
      hint: [
        `name the networks in gateway.access.allow of ${file}, or set access.basic: true`,
        `dcvops doctor ${first}          (how to have DCV ask for a login)`,
        'dcvops deploy --allow-open   (when that is meant)',
      ].join('\n'),
    },
  );
}
