import { DcvopsError } from '../errors.ts';
import { renderGateway } from '../gateway/render.ts';
import type { Target } from '../gateway/decide.ts';
import type { ProxyFacts } from '../gateway/proxy-facts.ts';
import type { Inventory, ProxyHost } from '../inventory/types.ts';
import type { OutcomeEvent } from '../report/events.ts';
import { type ChangeOptions, type Goal, changeGateway } from './change-gateway.ts';
import type { GatewayContext } from './gateway-context.ts';
import { outcomeOf } from './outcome.ts';

export interface DeployOptions extends ChangeOptions {
  /** How many proxies are changed at once; the first one always goes alone. */
  readonly batch: number;
}

/**
 * Deploys the gateway on proxies: the first as canary, then the rest in batches. The first failure stops it, and what
 * was not started says so. Emits an outcome for every proxy.
 */
export async function deploy(
  context: GatewayContext,
  proxies: readonly ProxyHost[],
  options: DeployOptions,
): Promise<void> {
  await inBatches(context, proxies, options.batch, (proxy) =>
    changeGateway(context, proxy, deployGoal(context.inventory, proxy), options),
  );
}

function deployGoal(inventory: Inventory, proxy: ProxyHost): Goal {
  return {
    wantedRelease: undefined,
    command: 'dcvops deploy',
    prepares: true,
    showsDiff: false,
    target: (facts) => renderedTarget(inventory, proxy, facts),
  };
}

function renderedTarget(inventory: Inventory, proxy: ProxyHost, facts: ProxyFacts): Target {
  if (facts.nginx === undefined) {
    throw new DcvopsError('failed', 'nginx is not installed.', {
      host: proxy.name,
      hint: 'dcvops deploy --prepare-host',
    });
  }
  const { gateway, agents } = inventory;
  const rendered = renderGateway({ gateway, agents, proxy, nginx: facts.nginx });
  return {
    release: rendered.releaseId,
    files: rendered.files.map(({ path, mode, content }) => ({
      kind: 'write',
      path,
      mode: mode.toString(8),
      content,
    })),
  };
}

/**
 * Changes proxies one batch after another and emits each one's outcome. A failure lets its batch end and stops the
 * rest.
 */
export async function inBatches(
  context: GatewayContext,
  proxies: readonly ProxyHost[],
  batch: number,
  change: (proxy: ProxyHost) => Promise<OutcomeEvent>,
): Promise<void> {
  const batches = [proxies.slice(0, 1), ...chunks(proxies.slice(1), batch)].filter(
    (group) => group.length > 0,
  );
  let failed: string | undefined;
  for (const group of batches) {
    if (failed !== undefined || context.signal.aborted) {
      for (const proxy of group) context.emit(notStarted(proxy, failed));
      continue;
    }
    const outcomes = await Promise.all(
      group.map(async (proxy) => {
        const outcome = await change(proxy).catch((error: unknown) => outcomeOf(error, proxy.name));
        context.emit(outcome);
        return outcome;
      }),
    );
    failed = outcomes.find(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged')?.host;
  }
}

function notStarted(proxy: ProxyHost, failed: string | undefined): OutcomeEvent {
  const why = failed === undefined ? 'interrupted' : `${failed} failed`;
  return { type: 'outcome', host: proxy.name, outcome: 'not-started', message: `not started, since ${why}` };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
