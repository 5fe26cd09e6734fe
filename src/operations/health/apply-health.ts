import { setTimeout as delay } from 'node:timers/promises';
import { DcvopsError } from '../../errors.ts';
import type { ProxyHost } from '../../inventory/types.ts';
import type { OutcomeEvent } from '../../report/events.ts';
import { formatDuration } from '../../report/quantity.ts';
import { outcomeOf } from '../outcome.ts';
import { type Marked, type Pool, type ProxyHealth, type Unsure, createProxyHealth } from './proxy-health.ts';
import type { HealthContext, HealthOptions } from './types.ts';

/** Between two questions to the same agent: a lost packet or a restart of a second is no reason to mark it. */
const PAUSE_MS = 1_000;

/**
 * Asks the agents from every proxy, as often as it takes to be sure, and has the proxies follow. Emits an outcome for each
 * proxy: `failed` where it could not be sure of an agent.
 * @param pauseMs only tests have another one
 */
export async function applyHealth(
  context: HealthContext,
  proxies: readonly ProxyHost[],
  options: HealthOptions,
  pauseMs = PAUSE_MS,
): Promise<void> {
  await Promise.all(
    proxies.map(async (proxy) => {
      try {
        context.emit(await applyTo(context, proxy, options, pauseMs));
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
  pauseMs: number,
): Promise<OutcomeEvent> {
  const health = createProxyHealth(context, proxy, options);
  const { unsure, interrupted } = await lookUntilSure(health, context.signal, options, pauseMs);
  if (interrupted)
    throw new DcvopsError('interrupted', 'interrupted. Nothing changed.', { host: proxy.name });
  const marked = await health.mark();
  for (const event of marked.agents) context.tell(event);
  const pool = await health.follow();
  return { type: 'outcome', host: proxy.name, ...summary({ ...marked, unsure, pool }, options) };
}

/** An agent that now and then can't be asked could keep this going for ever: it gets as many looks as one that can needs. */
async function lookUntilSure(
  { look }: ProxyHealth,
  signal: AbortSignal,
  { downAfter, upAfter }: HealthOptions,
  pauseMs: number,
): Promise<{ unsure: readonly Unsure[]; interrupted: boolean }> {
  for (let round = 1; ; round += 1) {
    const { unsure } = await look();
    if (unsure.length === 0 || round >= downAfter + upAfter) return { unsure, interrupted: false };
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return { unsure, interrupted: true };
  }
}

/** All that came of one proxy's part. */
export interface Applied extends Marked {
  /** Of these it could not be found out whether they are dead. */
  readonly unsure: readonly Unsure[];
  readonly pool: Pool;
}

/** What one proxy's part came to, in words. Pure. */
export function summary(
  { asked, agents, unsure, pool }: Applied,
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
    ...unsure.map(({ agent, reason }) => `whether ${agent} is dead is not known (${reason})`),
    ...poolPart(pool, dryRun),
  ];
  const isFailure = spared !== '' || unsure.length > 0;
  const hint = isFailure
    ? 'dcvops doctor'
    : isWaiting(pool) && !dryRun
      ? 'dcvops health apply --now'
      : undefined;
  return {
    outcome: isFailure ? 'failed' : parts.length === 0 ? 'unchanged' : 'done',
    message:
      parts.length === 0
        ? `${asked === 0 ? 'no agent is in service' : 'marks are as the agents answer'}; unchanged`
        : `${parts.join('; ')}${dryRun ? '. Nothing changed.' : ''}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function poolPart(pool: Pool, dryRun: boolean): string[] {
  if (pool === 'unchanged') return [];
  if (pool === 'changed') return ['the pool follows (nginx reloaded)'];
  if (dryRun) return [];
  return [`the pool follows with the next reload, in ${formatDuration(pool.waitSeconds * 1000)}`];
}

function isWaiting(pool: Pool): boolean {
  return typeof pool === 'object';
}
