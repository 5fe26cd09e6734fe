import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UsersPlaces } from '../../../src/gateway/users-script.ts';
import { changeUsersHere, placesBelow, readUsersHere } from './users-on-host.ts';

let root: string;
let places: UsersPlaces;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'dcvops-users-'));
  chmodSync(root, 0o755);
  places = placesBelow(path.join(root, 'dcv-gateway'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const state = (name: string): string => path.join(root, 'dcv-gateway/state', name);
const read = (name: string): string => readFileSync(state(name), 'utf8');
const mode = (name: string): string => (statSync(state(name)).mode & 0o777).toString(8);
const names = (records: readonly { readonly name: string }[]): string[] => records.map(({ name }) => name);
const secretOf = (text: string): string => /[0-9a-f]{64}/.exec(text)?.[0] ?? 'none';

const ANNA = 'anna:$6$salt$hash\n';

describe('the users of a proxy', () => {
  it('come with a secret that never leaves it, all of it for nginx’s workers only', () => {
    const told = changeUsersHere(places, ANNA);
    expect(names(told)).toEqual(['secret', 'done']);
    expect(read('users')).toBe(ANNA);
    for (const file of ['users', 'login/accept.map', 'login/issue.map']) {
      expect(mode(file), file).toBe('640');
      expect(statSync(state(file)), file).toMatchObject({ uid: 0 });
      expect(statSync(state(file)).gid, file).not.toBe(0);
    }
    const secret = secretOf(read('login/accept.map'));
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(secretOf(read('login/issue.map'))).toBe(secret);
    expect(JSON.stringify(told)).not.toContain(secret);
    const audit = readFileSync(path.join(root, 'records/audit.log'), 'utf8');
    expect(audit).toMatch(/^\S+Z anna@laptop changed users\n$/);
  });

  it('can come one by one without a new secret: nobody has to log in anew for them', () => {
    changeUsersHere(places, ANNA);
    const before = read('login/accept.map');
    expect(names(changeUsersHere(places, `${ANNA}bob:$6$b\n`))).toEqual(['done']);
    expect(read('login/accept.map')).toBe(before);
  });

  it('lose their logins with the secret', () => {
    changeUsersHere(places, `${ANNA}bob:$6$b\n`);
    const before = secretOf(read('login/accept.map'));
    expect(names(changeUsersHere(places, ANNA, { endsLogins: true }))).toEqual(['secret', 'done']);
    const secret = secretOf(read('login/accept.map'));
    expect(secret).not.toBe(before);
    expect(secretOf(read('login/issue.map'))).toBe(secret);
  });

  it('leave no file behind when the last one goes, so that it shows that nobody can log in', () => {
    changeUsersHere(places, ANNA);
    changeUsersHere(places, '', { endsLogins: true });
    expect(existsSync(state('users'))).toBe(false);
  });

  // Two operators at once: the second must not undo what the first has done.
  it('stay as they are when somebody else changed them meanwhile', () => {
    changeUsersHere(places, ANNA);
    expect(names(changeUsersHere(places, 'bob:$6$b\n', { digest: 'absent' }))).toEqual(['changed']);
    expect(read('users')).toBe(ANNA);
  });

  it('stay as they are when the new ones did not arrive whole', () => {
    changeUsersHere(places, ANNA);
    const told = changeUsersHere(places, 'bob', { size: 100 });
    expect(told).toEqual([{ name: 'failed', value: 'the users did not arrive whole' }]);
    expect(read('users')).toBe(ANNA);
    expect(existsSync(state('.users.dcvops-new'))).toBe(false);
  });

  it('are told byte for byte where they are edited, and without hashes where they are listed', () => {
    const text = `# kept\n${ANNA}bob:$apr1$b$2\ncarl:$6$rounds=9000$s$h\ndora:{SHA}abc\nemil:rqXexS6ZhobKA\n\n`;
    changeUsersHere(places, text);
    expect(readUsersHere(places).text).toBe(text);
    expect(readUsersHere(places, false).text).toBe(
      'anna:$6$\nbob:$apr1$\ncarl:$6$rounds=9000$\ndora:{SHA}\nemil:\n\n',
    );
  });

  it('are refused where there is no nginx', () => {
    const nowhere = { ...places, gateway: path.join(root, 'none/dcv-gateway') };
    expect(() => readUsersHere(nowhere)).toThrow(/told nothing/);
  });
});
