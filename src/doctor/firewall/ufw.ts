import { type Match, type Verdict, allOf, portMatches } from './outcomes.ts';

/** What `ufw status verbose` says of a port: the first rule that applies counts, else the default. Pure. */
export function judgeUfw(lines: readonly string[], port: number): Verdict {
  const possible = new Set<Verdict>();
  for (const line of lines) {
    const rule = readRule(line, port);
    if (rule === undefined || rule.match === 'no') continue;
    possible.add(rule.verdict);
    if (rule.match === 'yes') return only(possible);
  }
  const policy = lines
    .map((line) => /^Default: (\w+) \(incoming\)/.exec(line)?.[1])
    .find((found) => found !== undefined);
  if (policy === undefined) return 'unknown';
  return only(possible.add(policy === 'allow' ? 'open' : 'closed'));
}

function only(possible: ReadonlySet<Verdict>): Verdict {
  const [verdict = 'unknown'] = possible;
  return possible.size === 1 ? verdict : 'unknown';
}

/** `8443/tcp   ALLOW IN   10.0.0.0/8   # comment`; undefined for other lines, and for outgoing and IPv6 rules. */
function readRule(
  line: string,
  port: number,
): { readonly match: Match; readonly verdict: 'open' | 'closed' } | undefined {
  const [, to = '', action, from = ''] =
    /^(.*?)\s+(ALLOW|DENY|REJECT|LIMIT)(?: IN)?\s{2,}(.*?)(?:\s+#.*)?$/.exec(line) ?? [];
  if (action === undefined || line.includes('(v6)')) return undefined;
  return {
    match: allOf([matchTo(to.trim(), port), /^Anywhere$/.test(from.trim()) ? 'yes' : 'maybe']),
    verdict: action === 'ALLOW' || action === 'LIMIT' ? 'open' : 'closed',
  };
}

/** `8443`, `8443/tcp`, `80,443/tcp`, `22/tcp (OpenSSH)`, `Anywhere`, `10.0.0.5 8443/tcp`, `8443 on eth0`, `Nginx Full` */
function matchTo(to: string, port: number): Match {
  if (to === 'Anywhere') return 'yes';
  const [, ports, protocol, rest] = /^(\d[\d,:]*)(?:\/(\w+))?( on .*| \(.*\))?$/.exec(to) ?? [];
  if (ports === undefined) return 'maybe';
  if (protocol !== undefined && protocol !== 'tcp') return 'no';
  return allOf([portMatches(ports, port), rest?.startsWith(' on ') === true ? 'maybe' : 'yes']);
}
