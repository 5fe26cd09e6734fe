/** What becomes of a new connection: it is let in, it is not, or it cannot be told. */
export type Verdict = 'open' | 'closed' | 'unknown';

/** How a packet can leave a chain of rules; `end` is its end, or a `return`. */
export type Outcome = 'accept' | 'drop' | 'end';

/** Does a rule apply to a new TCP connection to the port that is asked about? */
export type Match = 'yes' | 'no' | 'maybe';

/** A rule as both tools have it: whether it applies, and where it leads. */
export interface Rule {
  readonly match: Match;
  readonly action:
    | { readonly kind: 'accept' | 'drop' | 'return' | 'continue' }
    | { readonly kind: 'jump' | 'goto'; readonly chain: string };
}

export type Chains = ReadonlyMap<string, readonly Rule[]>;

/** Chains that call each other deeper than this are not followed. */
const MAX_DEPTH = 16;

const ANYTHING: readonly Outcome[] = ['accept', 'drop', 'end'];

/** All ways in which the packet may leave a chain: one, when every rule that matters could be read. Pure. */
export function outcomesOf(chains: Chains, name: string, depth = 0): ReadonlySet<Outcome> {
  const rules = chains.get(name);
  if (rules === undefined || depth > MAX_DEPTH) return new Set(ANYTHING);
  const found = new Set<Outcome>();
  for (const { match, action } of rules) {
    if (match === 'no') continue;
    const reached = outcomesOfAction(chains, action, depth);
    for (const outcome of reached.left) found.add(outcome);
    if (match === 'yes' && !reached.goesOn) return found;
  }
  return found.add('end');
}

/** Where an action leads: out of the chain, or on to the next rule. */
function outcomesOfAction(
  chains: Chains,
  action: Rule['action'],
  depth: number,
): { readonly left: readonly Outcome[]; readonly goesOn: boolean } {
  switch (action.kind) {
    case 'continue':
      return { left: [], goesOn: true };
    case 'return':
      return { left: ['end'], goesOn: false };
    case 'accept':
    case 'drop':
      return { left: [action.kind], goesOn: false };
    case 'jump': {
      const inside = outcomesOf(chains, action.chain, depth + 1);
      return { left: [...inside].filter((outcome) => outcome !== 'end'), goesOn: inside.has('end') };
    }
    case 'goto':
      return { left: [...outcomesOf(chains, action.chain, depth + 1)], goesOn: false };
  }
}

/** What a chain whose end means `policy` does. Pure. */
export function judgeChain(chains: Chains, name: string, policy: 'accept' | 'drop'): Verdict {
  const outcomes = new Set([...outcomesOf(chains, name)].map((one) => (one === 'end' ? policy : one)));
  if (outcomes.size !== 1) return 'unknown';
  return outcomes.has('accept') ? 'open' : 'closed';
}

/** A rule applies when all of its conditions do. Pure. */
export function allOf(matches: readonly Match[]): Match {
  if (matches.includes('no')) return 'no';
  return matches.includes('maybe') ? 'maybe' : 'yes';
}

/** The opposite of a condition. Pure. */
export function not(match: Match): Match {
  if (match === 'maybe') return 'maybe';
  return match === 'yes' ? 'no' : 'yes';
}

/** Is the port in a list such as `22,8000-9000`, with `-` or `:` in ranges? `maybe` for names of services. Pure. */
export function portMatches(list: string, port: number): Match {
  const matches = list
    .split(/[\s,{}]+/)
    .filter((entry) => entry !== '')
    .map((entry): Match => {
      const [, from, to] = /^(\d+)(?:[-:](\d+))?$/.exec(entry) ?? [];
      if (from === undefined) return 'maybe';
      return port >= Number(from) && port <= Number(to ?? from) ? 'yes' : 'no';
    });
  if (matches.includes('yes')) return 'yes';
  return matches.includes('maybe') ? 'maybe' : 'no';
}
