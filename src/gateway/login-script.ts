import { SAY, type ScriptRecord } from '../shell/records.ts';
import { Secret } from '../shell/secret.ts';
import type { Script } from '../shell/script.ts';
import { lines, program } from '../shell/shell.ts';
import { LOGIN_COOKIE } from './config/login.ts';
import { LOGIN_DIRECTORY } from './login-state.ts';

/**
 * Reads a proxy's login cookie, as root, so that dcvops can look behind the login that it asks people for. It is used
 * through the SSH connection that it came by, and nowhere else.
 */
export function readLoginCookie(): Script {
  return { name: 'read the login cookie', text: lines(SAY, READ), args: [LOGIN_DIRECTORY], root: true };
}

const READ = program`if [ -f "$1/issue.map" ]; then say issue "$(cat "$1/issue.map")"; fi`;

/** The cookie as a request's header has it; undefined where nobody can log in by one yet. Pure. */
export function parseLoginCookie(records: readonly ScriptRecord[]): Secret | undefined {
  const issue = records.find(({ name }) => name === 'issue')?.value ?? '';
  const secret = new RegExp(`${LOGIN_COOKIE}=([0-9a-f]{64});`).exec(issue)?.[1];
  return secret === undefined ? undefined : new Secret(`${LOGIN_COOKIE}=${secret}`);
}
