import { DcvopsError } from '../../errors.ts';
import {
  type Reading,
  networkAround,
  readAgentAddress,
  readClientNetwork,
  readHost,
} from '../../inventory/addresses.ts';
import { DEFAULTS } from '../../inventory/defaults.ts';
import { readUrl, urlOf } from '../../inventory/endpoints.ts';
import { USER_PATTERN, nameProblem } from '../../inventory/names.ts';
import { showValue } from '../../inventory/problem.ts';
import type { Ask } from '../../report/ask.ts';

/** What `dcvops init` was told on the command line, unread. */
export interface InitFlags {
  /** ADDRESS or NAME=ADDRESS. */
  readonly proxy?: string;
  readonly sshPort?: string;
  readonly user?: string;
  readonly key?: string;
  readonly url?: string;
  /** Each ADDRESS or NAME=ADDRESS, several with commas between them. */
  readonly agent?: readonly string[];
  /** Reach the agents through the proxy. */
  readonly jump?: boolean;
  /** Each a network or `any`, several with commas between them. */
  readonly allow?: readonly string[];
  readonly selfSigned?: boolean;
}

export interface NamedHost {
  readonly name: string;
  /** Canonical. */
  readonly host: string;
}

/** What an inventory is written from: everything checked and canonical. */
export interface InitAnswers {
  readonly proxy: NamedHost;
  readonly sshPort: number;
  readonly user: string;
  /** As it will stand in the file; undefined: ssh-agent, ~/.ssh/config. */
  readonly key: string | undefined;
  /** Undefined: https://PROXY:PORT. */
  readonly url: string | undefined;
  readonly agents: readonly NamedHost[];
  readonly agentsThroughProxy: boolean;
  readonly agentNetworks: readonly string[];
  readonly allow: 'any' | readonly string[];
  readonly selfSigned: boolean;
}

type Read<T> = (text: string) => { readonly value: T } | { readonly allowed: string };

/**
 * Takes the flags' answers and asks for the rest. Without any flag everything is asked; with flags, only what has no
 * default, so that a script needs no flag for what is usual.
 * @param keyInFile how a key's path reads in the file
 * @throws DcvopsError `usage` that lists every flag with a wrong value
 */
export async function gatherAnswers(
  flags: InitFlags,
  ask: Ask,
  keyInFile: (key: string) => string,
): Promise<InitAnswers> {
  const interview = Object.values(flags).every((flag) => flag === undefined);
  checkFlags(flags);

  async function answer<T>(
    given: string | undefined,
    question: { text: string; flag: string; default?: string },
    read: Read<T>,
  ): Promise<T> {
    const byDefault = interview ? undefined : question.default;
    const text = given ?? byDefault ?? (await ask.input({ ...question, validate: complaint(read) }));
    return valueOf(read, text, question.flag);
  }

  const proxy = await answer(
    flags.proxy,
    { text: 'Proxy (address or host name)', flag: '--proxy' },
    readProxy,
  );
  const sshPort = await answer(
    flags.sshPort,
    { text: `SSH port of ${proxy.name}`, flag: '--ssh-port', default: '22' },
    readPort,
  );
  const user = await answer(flags.user, { text: 'SSH user', flag: '--user' }, readUser);
  const key = await answer(
    flags.key,
    { text: 'Private key file (none: ssh-agent or ~/.ssh/config)', flag: '--key', default: '' },
    readKey,
  );
  const usualUrl = urlOf(proxy.host, DEFAULTS.listen);
  const url = await answer(flags.url, { text: 'URL people open', flag: '--url', default: usualUrl }, readUrl);
  const agents = await answer(
    flags.agent?.join(','),
    { text: 'Agents (IP addresses, with commas between them)', flag: '--agent' },
    (text) => readAgents(text, proxy),
  );
  const agentsThroughProxy =
    flags.jump ??
    (interview &&
      (await ask.confirm({
        text: `Reach the agents through ${proxy.name}?`,
        flag: '--jump or --no-jump',
        neverByYes: true,
      })));
  const allow = await answer(
    flags.allow?.join(','),
    { text: 'Who may connect (networks; "any" = everyone)', flag: '--allow' },
    readAllow,
  );
  return {
    proxy,
    sshPort,
    user,
    key: key === '' ? undefined : keyInFile(key),
    url: url === usualUrl ? undefined : url,
    agents,
    agentsThroughProxy,
    agentNetworks: suggestNetworks(agents.map(({ host }) => host)),
    allow,
    selfSigned: flags.selfSigned ?? false,
  };
}

/** Every wrong flag at once, before the first question. */
function checkFlags(flags: InitFlags): void {
  const checks: readonly [string, string | undefined, Read<unknown>][] = [
    ['--proxy', flags.proxy, readProxy],
    ['--ssh-port', flags.sshPort, readPort],
    ['--user', flags.user, readUser],
    ['--key', flags.key, readKey],
    ['--url', flags.url, readUrl],
    ['--agent', flags.agent?.join(','), (text) => readAgents(text, undefined)],
    ['--allow', flags.allow?.join(','), readAllow],
  ];
  const wrong = checks.flatMap(([flag, text, read]) => {
    const problem = text === undefined ? undefined : complaint(read)(text);
    return text === undefined || problem === undefined
      ? []
      : [`${flag}: found ${showValue(text)}; ${problem}`];
  });
  if (wrong.length > 0) throw new DcvopsError('usage', wrong.join('\n'), { hint: 'dcvops init --help' });
}

function complaint(read: Read<unknown>): (text: string) => string | undefined {
  return (text) => {
    const reading = read(text.trim());
    return 'value' in reading ? undefined : `needs ${reading.allowed}`;
  };
}

function valueOf<T>(read: Read<T>, text: string, flag: string): T {
  const reading = read(text.trim());
  if ('value' in reading) return reading.value;
  throw new DcvopsError('usage', `${flag}: found ${showValue(text)}; needs ${reading.allowed}`, {
    hint: 'dcvops init --help',
  });
}

function readProxy(text: string): ReturnType<Read<NamedHost>> {
  return readNamed(text, 'gateway', readHost);
}

/** `ADDRESS` or `NAME=ADDRESS`. */
function readNamed(
  text: string,
  usualName: string,
  readAddress: (text: string) => Reading,
): ReturnType<Read<NamedHost>> {
  const [, name = usualName, address = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(text) ?? [];
  const allowed = nameProblem(name);
  if (allowed !== undefined) return { allowed };
  const reading = readAddress(address.trim());
  return 'value' in reading ? { value: { name, host: reading.value } } : reading;
}

function readPort(text: string): ReturnType<Read<number>> {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? { value: port } : { allowed: 'a port, 1 to 65535' };
}

function readUser(text: string): Reading {
  return USER_PATTERN.test(text) ? { value: text } : { allowed: 'a user name' };
}

function readKey(text: string): Reading {
  const readable = /^[^\u0000-\u001f\u007f-\u009f]*$/.test(text);
  return readable ? { value: text } : { allowed: 'the path of a private key' };
}

/** Agents without a name of their own are agent1, agent2, … */
function readAgents(text: string, proxy: NamedHost | undefined): ReturnType<Read<NamedHost[]>> {
  const agents: NamedHost[] = [];
  const words = listOf(text);
  const names = new Set([proxy?.name.toLowerCase(), ...words.map((word) => nameIn(word)?.toLowerCase())]);
  let number = 0;
  for (const word of words) {
    while (nameIn(word) === undefined && names.has(`agent${++number}`));
    const reading = readNamed(word, `agent${number}`, readAgentAddress);
    if (!('value' in reading)) return { allowed: `${reading.allowed} (not ${showValue(word)})` };
    const { name, host } = reading.value;
    if (agents.some((agent) => agent.host === host)) return { allowed: `${host} once` };
    const taken = [...agents, ...(proxy === undefined ? [] : [proxy])];
    if (taken.some((other) => other.name.toLowerCase() === name.toLowerCase())) {
      return { allowed: `names that differ ("${name}" stands twice)` };
    }
    agents.push(reading.value);
  }
  return agents.length === 0 ? { allowed: 'at least one IP address' } : { value: agents };
}

function nameIn(word: string): string | undefined {
  return /^([^=]*)=/.exec(word)?.[1];
}

function readAllow(text: string): ReturnType<Read<'any' | string[]>> {
  if (text === 'any') return { value: 'any' };
  const networks: string[] = [];
  for (const word of listOf(text)) {
    const reading = readClientNetwork(word);
    if (!('value' in reading)) return { allowed: `${reading.allowed} (not ${showValue(word)})` };
    networks.push(reading.value);
  }
  if (networks.length === 0) return { allowed: 'networks such as 10.213.0.0/16, or "any" for everyone' };
  return { value: [...new Set(networks)] };
}

function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** The networks around the agents, each a /24 or /64: agents that are added beside them need no deploy. */
export function suggestNetworks(addresses: readonly string[]): string[] {
  return [...new Set(addresses.map((address) => networkAround(address, address.includes(':') ? 64 : 24)))];
}
