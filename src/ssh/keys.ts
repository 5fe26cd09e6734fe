import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import ssh2 from 'ssh2';
import { DcvopsError } from '../errors.ts';
import type { Secret } from '../shell/secret.ts';
import type { KeyFile, Target } from './target.ts';

/** One thing to show a host at login. */
export type Credential =
  | { readonly kind: 'key'; readonly key: ssh2.ParsedKey; readonly label: string }
  | {
      readonly kind: 'agent';
      readonly key: ssh2.ParsedKey;
      readonly agent: ssh2.BaseAgent;
      readonly label: string;
    };

export interface Credentials {
  /** In the order they are shown. */
  readonly list: readonly Credential[];
  /** What could have been shown but was not, for the message of a refused login. */
  readonly remarks: readonly string[];
}

/** Reads keys, each file once a run; a passphrase is asked once for each. */
export interface KeyRing {
  /** @throws DcvopsError `login` for a key that was named and cannot be used */
  credentialsFor(target: Target): Promise<Credentials>;
}

export interface KeyRingOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly askPassphrase: (keyPath: string) => Promise<Secret>;
}

/**
 * sshd allows six failures (MaxAuthTries); one is kept in reserve, since some servers count a probe as well.
 */
const MAX_CREDENTIALS = 5;

/** A key file as it is. */
export type ReadKey =
  | { readonly kind: 'ready'; readonly key: ssh2.ParsedKey }
  /** Encrypted. `publicKey` is there for files of OpenSSH's own format, whose public half is in the clear. */
  | { readonly kind: 'locked'; readonly text: string; readonly publicKey: Buffer | undefined }
  | { readonly kind: 'missing' };

interface AgentKey {
  readonly key: ssh2.ParsedKey;
  readonly agent: ssh2.BaseAgent;
}

export function createKeyRing(options: KeyRingOptions): KeyRing {
  const files = new Map<string, Promise<ReadKey>>();
  const unlocked = new Map<string, Promise<ssh2.ParsedKey>>();
  const agents = new Map<string, Promise<readonly AgentKey[]>>();

  const read = (path: string): Promise<ReadKey> => remember(files, path, () => readKey(path));
  const unlock = (path: string, text: string): Promise<ssh2.ParsedKey> =>
    remember(unlocked, path, () => unlockKey(path, text, options));
  const agentKeys = (socket: string | undefined): Promise<readonly AgentKey[]> =>
    socket === undefined ? Promise.resolve([]) : remember(agents, socket, () => listAgentKeys(socket));

  return {
    async credentialsFor(target) {
      const held = await agentKeys(target.agent);
      const named = target.keys.filter((file) => file.named);
      const fromNamed: Credential[] = [];
      for (const file of named) fromNamed.push(await fromFile(file, held, target));
      if (named.length > 0 && target.identitiesOnly) return limited(fromNamed, held.length);

      const fromAgent = held.map((entry) => fromHeld(entry));
      const before = [...fromNamed, ...fromAgent];
      if (named.length > 0) return limited(before, held.length);
      return limited([...before, ...(await fromDefaults(target.keys, before.length === 0))], held.length);
    },
  };

  /** A key that was named: from the agent when that holds it, so that no passphrase is asked. */
  async function fromFile(file: KeyFile, held: readonly AgentKey[], target: Target): Promise<Credential> {
    const found = await read(file.path);
    if (found.kind === 'missing') throw missingKey(file.path, target.name);
    if (found.kind === 'ready') return { kind: 'key', key: found.key, label: shortPath(file.path) };
    const { publicKey } = found;
    const inAgent = held.find((entry) => publicKey?.equals(entry.key.getPublicSSH()));
    if (inAgent !== undefined) return fromHeld(inAgent, `${shortPath(file.path)} (in the agent)`);
    return { kind: 'key', key: await unlock(file.path, found.text), label: shortPath(file.path) };
  }

  /**
   * OpenSSH's default files, as far as they are there. A passphrase is asked only where nothing else can be
   * shown.
   */
  async function fromDefaults(keys: readonly KeyFile[], nothingElse: boolean): Promise<Credential[]> {
    const found = await Promise.all(
      keys.map(async ({ path }) => ({
        path,
        result: await read(path).catch((): ReadKey => ({ kind: 'missing' })),
      })),
    );
    const ready = found.flatMap(({ path, result }): Credential[] =>
      result.kind === 'ready' ? [{ kind: 'key', key: result.key, label: shortPath(path) }] : [],
    );
    if (ready.length > 0 || !nothingElse) return ready;
    for (const { path, result } of found) {
      if (result.kind !== 'locked') continue;
      return [{ kind: 'key', key: await unlock(path, result.text), label: shortPath(path) }];
    }
    return [];
  }
}

function limited(all: readonly Credential[], heldByAgent: number): Credentials {
  const list = withoutRepeats(all);
  const remarks =
    list.length > MAX_CREDENTIALS
      ? [
          `the agent holds ${heldByAgent} keys, and a host allows few attempts: only the first ${MAX_CREDENTIALS} were shown`,
        ]
      : [];
  return { list: list.slice(0, MAX_CREDENTIALS), remarks };
}

function withoutRepeats(all: readonly Credential[]): Credential[] {
  const seen = new Set<string>();
  return all.filter(({ key }) => {
    const id = key.getPublicSSH().toString('base64');
    return !seen.has(id) && seen.add(id);
  });
}

function fromHeld(entry: AgentKey, label?: string): Credential {
  return { kind: 'agent', ...entry, label: label ?? `the agent's ${entry.key.comment || entry.key.type}` };
}

/**
 * Reads a key file; no passphrase is asked.
 * @throws DcvopsError `login` for one that cannot be read (its cause is the system's error) or is no private key (it has no
 * cause)
 */
export async function readKey(path: string): Promise<ReadKey> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'missing' };
    throw new DcvopsError('login', `key file ${shortPath(path)} cannot be read (${code ?? String(error)})`, {
      hint: `ls -l ${shortPath(path)}`,
      cause: error,
    });
  }
  refuseOtherFormats(path, text);
  const publicKey = publicHalf(text);
  const parsed = parse(text);
  if (!(parsed instanceof Error)) return { kind: 'ready', key: parsed };
  if (/no passphrase given/i.test(parsed.message)) return { kind: 'locked', text, publicKey };
  throw unusable(path, `is not a private key that dcvops can read (${parsed.message})`);
}

/** Forms that people do hand in, each with the way out. */
function refuseOtherFormats(path: string, text: string): void {
  const shown = shortPath(path);
  const type = publicHalf(text)?.toString('latin1', 4, 40);
  if (text.startsWith('PuTTY-User-Key-File-')) {
    throw unusable(path, "is in PuTTY's format", `puttygen ${shown} -O private-openssh -o ${shown}.pem`);
  }
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(text)) {
    throw unusable(path, 'is a public key; the private one is wanted', `ls ${shown.replace(/\.pub$/, '')}`);
  }
  if (type?.startsWith('sk-') === true) {
    throw unusable(
      path,
      'is a FIDO security key, which dcvops cannot use',
      'name another key: ssh: { key: … }',
    );
  }
  if (text.startsWith('-----BEGIN CERTIFICATE')) {
    throw unusable(path, 'is an X.509 certificate, not an SSH key', 'name the private key: ssh: { key: … }');
  }
}

async function unlockKey(path: string, text: string, options: KeyRingOptions): Promise<ssh2.ParsedKey> {
  const fromEnv = options.env['DCVOPS_KEY_PASSPHRASE'];
  const given = fromEnv !== undefined && fromEnv !== '';
  const passphrase = given ? fromEnv : (await options.askPassphrase(shortPath(path))).reveal();
  const parsed = parse(text, passphrase);
  if (!(parsed instanceof Error)) return parsed;
  throw unusable(
    path,
    given ? 'is not unlocked by DCVOPS_KEY_PASSPHRASE' : 'is not unlocked by this passphrase',
    `ssh-keygen -y -f ${shortPath(path)}   (asks for it and shows whether it is right)`,
  );
}

function parse(text: string, passphrase?: string): ssh2.ParsedKey | Error {
  if (/^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text)) return parsePkcs8(text, passphrase);
  const parsed = ssh2.utils.parseKey(text, passphrase) as ssh2.ParsedKey | ssh2.ParsedKey[] | Error;
  if (parsed instanceof Error) return parsed;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined) return new Error('the file holds no key');
  return key.isPrivateKey() ? key : new Error('the file holds a public key only');
}

/**
 * PKCS#8, as openssl and Terraform write it: OpenSSH reads it, ssh2 does not, Node turns it into what ssh2
 * reads.
 */
function parsePkcs8(text: string, passphrase: string | undefined): ssh2.ParsedKey | Error {
  if (text.startsWith('-----BEGIN ENCRYPTED') && passphrase === undefined)
    return new Error('no passphrase given');
  try {
    const key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) });
    if (key.asymmetricKeyType === 'rsa')
      return parse(key.export({ type: 'pkcs1', format: 'pem' }).toString());
    if (key.asymmetricKeyType === 'ec') return parse(key.export({ type: 'sec1', format: 'pem' }).toString());
    return new Error(
      `PKCS#8 with ${key.asymmetricKeyType ?? 'an unknown type'}; ssh-keygen -p -f FILE rewrites it`,
    );
  } catch (error) {
    return error as Error;
  }
}

/** The public key inside of a private one in OpenSSH's own format (PROTOCOL.key), which is in the clear. */
function publicHalf(text: string): Buffer | undefined {
  const base64 = /^-----BEGIN OPENSSH PRIVATE KEY-----\s([\s\S]+?)-----END/m.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  const data = Buffer.from(base64, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const readString = (): Buffer | undefined => {
    if (at + 4 > data.length) return undefined;
    const end = at + 4 + data.readUInt32BE(at);
    if (end > data.length) return undefined;
    const value = data.subarray(at + 4, end);
    at = end;
    return value;
  };
  for (const field of ['cipher', 'kdf', 'kdf options'])
    if (field !== '' && readString() === undefined) return undefined;
  at += 4; // how many keys: always 1
  return readString();
}

/**
 * An agent that is not there is no failure: the key files may do. Types that ssh2 does not know are left out
 * by it.
 */
async function listAgentKeys(socket: string): Promise<readonly AgentKey[]> {
  const agent = ssh2.createAgent(socket);
  const keys = (await identitiesOf(agent)) ?? [];
  return keys.map((key) => ({ key, agent: onlyKey(agent, key) }));
}

function identitiesOf(agent: ssh2.BaseAgent): Promise<readonly ssh2.ParsedKey[] | undefined> {
  return new Promise((resolve) => {
    agent.getIdentities((error, found) => {
      resolve(error ? undefined : ((found ?? []) as ssh2.ParsedKey[]));
    });
  });
}

/** The public keys, in SSH's wire format, that the agent behind a socket holds; undefined when it does not answer. */
export async function publicKeysInAgent(socket: string): Promise<readonly Buffer[] | undefined> {
  const keys = await identitiesOf(ssh2.createAgent(socket));
  return keys?.map((key) => key.getPublicSSH());
}

/** The agent reduced to one of its keys: ssh2 tries all of an agent's keys, and the order is ours to say. */
function onlyKey(agent: ssh2.BaseAgent, key: ssh2.ParsedKey): ssh2.BaseAgent {
  return new (class extends ssh2.BaseAgent<ssh2.ParsedKey> {
    override getIdentities(done: ssh2.IdentityCallback<ssh2.ParsedKey>): void {
      done(undefined, [key]);
    }
    override sign(
      publicKey: ssh2.ParsedKey,
      data: Buffer,
      optionsOrDone: ssh2.SigningRequestOptions | ssh2.SignCallback,
      done?: ssh2.SignCallback,
    ): void {
      if (typeof optionsOrDone === 'function') agent.sign(publicKey, data, {}, optionsOrDone);
      else agent.sign(publicKey, data, optionsOrDone, done);
    }
  })();
}

function missingKey(path: string, host: string): DcvopsError {
  return new DcvopsError('login', `key file ${shortPath(path)} does not exist`, {
    hint: `name the right one in the inventory: ssh: { key: … }, or: ls -l ${shortPath(path)}`,
    host,
  });
}

function unusable(path: string, why: string, hint?: string): DcvopsError {
  return new DcvopsError('login', `key file ${shortPath(path)} ${why}`, hint === undefined ? {} : { hint });
}

function shortPath(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function remember<T>(memory: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}
