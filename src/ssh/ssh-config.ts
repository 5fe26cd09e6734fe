import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { DcvopsError } from '../errors.ts';

/**
 * What `~/.ssh/config` and the system's ssh_config say about a host, as `ssh -G` resolves them; `{}`:
 * nothing.
 */
export interface SshConfig {
  readonly hostName?: string;
  readonly port?: number;
  readonly user?: string;
  /** As written, in order; tokens and `~` are not expanded. Includes OpenSSH's own default files. */
  readonly identityFiles?: readonly string[];
  readonly identityAgent?: string;
  /** `IdentitiesOnly yes`: only the agent's keys that belong to an identity file may be shown. */
  readonly identitiesOnly?: boolean;
  /** Hops in the order they are taken. */
  readonly proxyJump?: readonly JumpAddress[];
  /** Set where the configuration wants a program to connect, which dcvops does not run. */
  readonly proxyCommand?: string;
  readonly hostKeyAlias?: string;
  readonly userKnownHostsFiles?: readonly string[];
}

/** A hop as `ProxyJump` spells it: `user@host:port`. */
export interface JumpAddress {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

export interface SshConfigQuery {
  /** The host as the inventory spells it. */
  readonly host: string;
  /** What the inventory says already; `Match user` and tokens see it. */
  readonly user: string | undefined;
  readonly port: number | undefined;
}

export type SshConfigReader = (query: SshConfigQuery) => Promise<SshConfig>;

const run = promisify(execFile);

/**
 * Reads what ssh would do for a host. `DCVOPS_SSH_CONFIG` names another file, as `ssh -F` does (`none`: no
 * file at all). Where there is no `ssh` program, or the configuration says nothing of what matters here,
 * nothing is run.
 */
export function createSshConfigReader(env: NodeJS.ProcessEnv, home: string): SshConfigReader {
  const file = env['DCVOPS_SSH_CONFIG'];
  let worthAsking: Promise<boolean> | undefined;
  return async (query) => {
    worthAsking ??= saysAnythingRelevant(
      file === undefined ? [join(home, '.ssh/config'), '/etc/ssh/ssh_config'] : [file],
      home,
    );
    if (!(await worthAsking)) return {};
    const argv = [
      ...(file === undefined ? [] : ['-F', file]),
      ...(query.user === undefined ? [] : ['-l', query.user]),
      ...(query.port === undefined ? [] : ['-p', String(query.port)]),
      ...['-G', '--', query.host],
    ];
    try {
      const { stdout } = await run('ssh', argv, { env: { ...env, HOME: home }, timeout: 10_000 });
      return parseSshConfig(stdout);
    } catch (error) {
      // no ssh program here: the inventory stands alone
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      const said = (error as { stderr?: string }).stderr?.trim();
      throw new DcvopsError('usage', `the SSH configuration cannot be read: ${said ?? String(error)}`, {
        hint: `ssh -G ${query.host}`,
        cause: error,
      });
    }
  };
}

const RELEVANT = new Set([
  'hostname',
  'port',
  'user',
  'identityfile',
  'identityagent',
  'identitiesonly',
  'proxyjump',
  'proxycommand',
  'hostkeyalias',
  'userknownhostsfile',
]);

/**
 * A program a host costs some milliseconds: most people's files have nothing in them that dcvops asks for.
 */
async function saysAnythingRelevant(files: readonly string[], home: string, depth = 0): Promise<boolean> {
  for (const file of files) {
    if (file === 'none') continue;
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const [keyword, value] of keywordLines(text)) {
      if (RELEVANT.has(keyword)) return true;
      if (keyword !== 'include') continue;
      // 16 is OpenSSH's own limit
      if (depth >= 16) return true;
      const folder = file.startsWith('/etc/') ? '/etc/ssh' : join(home, '.ssh');
      const included = await expandInclude(value, folder, home);
      if (included === undefined || (await saysAnythingRelevant(included, home, depth + 1))) return true;
    }
  }
  return false;
}

function* keywordLines(text: string): Generator<[keyword: string, value: string]> {
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z]+)\s*[\s=]\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) yield [match[1].toLowerCase(), match[2] ?? ''];
  }
}

/** The files of an Include line; undefined where its form is not understood, which counts as "ask ssh". */
async function expandInclude(value: string, folder: string, home: string): Promise<string[] | undefined> {
  const files: string[] = [];
  for (const word of value.split(/\s+/)) {
    const expanded = word.startsWith('~/') ? join(home, word.slice(2)) : word;
    const pattern = isAbsolute(expanded) ? expanded : join(folder, expanded);
    if (/["$%[\]{}?]/.test(pattern) || dirname(pattern).includes('*')) return undefined;
    if (!pattern.includes('*')) {
      files.push(pattern);
      continue;
    }
    const [before = '', after = '', ...more] = basename(pattern).split('*');
    if (more.length > 0) return undefined;
    const names = await readdir(dirname(pattern)).catch((): string[] => []);
    const matching = names.filter((name) => name.startsWith(before) && name.endsWith(after));
    files.push(...matching.map((name) => join(dirname(pattern), name)));
  }
  return files;
}

/** Reads the output of `ssh -G`: lower-case keyword, space, value; a keyword may come several times. */
export function parseSshConfig(output: string): SshConfig {
  const values = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const space = line.indexOf(' ');
    if (space === -1) continue;
    const keyword = line.slice(0, space).toLowerCase();
    values.set(keyword, [...(values.get(keyword) ?? []), line.slice(space + 1).trim()]);
  }
  const one = (keyword: string): string | undefined => {
    const value = values.get(keyword)?.at(-1);
    return value === undefined || value === '' || value.toLowerCase() === 'none' ? undefined : value;
  };
  const port = Number(one('port'));
  const jump = one('proxyjump');
  return withoutUndefined({
    hostName: one('hostname'),
    port: Number.isInteger(port) && port > 0 ? port : undefined,
    user: one('user'),
    identityFiles: values.get('identityfile')?.filter((file) => file.toLowerCase() !== 'none'),
    identityAgent: values.get('identityagent')?.at(-1),
    identitiesOnly: one('identitiesonly') === undefined ? undefined : one('identitiesonly') === 'yes',
    proxyJump: jump?.split(',').map(parseJumpAddress),
    proxyCommand: one('proxycommand'),
    hostKeyAlias: one('hostkeyalias'),
    userKnownHostsFiles: one('userknownhostsfile')?.split(/\s+/),
  });
}

/** `host`, `user@host:port`, `[::1]:22`, `ssh://user@host:port`. */
export function parseJumpAddress(text: string): JumpAddress {
  const plain = text
    .trim()
    .replace(/^ssh:\/\//, '')
    .replace(/\/$/, '');
  const at = plain.lastIndexOf('@');
  const user = at === -1 ? undefined : plain.slice(0, at);
  const place = plain.slice(at + 1);
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(place);
  return {
    host: match?.[1] ?? match?.[2] ?? place,
    user,
    port: match?.[3] === undefined ? undefined : Number(match[3]),
  };
}

function withoutUndefined(config: { [K in keyof SshConfig]: SshConfig[K] | undefined }): SshConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}
