import type { FirewallFacts } from '../facts/system.ts';
import { linesOf } from './lines.ts';
import type { Probe, Probes } from './probes.ts';

/** Who may go through a thousand rules? */
const MAX_RULES = 400;

/** Reads what the firewall tools of a host told; a tool that is not there, or did not answer, is left out. Pure. */
export function parseFirewalls(probes: Probes): FirewallFacts[] {
  const tools: readonly FirewallFacts['tool'][] = ['nft', 'iptables', 'firewalld', 'ufw'];
  return tools.flatMap((tool) => {
    const probe = probes.first(tool);
    const judge = TOOLS[tool];
    if (probe === undefined || !judge.isAnswer(probe)) return [];
    const active = judge.isActive(probe.output);
    return [{ tool, active, rules: linesOf(probe.output).slice(0, MAX_RULES) }];
  });
}

interface Tool {
  readonly isAnswer: (probe: Probe) => boolean;
  /** Does it decide about what comes in? Rules of containers' networks alone do not. */
  readonly isActive: (output: string) => boolean;
}

const TOOLS: Readonly<Record<FirewallFacts['tool'], Tool>> = {
  nft: {
    isAnswer: ({ output }) => /^table /m.test(output),
    isActive: (output) => /\bhook input\b/.test(output),
  },
  iptables: {
    isAnswer: ({ output }) => /^\*filter$/m.test(output),
    isActive: (output) => /^(?::INPUT DROP|-A INPUT) /m.test(output),
  },
  firewalld: {
    isAnswer: ({ code }) => code === 0,
    isActive: (output) => /^\s*target:/m.test(output),
  },
  ufw: {
    isAnswer: ({ code }) => code === 0,
    isActive: (output) => /^Status: active$/m.test(output),
  },
};
