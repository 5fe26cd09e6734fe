import ipaddr from 'ipaddr.js';
import { type Level, LEVELS, type LogRecord } from './record.ts';

/** What reading an option gave: its value, or what would have been right. */
export type OptionReading<Value> = { readonly value: Value } | { readonly allowed: string };

/** Statuses from one to another, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** An agent whose records are wanted. */
export interface AgentChoice {
  /** Canonical. */
  readonly address: string;
  /** Its name in the inventory: that host's own records are wanted, too. */
  readonly host?: string | undefined;
}

/** What is wanted of all records; what is left out or empty filters nothing. A record has to pass every one. */
export interface FilterOptions {
  /** One of them matches the line as it came. */
  readonly grep?: readonly RegExp[] | undefined;
  /** None of them matches the line as it came. */
  readonly exclude?: readonly RegExp[] | undefined;
  /** At least that bad. A record that tells no level counts as `info`. */
  readonly level?: Level | undefined;
  /** Requests that were answered so; no other records. */
  readonly status?: readonly StatusRange[] | undefined;
  /** What was sent to one of these agents, or is from its own host, or is an error that names it as its upstream. */
  readonly agents?: readonly AgentChoice[] | undefined;
  /** Canonical networks, as `readNetwork` gives them: what a client in one of them did, through a gateway, too. */
  readonly clients?: readonly string[] | undefined;
  /** The logs of the session with this id, and every other line that has it as a word. */
  readonly session?: string | undefined;
  /** From then until then, both included, in microseconds. Records that tell no time pass. */
  readonly sinceUs?: number | undefined;
  readonly untilUs?: number | undefined;
}

export type Filter = (record: LogRecord) => boolean;

/** The filter that these options ask for; undefined when every record passes, so that nobody has to ask. */
export function createFilter(options: FilterOptions): Filter | undefined {
  const filters = [
    timeFilter(options.sinceUs, options.untilUs),
    levelFilter(options.level),
    ifAny(options.status, statusFilter),
    ifAny(options.agents, agentFilter),
    ifAny(options.clients, clientFilter),
    options.session === undefined ? undefined : sessionFilter(options.session),
    ifAny(options.grep, (patterns) => (record) => matchesAny(patterns, record.raw)),
    ifAny(options.exclude, (patterns) => (record) => !matchesAny(patterns, record.raw)),
  ].filter((filter) => filter !== undefined);
  return filters.length === 0 ? undefined : (record) => filters.every((passes) => passes(record));
}

function ifAny<Item>(
  items: readonly Item[] | undefined,
  create: (items: readonly Item[]) => Filter,
): Filter | undefined {
  return items === undefined || items.length === 0 ? undefined : create(items);
}

function timeFilter(sinceUs = -Infinity, untilUs = Infinity): Filter | undefined {
  if (sinceUs === -Infinity && untilUs === Infinity) return undefined;
  return ({ timeUs }) => timeUs === undefined || (timeUs >= sinceUs && timeUs <= untilUs);
}

function levelFilter(level: Level | undefined): Filter | undefined {
  if (level === undefined) return undefined;
  const wanted = new Set<Level>(LEVELS.slice(LEVELS.indexOf(level)));
  return (record) => wanted.has(record.level ?? 'info');
}

function statusFilter(ranges: readonly StatusRange[]): Filter {
  return ({ access }) =>
    access !== undefined && ranges.some(({ from, to }) => access.status >= from && access.status <= to);
}

function agentFilter(agents: readonly AgentChoice[]): Filter {
  const hosts = new Set(agents.map(({ host }) => host));
  const wanted = new Set(agents.map(({ address }) => address));
  const isWanted = remembered((text) => addressesIn(text).some((address) => wanted.has(canonical(address))));
  return ({ host, access, fields }) => {
    if (hosts.has(host)) return true;
    if (access !== undefined) return isWanted(access.agent) || isWanted(access.upstream);
    const upstream = fields['upstream'];
    return typeof upstream === 'string' && isWanted(upstream);
  };
}

function clientFilter(networks: readonly string[]): Filter {
  const wanted = networks.map((network) => ipaddr.parseCIDR(network));
  const isWanted = remembered((text) =>
    addressesIn(text).some((address) =>
      wanted.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits)),
    ),
  );
  return ({ access, fields }) => {
    if (access !== undefined) return isWanted(access.client);
    return [fields['client'], fields['forwardedFor']].some(
      (text) => typeof text === 'string' && isWanted(text),
    );
  };
}

function sessionFilter(id: string): Filter {
  const ending = `.${id}.log`;
  const escaped = id.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  // an id may have dots in it, and file names have it between dots
  const word = new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`);
  return ({ source, file, raw }) =>
    (source === 'session' && file?.endsWith(ending) === true) || word.test(raw);
}

function matchesAny(patterns: readonly RegExp[], text: string): boolean {
  return patterns.some((pattern) => pattern.test(text));
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** `10.0.0.5`, `fd00::5`, `10.0.0.5:8443`, `[fd00::5]:8443`, and with `https://` before and a path behind. */
const ENDPOINT =
  /^(?:[a-z]+:\/\/)?(?:\[(?<inner>[0-9a-f:.]+)\]|(?<four>[0-9]+(?:\.[0-9]+){3})|(?<six>[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*))(?::[0-9]+)?(?:\/.*)?$/i;

/** The addresses that a field of a log has, between spaces and commas: nginx may try several upstreams, and chains of proxies list all. */
function addressesIn(text: string): Address[] {
  return text.split(/[\s,]+/).flatMap((word) => {
    const groups = ENDPOINT.exec(word)?.groups;
    const address = groups?.['inner'] ?? groups?.['four'] ?? groups?.['six'];
    // IPv4 in IPv6 is IPv4: a log writes what the listening socket is
    return address !== undefined && ipaddr.isValid(address) ? [ipaddr.process(address)] : [];
  });
}

function canonical(address: Address): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/** Few addresses are in very many lines. */
const REMEMBERED = 1_000;

function remembered(decide: (text: string) => boolean): (text: string) => boolean {
  const decided = new Map<string, boolean>();
  return (text) => {
    const known = decided.get(text);
    if (known !== undefined) return known;
    if (decided.size >= REMEMBERED) decided.clear();
    const decision = decide(text);
    decided.set(text, decision);
    return decision;
  };
}

/** Reads `--status`: `404`, `5xx`, `4xx,5xx`; `000` is a request that was given up, over HTTP/2. */
export function readStatus(text: string): OptionReading<readonly StatusRange[]> {
  const ranges = text.split(',').map((part) => readStatusRange(part.trim().toLowerCase()));
  const known = ranges.filter((range) => range !== undefined);
  return known.length === ranges.length
    ? { value: known }
    : { allowed: 'statuses such as 404 or 5xx, several with commas: 4xx,502' };
}

function readStatusRange(text: string): StatusRange | undefined {
  if (/^[1-5]xx$/.test(text)) return { from: Number(text[0]) * 100, to: Number(text[0]) * 100 + 99 };
  return /^(?:[1-5][0-9][0-9]|000)$/.test(text) ? { from: Number(text), to: Number(text) } : undefined;
}

/** Reads `--grep`, `--exclude` and `--highlight`: a regular expression of JavaScript. */
export function readPattern(text: string): OptionReading<RegExp> {
  try {
    return { value: new RegExp(text) };
  } catch (error) {
    // "Invalid regular expression: /(/: Unterminated group": what was typed is said by who asked
    const reason = (error as SyntaxError).message.split(': ').at(-1) ?? '';
    return { allowed: `a regular expression of JavaScript (${reason})` };
  }
}
