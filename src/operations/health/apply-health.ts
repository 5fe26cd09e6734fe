import { setTimeout as delay } from 'node:timers/promises';
import { DcvopsError } from '../../errors.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { formatDuration } from '../../report/quantity.ts';
import { outcomeOf } from '../outcome.ts';
import { type Acted, createProxyHealth } from './proxy-health.ts';
import type { HealthContext, HealthOptions } from './types.ts';

/** Between two questions to the same agent: a lost packet or a restart of a second is no reason to mark it. */
const PAUSE_MS = 1_000;

/**
 * Asks the agents from every proxy, as often as it takes to be sure, and has the proxies follow. Emits an outcome for each
 * proxy.
 */
export async function applyHealth(
  context: HealthContext,
  proxies: readonly ProxyHost[],
  options: HealthOptions,
): Promise<void> {
  await Promise.all(
    proxies.map(async (proxy) => {
      try {
        context.emit(await applyTo(context, proxy, options));
      } catch (error) {
        context.emit(outcomeOf(error, proxy.name));
      }
    }),
  );
}

async function applyTo(
  context: HealthContext,
  proxy: ProxyHost,
  options: HealthOptions,
): Promise<OutcomeEvent> {
  const health = createProxyHealth(context, proxy, options);
  while (!(await health.look()).settled) {
    await delay(PAUSE_MS, undefined, { signal: context.signal }).catch(() => undefined);
    if (context.signal.aborted) {
      throw new DcvopsError('interrupted', 'interrupted. Nothing changed.', { host: proxy.name });
    }
  }
  const acted = await health.act();
  for (const event of acted.agents) context.tell(event);
  return { type: 'outcome', host: proxy.name, ...summary(acted, options) };
}

/** What one proxy's part came to, in words. Pure. */
export function summary(
  { asked, agents, pool }: Acted,
  { dryRun }: Pick<HealthOptions, 'dryRun'>,
): Pick<OutcomeEvent, 'outcome' | 'message' | 'hint'> {
  const namesOf = (state: (typeof agents)[number]['state']): string =>
    agents
      .filter((event) => event.state === state)
      .map(({ agent }) => agent)
      .join(', ');
  const [down, up, spared] = [namesOf('down'), namesOf('up'), namesOf('spared')];
  const parts = [
    ...(down === '' ? [] : [`${down} ${dryRun ? 'would be marked down' : 'marked down'}`]),
    ...(up === '' ? [] : [`${up} ${dryRun ? 'would be put back' : 'put back'}`]),
    ...(spared === '' ? [] : [`${spared} not marked, though dead: no agent would be left`]),
    ...poolPart(pool, dryRun),
  ];
  const hint =
    spared !== '' ? 'dcvops doctor' : isWaiting(pool) && !dryRun ? 'dcvops health apply --now' : undefined;
  return {
    outcome: spared !== '' ? 'failed' : parts.length === 0 ? 'unchanged' : 'done',
    message:
      parts.length === 0
        ? `${asked === 0 ? 'no agent is in service' : 'marks are as the agents answer'}; unchanged`
        : `${parts.join('; ')}${dryRun ? '. Nothing changed.' : ''}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function poolPart(pool: Acted['pool'], dryRun: boolean): string[] {
  if (pool === 'unchanged') return [];
  if (pool === 'changed') return ['the pool follows (nginx reloaded)'];
  if (dryRun) return [];
  return [`the pool follows with the next reload, in ${formatDuration(pool.waitSeconds * 1000)}`];
}

function isWaiting(pool: Acted['pool']): boolean {
  return typeof pool === 'object';
}
