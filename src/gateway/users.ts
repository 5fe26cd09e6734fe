import { randomInt } from 'node:crypto';
import { DcvopsError } from '../errors.ts';
import { Secret } from '../shell/secret.ts';

/* Who may log in at the gateway: the lines of an htpasswd file, `NAME:HASH`. All of it is pure, but for made-up passwords. */

export interface GatewayUser {
  readonly name: string;
  /** The whole hash, or as much of its beginning as tells its kind. */
  readonly hash: string;
}

/** Reads the users of an htpasswd file as nginx does: the first line of a name counts, lines that begin with `#` don't. */
export function parseUsers(text: string): GatewayUser[] {
  const users = new Map<string, GatewayUser>();
  for (const line of text.split('\n')) {
    const user = userOf(line);
    if (user !== undefined && !users.has(user.name)) users.set(user.name, user);
  }
  return [...users.values()];
}

function userOf(line: string): GatewayUser | undefined {
  const [, name, hash = ''] = /^([^#:][^:]*):([^:\r]*)/.exec(line) ?? [];
  return name === undefined ? undefined : { name, hash };
}

/** The file with a user's line in place of the one it had, or at the end. All other lines stay as they are. */
export function withUser(text: string, { name, hash }: GatewayUser): string {
  const line = `${name}:${hash}`;
  const lines = linesOf(text);
  const first = lines.findIndex((one) => userOf(one)?.name === name);
  if (first === -1) return asText([...lines, line]);
  return asText(lines.flatMap((one, index) => replaced(one, index)));

  function replaced(one: string, index: number): string[] {
    if (index === first) return [line];
    return userOf(one)?.name === name ? [] : [one];
  }
}

/** The file without these users. All other lines stay as they are. */
export function withoutUsers(text: string, names: readonly string[]): string {
  return asText(linesOf(text).filter((line) => !names.includes(userOf(line)?.name ?? '')));
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function asText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** How a password is kept, and what is wrong with that. */
export interface HashJudgement {
  /** "SHA-512", "bcrypt" */
  readonly kind: string;
  /** weak: who reads the file finds the password out. slow: nginx's worker does nothing else while it checks. */
  readonly problem: 'weak' | 'slow' | undefined;
}

/** Rounds of SHA crypt that a worker takes 20 ms for; the usual 5000 take 2 ms. */
const MANY_ROUNDS = 50_000;

/** Judges a hash by its beginning. */
export function judgeHash(hash: string): HashJudgement {
  const [, scheme = '', rounds] = /^(\$[^$]*\$|\{[^}]*\})(?:rounds=(\d+)\$)?/.exec(hash) ?? [];
  const slow = Number(rounds ?? 0) > MANY_ROUNDS ? 'slow' : undefined;
  switch (scheme) {
    case '$6$':
      return { kind: 'SHA-512', problem: slow };
    case '$5$':
      return { kind: 'SHA-256', problem: slow };
    case '$2a$':
    case '$2b$':
    case '$2x$':
    case '$2y$':
      return { kind: 'bcrypt', problem: 'slow' };
    case '$y$':
    case '$gy$':
    case '$7$':
      return { kind: 'scrypt', problem: 'slow' };
    case '$apr1$':
    case '$1$':
      return { kind: 'MD5', problem: 'weak' };
    case '{SHA}':
    case '{SSHA}':
      return { kind: 'SHA-1', problem: 'weak' };
    case '{PLAIN}':
      return { kind: 'plain text', problem: 'weak' };
    default:
      return { kind: 'DES or unknown', problem: 'weak' };
  }
}

/**
 * @throws DcvopsError `usage` for a name that browsers, htpasswd or a shell take for something else. ASCII only: browsers do
 * not agree how they send other letters.
 */
export function checkUserName(name: string): void {
  const problem = problemOfName(name);
  if (problem === undefined) return;
  throw new DcvopsError('usage', `${JSON.stringify(name)} can't be the name of a user: ${problem}`, {
    hint: 'take 1 to 64 letters, digits or any of . _ - @ +',
  });
}

function problemOfName(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > 64) return 'it is longer than 64 characters';
  if (name.includes(':')) return 'a colon ends the name';
  if (/^[#-]/.test(name)) return `it begins with "${name.charAt(0)}"`;
  return /^[!-~]+$/.test(name)
    ? undefined
    : 'it holds a space, a control character, or a letter that is not ASCII';
}

const SHORTEST = 12;
/** A hash takes nginx longer with each character; nobody guesses half as many. */
const LONGEST = 128;

/** What is wrong with a password, or undefined. ASCII only: browsers do not agree how they send other letters. */
export function problemOfPassword(password: Secret): string | undefined {
  const text = password.reveal();
  if (text.length < SHORTEST) return `a password has at least ${SHORTEST} characters`;
  if (text.length > LONGEST) return `a password has at most ${LONGEST} characters`;
  return /^[ -~]+$/.test(text)
    ? undefined
    : 'a password is made of ASCII letters, digits, punctuation and spaces: browsers do not agree how they send others';
}

/** Without what people take for one another when they copy it from a screen. */
const READABLE = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Makes a password up: "k7wqm-3hzpa-…", of 25 characters out of 31 (more than 120 bits). */
export function makePassword(): Secret {
  const group = (): string =>
    Array.from({ length: 5 }, () => READABLE.charAt(randomInt(READABLE.length))).join('');
  return new Secret(Array.from({ length: 5 }, group).join('-'));
}
