import type { WatchSettings } from '../inventory/types.ts';
import { formatDuration } from '../report/quantity.ts';
import { dropOldest } from './bounded.ts';
import { mask } from './mask.ts';
import type { LogRecord } from './record.ts';
import { agentsRule, outsideRule } from './rules/addresses.ts';
import { deniedRule, handshakesRule, tlsErrorsRule, upstreamFailuresRule } from './rules/counts.ts';
import { newNetworksRule } from './rules/new-networks.ts';
import type { Observation, Rule, RuleName } from './rules/rule.ts';

/** Anomalous access, with what shows it. Plain data, also as JSON. Times are microseconds since 1970 UTC. */
export interface Alert {
  readonly rule: RuleName;
  /** Who: a client's address (an IPv6 client's /64), a client's network, or an agent's address. */
  readonly subject: string;
  /** The proxy where it was seen, by its name in the inventory. */
  readonly proxy: string;
  /** What the rule counted within the window, up to now. */
  readonly count: number;
  readonly threshold: number;
  readonly windowMs: number;
  readonly firstUs: number;
  readonly lastUs: number;
  /** One sentence: who did what, how often, and what to type to look at it. Not yet safe for a terminal. */
  readonly message: string;
  /** The last lines that were counted, three at most, secrets masked, cut where they are long. */
  readonly sample: readonly string[];
}

export interface WatchOptions {
  /** Canonical networks that the gateway serves. */
  readonly agentNetworks: readonly string[];
  readonly allowed: 'any' | readonly string[];
  /** How long client networks are learnt before a new one is an alert, from the first record on; a day when left out. */
  readonly learnMs?: number;
}

const A_DAY_MS = 86_400_000;

/**
 * Looks for anomalous access in access and error records. Time is what the records tell, so old logs give the alerts that they
 * would have given. Each proxy is counted on its own; an alert of the same rule and subject comes once in a window, whichever
 * proxy it is from. Memory is bounded. A record without a time is not looked at.
 */
export function createWatch(
  settings: WatchSettings,
  options: WatchOptions,
): { add(record: LogRecord): Alert[] } {
  const rules = rulesOf(settings, options);
  const isTold = createMemory(settings.windowMs * 1000);
  return {
    add: (record) => {
      const { timeUs } = record;
      if (timeUs === undefined) return [];
      const alerts: Alert[] = [];
      for (const rule of rules) {
        const observation = rule.observe(record, timeUs);
        if (observation === undefined || isTold(`${rule.name} ${observation.subject}`, record.host, timeUs))
          continue;
        alerts.push(alertOf(rule.name, observation, record.host, settings.windowMs));
      }
      return alerts;
    },
  };
}

function rulesOf(
  settings: WatchSettings,
  { agentNetworks, allowed, learnMs = A_DAY_MS }: WatchOptions,
): Rule[] {
  return [
    ...(settings.denied > 0 ? [deniedRule(settings)] : []),
    ...(settings.agents > 0 ? [agentsRule(settings)] : []),
    ...(settings.handshakes > 0 ? [handshakesRule(settings)] : []),
    ...(settings.upstreamFailures > 0 ? [upstreamFailuresRule(settings)] : []),
    ...(settings.tlsErrors > 0 ? [tlsErrorsRule(settings)] : []),
    ...(settings.newNetworks ? [newNetworksRule({ allowed, learnMs })] : []),
    ...(settings.outside ? [outsideRule(settings, agentNetworks)] : []),
  ];
}

const MOST_TOLD = 10_000;

/**
 * Whether the same was told less than a window ago, by any host; if not, it is now. Hosts' times are kept apart, for one's clock
 * may be wrong.
 */
function createMemory(windowUs: number): (what: string, host: string, timeUs: number) => boolean {
  // told longest ago first
  const told = new Map<string, Map<string, number>>();
  return (what, host, timeUs) => {
    const times = told.get(what) ?? new Map<string, number>();
    for (const lastUs of times.values()) if (Math.abs(timeUs - lastUs) < windowUs) return true;
    told.delete(what);
    told.set(what, times.set(host, timeUs));
    dropOldest(told, MOST_TOLD);
    return false;
  };
}

function alertOf(rule: RuleName, observation: Observation, proxy: string, windowMs: number): Alert {
  const { subject, count, threshold, firstUs, lastUs, lines, what, lookAt } = observation;
  const when = rule === 'new_networks' ? '' : ` within ${formatDuration(windowMs)}`;
  return {
    rule,
    subject,
    proxy,
    count,
    threshold,
    windowMs,
    firstUs,
    lastUs,
    message: `${what}${when}: ${lookAt}`,
    sample: lines.map(mask),
  };
}
