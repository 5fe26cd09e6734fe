import { spawnSync } from 'node:child_process';
import path from 'node:path';
import {
  type FoundUsers,
  type UsersChange,
  type UsersPlaces,
  changeUsersScript,
  parseFoundUsers,
  readUsersScript,
} from '../../../src/gateway/users-script.ts';
import { type ScriptRecord, parseRecords } from '../../../src/shell/records.ts';
import { type Script, commandLine } from '../../../src/shell/script.ts';

/** Where the scripts find things that are a host's /etc/nginx and /var/lib in a folder of the test's. */
export function placesBelow(gateway: string): UsersPlaces {
  const root = path.dirname(gateway);
  return { gateway, live: `${root}/gateway.conf`, lock: `${root}/lock`, records: `${root}/records` };
}

export function readUsersHere(places: UsersPlaces, hashes = true): FoundUsers {
  const found = parseFoundUsers(run(readUsersScript(hashes, places), ''));
  if (found === undefined) throw new Error('the script told nothing of users');
  return found;
}

/** Puts a file of users in place as the commands do. */
export function changeUsersHere(
  places: UsersPlaces,
  text: string,
  change: Partial<UsersChange> = {},
): ScriptRecord[] {
  const { digest } = readUsersHere(places);
  const settings = {
    who: 'anna@laptop',
    lockWaitSeconds: 5,
    digest,
    endsLogins: false,
    what: 'changed users',
  };
  return run(changeUsersScript({ ...settings, size: Buffer.byteLength(text), ...change }, places), text);
}

function run(script: Script, input: string): ScriptRecord[] {
  const { stdout, stderr } = spawnSync('sh', ['-c', commandLine(script)], { input, encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  return parseRecords(stdout);
}
