import { contains, isInside, readAddress } from '../../inventory/addresses.ts';
import { NEVER_AGENTS } from '../../inventory/never-agents.ts';
import type { WatchSettings } from '../../inventory/types.ts';
import { askedAgent, isAnswered, servingAgent } from '../access-facts.ts';
import type { Access } from '../record.ts';
import { createEvidence, isNear } from './evidence.ts';
import type { Rule } from './rule.ts';
import { clientSubject, createSubjects } from './subjects.ts';
import { createSlidingSet } from './window.ts';

const MOST_KNOWN_AGENTS = 10_000;
/** So many agents that are known to answer weigh as much as one address without an agent. */
const KNOWN_PER_STRANGE = 10;

/**
 * Different agents' addresses tried by one client. An office behind one address reaches all its agents within minutes: an
 * agent that has answered anybody in this watch counts as a tenth. Somebody who looks for agents tries addresses where none is.
 */
export function agentsRule({ agents: threshold, windowMs }: WatchSettings): Rule {
  const windowUs = windowMs * 1000;
  const answering = new Set<string>();
  const subjects = createSubjects(windowUs, () => ({
    tried: createSlidingSet(windowUs),
    quietUntilUs: -Infinity,
    evidence: createEvidence(),
  }));
  return {
    name: 'agents',
    observe: ({ access, host, raw }, timeUs) => {
      if (access === undefined) return undefined;
      const serving = isAnswered(access) ? servingAgent(access) : undefined;
      if (serving !== undefined && answering.size < MOST_KNOWN_AGENTS) answering.add(serving);
      const agent = askedAgent(access);
      if (agent === '') return undefined;

      const subject = clientSubject(access.client);
      if (subject === undefined) return undefined;
      const state = subjects.at(host, subject, timeUs);
      if (timeUs < state.quietUntilUs) return undefined;
      const { tried, evidence } = state;
      tried.add(agent, timeUs, !answering.has(agent));
      const strange = tried.strange();
      const count = strange + Math.floor((tried.count() - strange) / KNOWN_PER_STRANGE);
      if (isNear(count, threshold)) evidence.add(raw);
      if (count < threshold) return undefined;
      state.quietUntilUs = timeUs + windowUs;
      state.tried = createSlidingSet(windowUs);
      return {
        subject,
        count,
        threshold,
        firstUs: tried.firstUs() ?? timeUs,
        lastUs: timeUs,
        lines: evidence.lines(),
        what: `${subject} tried ${tried.count()} agents’ addresses, ${strange} of them without an agent that answers`,
        lookAt: `dcvops logs --client ${subject}`,
      };
    },
  };
}

/** One may be mistyped, and two by two people behind one address. */
const SEVERAL = 3;

/**
 * Addresses that the gateway does not serve, asked for by one client: three different ones, or one that nobody types by
 * mistake, such as a cloud's metadata service.
 */
export function outsideRule({ windowMs }: WatchSettings, agentNetworks: readonly string[]): Rule {
  const windowUs = windowMs * 1000;
  const subjects = createSubjects(windowUs, () => ({
    asked: createSlidingSet(windowUs),
    quietUntilUs: -Infinity,
    evidence: createEvidence(),
  }));
  return {
    name: 'outside',
    observe: ({ access, host, raw }, timeUs) => {
      if (access === undefined || access.agent === '' || !isOutside(access, agentNetworks)) return undefined;
      const subject = clientSubject(access.client);
      if (subject === undefined) return undefined;
      const address = askedAgent(access);
      const state = subjects.at(host, subject, timeUs);
      if (timeUs < state.quietUntilUs) return undefined;
      const { asked, evidence } = state;
      asked.add(address, timeUs, true);
      evidence.add(raw);
      const threshold = isNeverTyped(address) ? 1 : SEVERAL;
      const count = asked.count();
      if (count < threshold) return undefined;
      state.quietUntilUs = timeUs + windowUs;
      state.asked = createSlidingSet(windowUs);
      return {
        subject,
        count,
        threshold,
        firstUs: asked.firstUs() ?? timeUs,
        lastUs: timeUs,
        lines: evidence.lines(),
        what: `${subject} asked for ${addressesInWords(count)} outside of agent_networks, last for ${address}`,
        lookAt: `dcvops logs --client ${subject} --status 403`,
      };
    },
  };
}

/** Logs that do not tell what the gateway decided are read by the inventory's networks. */
function isOutside(access: Access, agentNetworks: readonly string[]): boolean {
  if (access.action !== '') return access.action === 'deny';
  const reading = readAddress(access.agent);
  return 'value' in reading && !agentNetworks.some((network) => contains(network, reading.value));
}

function isNeverTyped(address: string): boolean {
  const reading = readAddress(address);
  return 'value' in reading && NEVER_AGENTS.some(({ network }) => isInside(reading.value, network));
}

function addressesInWords(count: number): string {
  return count === 1 ? 'an address' : `${count} addresses`;
}
