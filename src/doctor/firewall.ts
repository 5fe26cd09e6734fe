import type { FirewallFacts } from './facts/system.ts';
import { judgeFirewalld } from './firewall/firewalld.ts';
import { judgeIptables } from './firewall/iptables.ts';
import { judgeNft } from './firewall/nft.ts';
import type { Verdict } from './firewall/outcomes.ts';
import { judgeUfw } from './firewall/ufw.ts';

/** As many lines of rules as are read of a host; a list of that length may have been cut off. */
const MAX_RULES = 400;

/**
 * Does a firewall let new TCP connections over IPv4 to this port in, wherever they come from? `unknown`: only some, or its
 * rules hold what is not understood here. Pure; never throws.
 */
export function judgeFirewall({ tool, active, rules }: FirewallFacts, port: number): Verdict {
  if (!active) return 'open';
  if (rules.length >= MAX_RULES) return 'unknown';
  return JUDGES[tool](rules, port);
}

const JUDGES: Record<FirewallFacts['tool'], (rules: readonly string[], port: number) => Verdict> = {
  nft: judgeNft,
  iptables: judgeIptables,
  firewalld: judgeFirewalld,
  ufw: judgeUfw,
};

/**
 * The same of all firewalls of a host. firewalld and ufw write nftables' or iptables' rules themselves: where one of them
 * is active, its word counts for those. Pure; never throws.
 */
export function judgeFirewalls(firewalls: readonly FirewallFacts[], port: number): Verdict {
  const active = firewalls.filter((firewall) => firewall.active);
  const managers = active.filter(({ tool }) => tool === 'firewalld' || tool === 'ufw');
  const verdicts = (managers.length > 0 ? managers : active).map((firewall) => judgeFirewall(firewall, port));
  if (verdicts.includes('closed')) return 'closed';
  return verdicts.includes('unknown') ? 'unknown' : 'open';
}
