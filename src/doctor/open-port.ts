import { asRoot } from './commands.ts';
import type { HostFacts } from './facts/fleet.ts';
import type { FirewallFacts } from './facts/system.ts';
import { judgeFirewall, judgeFirewalls } from './firewall.ts';

/** A host's own firewall that keeps everybody from a port, and the commands that open it. */
export interface ClosedPort {
  readonly tool: FirewallFacts['tool'];
  /** One a line, in order. Where rules are written by hand, only a person can say where a new one belongs. */
  readonly commands: string;
}

/** Is it the host's own firewall that closes this TCP port? undefined: no, or nobody can tell. Pure. */
export function closedByHost(host: HostFacts | undefined, port: number): ClosedPort | undefined {
  const firewalls = host?.system?.firewalls ?? [];
  if (host === undefined || judgeFirewalls(firewalls, port) !== 'closed') return undefined;
  const closing = firewalls.filter((one) => one.active && judgeFirewall(one, port) === 'closed');
  // firewalld and ufw write the rules of the others
  const chosen = closing.find(({ tool }) => tool === 'firewalld' || tool === 'ufw') ?? closing[0];
  return chosen === undefined
    ? undefined
    : { tool: chosen.tool, commands: COMMANDS[chosen.tool](host.name, port).join('\n') };
}

const COMMANDS: Record<FirewallFacts['tool'], (host: string, port: number) => readonly string[]> = {
  ufw: (host, port) => [asRoot(host, 'ufw', 'allow', `${port}/tcp`)],
  firewalld: (host, port) => [
    asRoot(host, 'firewall-cmd', '--permanent', `--add-port=${port}/tcp`),
    asRoot(host, 'firewall-cmd', '--reload'),
  ],
  nft: (host, port) => [
    asRoot(host, 'nft', 'list', 'ruleset'),
    `let TCP ${port} in, in the chain with the hook input`,
  ],
  iptables: (host, port) => [
    asRoot(host, 'iptables', '-S', 'INPUT'),
    asRoot(host, 'iptables', '-I', 'INPUT', '-p', 'tcp', '--dport', String(port), '-j', 'ACCEPT'),
  ],
};
