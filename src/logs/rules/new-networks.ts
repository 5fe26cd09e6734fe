import { isIPv4 } from 'node:net';
import { contains, isInside, networkAround, readAddress } from '../../inventory/addresses.ts';
import { dropOldest } from '../bounded.ts';
import type { Access } from '../record.ts';
import { createEvidence } from './evidence.ts';
import type { Rule } from './rule.ts';

export interface NewNetworksOptions {
  /** Who may connect, as the inventory says. */
  readonly allowed: 'any' | readonly string[];
  /** Networks that are seen so long after the first record are learnt without an alert. */
  readonly learnMs: number;
}

/**
 * A provider gives a home a new address now and then, and a phone another one in each place: mostly from the same /16, and a
 * site's IPv6 addresses are one /48 (RFC 6177). Somebody elsewhere has another one.
 */
const IPV4_BITS = 16;
const IPV6_BITS = 48;

const MOST_NETWORKS = 20_000;

/**
 * A desktop is reached from a network that this watch has not seen. Where anybody may connect, robots load the page of every
 * gateway that they find, so there only an opened WebSocket counts. Networks that the inventory names are known.
 */
export function newNetworksRule({ allowed, learnMs }: NewNetworksOptions): Rule {
  const known = new Set<string>();
  let learnUntilUs: number | undefined;
  return {
    name: 'new_networks',
    observe: ({ access, raw }, timeUs) => {
      if (access === undefined) return undefined;
      learnUntilUs ??= timeUs + learnMs * 1000;
      if (!hasReachedDesktop(access, allowed)) return undefined;
      const network = networkOf(access.client);
      if (network === undefined || known.has(network)) return undefined;
      known.add(network);
      dropOldest(known, MOST_NETWORKS);
      if (timeUs < learnUntilUs || isNamed(allowed, network, access.client)) return undefined;
      const evidence = createEvidence();
      evidence.add(raw);
      return {
        subject: network,
        count: 1,
        threshold: 1,
        firstUs: timeUs,
        lastUs: timeUs,
        lines: evidence.lines(),
        what: `${access.client} reached a desktop from ${network}, a network not seen before`,
        lookAt: `dcvops logs --client ${network}`,
      };
    },
  };
}

function hasReachedDesktop(access: Access, allowed: NewNetworksOptions['allowed']): boolean {
  if (access.webSocket) return access.status === 101;
  const isPassedOn = access.action === 'proxy' || access.action === '';
  return allowed !== 'any' && isPassedOn && access.status >= 200 && access.status < 400;
}

function networkOf(client: string): string | undefined {
  if (isIPv4(client)) return `${client.split('.', 2).join('.')}.0.0/${IPV4_BITS}`;
  const reading = readAddress(client);
  return 'value' in reading ? networkAround(reading.value, IPV6_BITS) : undefined;
}

/** A wider network than a client's own names nobody. */
function isNamed(allowed: NewNetworksOptions['allowed'], network: string, client: string): boolean {
  return allowed !== 'any' && allowed.some((named) => isInside(named, network) && contains(named, client));
}
