import { type Match, type Rule, type Verdict, allOf, judgeChain, not, portMatches } from './outcomes.ts';

/** What `iptables-save` says of a port: the table `filter`, chain INPUT. Pure. */
export function judgeIptables(rules: readonly string[], port: number): Verdict {
  const chains = new Map<string, Rule[]>();
  let policy: 'accept' | 'drop' = 'accept';
  for (const line of tableOf('filter', rules)) {
    const [, chain, said] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (chain !== undefined) chains.set(chain, []);
    if (chain === 'INPUT') policy = said === 'DROP' ? 'drop' : 'accept';
    const [, inChain, text] = /^-A (\S+)\s*(.*)$/.exec(line) ?? [];
    if (inChain !== undefined) chains.get(inChain)?.push(readRule(text ?? '', port));
  }
  // no such table: nothing is filtered there
  return chains.has('INPUT') ? judgeChain(chains, 'INPUT', policy) : 'open';
}

function tableOf(name: string, rules: readonly string[]): readonly string[] {
  const lines = rules.map((line) => line.trim());
  const start = lines.indexOf(`*${name}`);
  if (start === -1) return [];
  const end = lines.indexOf('COMMIT', start);
  return lines.slice(start + 1, end === -1 ? undefined : end);
}

const TARGETS: Readonly<Record<string, Rule['action']>> = {
  ACCEPT: { kind: 'accept' },
  DROP: { kind: 'drop' },
  REJECT: { kind: 'drop' },
  RETURN: { kind: 'return' },
  LOG: { kind: 'continue' },
  NFLOG: { kind: 'continue' },
  MARK: { kind: 'continue' },
  CONNMARK: { kind: 'continue' },
};

/** `-p tcp -m tcp --dport 22 -j ACCEPT`: each option with its values, and a `!` before or behind it. */
function readRule(text: string, port: number): Rule {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const matches: Match[] = [];
  let action: Rule['action'] = { kind: 'continue' };
  let negated = false;
  for (let at = 0; at < tokens.length; at += 1) {
    const option = tokens[at] ?? '';
    if (option === '!') {
      negated = true;
      continue;
    }
    const values = valuesFrom(tokens, at + 1);
    at += values.length;
    if (option === '-j' || option === '--jump' || option === '-g' || option === '--goto') {
      action = actionOf(option, values[0] ?? '');
      // what follows belongs to the target: --reject-with, --log-prefix
      break;
    }
    const match = matchOf(option, values, port);
    matches.push(negated ? not(match) : match);
    negated = false;
  }
  return { match: allOf(matches), action };
}

function valuesFrom(tokens: readonly string[], from: number): string[] {
  const end = tokens.findIndex((token, at) => at >= from && (token.startsWith('-') || token === '!'));
  return tokens.slice(from, end === -1 ? undefined : end);
}

function actionOf(option: string, target: string): Rule['action'] {
  const known = TARGETS[target];
  if (known !== undefined) return known;
  return { kind: option === '-g' || option === '--goto' ? 'goto' : 'jump', chain: target };
}

/** Matches that only say what kind of match follows, or nothing at all. */
const SILENT = new Set(['tcp', 'udp', 'multiport', 'conntrack', 'state', 'comment', 'addrtype', 'icmp']);

function matchOf(option: string, values: readonly string[], port: number): Match {
  const value = values[0] ?? '';
  switch (option) {
    case '-p':
    case '--protocol':
      return value === 'tcp' || value === 'all' || value === '6' ? 'yes' : 'no';
    case '--dport':
    case '--dports':
    case '--destination-port':
    case '--destination-ports':
      return portMatches(value, port);
    case '--ctstate':
    case '--state':
      return value.split(',').includes('NEW') ? 'yes' : 'no';
    case '-i':
    case '--in-interface':
      return value === 'lo' ? 'no' : 'maybe';
    case '-s':
    case '--source':
    case '-d':
    case '--destination':
      return addressMatches(value);
    case '--dst-type':
      return value === 'LOCAL' ? 'yes' : 'maybe';
    case '--syn':
      return 'yes';
    case '--tcp-flags':
      return values.join(' ') === 'FIN,SYN,RST,ACK SYN' ? 'yes' : 'maybe';
    case '--comment':
      return 'yes';
    case '-m':
    case '--match':
      return SILENT.has(value) ? 'yes' : 'maybe';
    default:
      return 'maybe';
  }
}

function addressMatches(address: string): Match {
  if (address === '0.0.0.0/0') return 'yes';
  return address.startsWith('127.') ? 'no' : 'maybe';
}
