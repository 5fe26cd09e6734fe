import { marksDiffer } from '../../gateway/agent-marks.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import type { NoteEvent, OutcomeEvent } from '../../report/events.ts';
import { usersNote } from '../access/users-note.ts';
import { renderedTarget } from '../targets.ts';
import { allOrNothing } from './all-or-nothing.ts';
import { applyAgentStates } from './apply-state.ts';
import { type ChangeOptions, type Replaced, changeGateway } from './change.ts';
import type { GatewayContext } from './context.ts';
import { type BatchSize, batchesOf, inBatches } from './in-batches.ts';
import { refuseOpenDesktops } from './open-desktops.ts';
import { putBack } from './put-back.ts';

export interface DeployOptions extends ChangeOptions {
  readonly batch: BatchSize;
  /** When one proxy fails, those that this command has changed get back what they had. */
  readonly allOrNothing: boolean;
}

/**
 * Deploys the gateway on proxies: the first as canary, then the rest in batches. The first failure stops it, and what
 * was not started says so. Emits an outcome for every proxy.
 * @throws DcvopsError `failed` where it would put desktops without a login before everybody
 */
export async function deploy(
  context: GatewayContext,
  proxies: readonly ProxyHost[],
  options: DeployOptions,
): Promise<void> {
  await refuseOpenDesktops(context, options);
  const batches = batchesOf(proxies, options.batch);
  if (!options.allOrNothing) {
    await inBatches(context, batches, (proxy) => deployOne(context, proxy, options));
    return;
  }
  await allOrNothing(context, batches, {
    change: (proxy, onKept) => deployOne(context, proxy, options, onKept),
    putBack: (proxy, replaced, why) => putBack(context, proxy, replaced, options, why),
  });
}

async function deployOne(
  context: GatewayContext,
  proxy: ProxyHost,
  options: ChangeOptions,
  onKept?: (replaced: Replaced) => void,
): Promise<OutcomeEvent> {
  const { inventory } = context;
  const seen: { marksDiffer: boolean; users: NoteEvent | undefined } = {
    marksDiffer: false,
    users: undefined,
  };
  const outcome = await changeGateway(
    context,
    proxy,
    {
      wantedRelease: undefined,
      command: `dcvops deploy ${proxy.name}`,
      prepares: true,
      showsDiff: false,
      comparesAgents: true,
      target(facts) {
        seen.marksDiffer = marksDiffer(inventory.agents, facts.state);
        seen.users = usersNote(inventory.gateway, proxy, facts.state);
        return renderedTarget(inventory, proxy, facts);
      },
      ...(onKept === undefined ? {} : { onKept }),
    },
    options,
  );
  if (seen.users !== undefined) context.emit(seen.users);
  return seen.marksDiffer && !options.dryRun ? withMarks(context, proxy, outcome) : outcome;
}

/** Has the proxy follow the agents' states, too, and tells it with what came of the deploy. */
async function withMarks(
  context: GatewayContext,
  proxy: ProxyHost,
  deployed: OutcomeEvent,
): Promise<OutcomeEvent> {
  const [marked] = await applyAgentStates(context, [proxy], context.inventory, 'all');
  if (marked === undefined || marked.outcome === 'unchanged') return deployed;
  if (marked.outcome === 'done') {
    return { ...deployed, outcome: 'done', message: `${deployed.message}; ${marked.message}` };
  }
  return { ...marked, message: `${deployed.message}, but ${marked.message}` };
}
