import { type Match, type Rule, type Verdict, allOf, judgeChain, not, portMatches } from './outcomes.ts';

/**
 * What `nft -n list ruleset` says of a port. Every chain that is hooked to `input` is passed: each has to let the packet
 * in. Pure.
 */
export function judgeNft(rules: readonly string[], port: number): Verdict {
  const verdicts = readTables(rules).flatMap(({ chains, hooked }) => {
    const read = new Map(
      [...chains].map(([name, lines]) => [name, lines.map((line) => readRule(line, port))]),
    );
    return hooked.map(({ chain, policy }) => judgeChain(read, chain, policy));
  });
  if (verdicts.includes('closed')) return 'closed';
  return verdicts.includes('unknown') ? 'unknown' : 'open';
}

interface Table {
  /** The rules' lines, by chain. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  readonly hooked: readonly { readonly chain: string; readonly policy: 'accept' | 'drop' }[];
}

/** Tables that see IPv4 packets to the host itself. */
const FAMILIES = new Set(['ip', 'inet']);

function readTables(lines: readonly string[]): Table[] {
  const tables: { chains: Map<string, string[]>; hooked: { chain: string; policy: 'accept' | 'drop' }[] }[] =
    [];
  let table: (typeof tables)[number] | undefined;
  let chain: string | undefined;
  for (const line of joinBraces(lines)) {
    const [, family] = /^table (\w+) \S+ \{$/.exec(line) ?? [];
    const [, name] = /^chain (\S+) \{$/.exec(line) ?? [];
    if (family !== undefined) {
      table = { chains: new Map(), hooked: [] };
      chain = undefined;
      if (FAMILIES.has(family)) tables.push(table);
    } else if (name !== undefined) {
      chain = name;
      table?.chains.set(name, []);
    } else if (line === '}') chain = undefined;
    else if (table !== undefined && chain !== undefined) {
      if (!line.startsWith('type ')) table.chains.get(chain)?.push(line);
      else if (line.includes(' hook input ')) {
        table.hooked.push({ chain, policy: line.includes('policy drop') ? 'drop' : 'accept' });
      }
    }
  }
  return tables;
}

/** Sets may be written over several lines: such a rule becomes one line. Comments go. */
function joinBraces(lines: readonly string[]): string[] {
  const joined: string[] = [];
  let open = '';
  for (const raw of lines) {
    const text = `${open} ${raw.replace(/ # handle \d+$/, '')}`.trim();
    open = '';
    const isBlock = /^(?:table|chain|set|map|flowtable|counter|quota|ct \w+) .*\{$/.test(text);
    if (!isBlock && count(text, '{') > count(text, '}')) open = text;
    else if (text !== '' && !text.startsWith('#')) joined.push(text);
  }
  return joined;
}

const count = (text: string, character: string): number => text.split(character).length - 1;

/** Each entry: how a condition begins, and what it means for the packet; the first that fits is taken off the rule. */
type Reading = readonly [RegExp, (match: RegExpExecArray, port: number) => Match];

const LIST = String.raw`(\{[^}]*\}|\S+)`;

const READINGS: readonly Reading[] = [
  [/^counter(?: packets \d+ bytes \d+)?/, () => 'yes'],
  [/^comment "[^"]*"/, () => 'yes'],
  [/^log(?: (?:prefix "[^"]*"|level \w+|flags \w+|group \d+|snaplen \d+))*/, () => 'yes'],
  [/^meta nfproto (?:ipv4|2)\b/, () => 'yes'],
  [/^meta nfproto (?:ipv6|10)\b/, () => 'no'],
  [
    new RegExp(`^(?:meta l4proto|ip protocol) (!= )?${LIST}`),
    ([, unless, list = '']) => negate(unless, holds(list, ['tcp', '6'])),
  ],
  [/^ip6 /, () => 'no'],
  [/^icmp(?:v6)? /, () => 'no'],
  [/^udp /, () => 'no'],
  [
    new RegExp(`^(?:tcp|th) dport (!= )?${LIST}`),
    ([, unless, list = ''], port) => negate(unless, list.startsWith('@') ? 'maybe' : portMatches(list, port)),
  ],
  [
    new RegExp(`^ct state (!= )?${LIST}`),
    ([, unless, list = '']) => negate(unless, holds(list, ['new', '0x8', '8'])),
  ],
  [/^ct status (?:dnat|0x20)(?= |$)/, () => 'no'],
  [/^(?:iif|iifname) (!= )?"?lo"?(?= |$)/, ([, unless]) => negate(unless, 'no')],
  [/^fib daddr type (?:local|2)(?= |$)/, () => 'yes'],
  [/^tcp flags (?:& )?\(?fin \| syn \| rst \| ack\)? == syn/, () => 'yes'],
];

const ACTIONS: readonly (readonly [RegExp, (match: RegExpExecArray) => Rule['action']])[] = [
  [/^accept\b/, () => ({ kind: 'accept' })],
  [/^(?:drop|reject)\b/, () => ({ kind: 'drop' })],
  [/^return\b/, () => ({ kind: 'return' })],
  [/^(jump|goto) (\S+)/, ([, kind, chain = '']) => ({ kind: kind === 'goto' ? 'goto' : 'jump', chain })],
];

/** A rule's conditions, one after another, then what it does; a condition that is not known here may apply or not. */
function readRule(line: string, port: number): Rule {
  const matches: Match[] = [];
  let rest = line.trim();
  while (rest !== '') {
    const done = ACTIONS.flatMap(([pattern, action]) => {
      const match = pattern.exec(rest);
      return match === null ? [] : [action(match)];
    })[0];
    if (done !== undefined) return { match: allOf(matches), action: done };
    const map = /^(tcp dport|ct state) vmap (\{[^}]*\})/.exec(rest);
    if (map !== null) return readMap(map[1] ?? '', map[2] ?? '', port, matches);
    const known = READINGS.flatMap(([pattern, meaning]) => {
      const match = pattern.exec(rest);
      return match === null || match[0] === '' ? [] : [{ length: match[0].length, is: meaning(match, port) }];
    })[0];
    matches.push(known?.is ?? 'maybe');
    rest = (
      known === undefined ? rest.replace(/^(?:"[^"]*"|\{[^}]*\}|\S+)/, '') : rest.slice(known.length)
    ).trim();
  }
  return { match: allOf(matches), action: { kind: 'continue' } };
}

/** `ct state vmap { established : accept, invalid : drop }`: the entry that the packet has, if any. */
function readMap(key: string, map: string, port: number, before: readonly Match[]): Rule {
  const entry = map
    .slice(1, -1)
    .split(',')
    .map((text) => /^\s*(\S+) : (.*?)\s*$/.exec(text))
    .find((found) => {
      if (found === null) return false;
      const [, name = ''] = found;
      return key === 'ct state'
        ? holds(name, ['new', '0x8', '8']) === 'yes'
        : portMatches(name, port) === 'yes';
    });
  const action = readRule(entry?.[2] ?? '', port).action;
  return { match: allOf(before), action };
}

/** Is one of these words in a list `{ a, b }` or `a,b`? Sets by name may hold anything. */
function holds(list: string, words: readonly string[]): Match {
  if (list.startsWith('@')) return 'maybe';
  return list.split(/[\s,{}]+/).some((word) => words.includes(word)) ? 'yes' : 'no';
}

function negate(unless: string | undefined, match: Match): Match {
  return unless === undefined ? match : not(match);
}
