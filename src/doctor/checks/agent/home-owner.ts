import { posix } from 'node:path';
import { agentCheck } from '../../check.ts';
import { asRoot, steps } from '../../commands.ts';
import { desktopAccounts } from '../../desktop-accounts.ts';

/** The home folder belongs to somebody else. */
export const homeOwner = agentCheck({
  id: 'agent/home-owner',
  severity: 'error',
  title: 'The home folder belongs to somebody else',
  why: 'A desktop ends at once when its user cannot write there; after a change of the account’s number all files have the old one.',
  remedy: 'dcvops exec --sudo AGENT -- chown -R USER: /home/USER',
  symptoms: ['desktop'],
  follows: ['agent/session-owner'],
  look: ({ name, agent, set }) =>
    desktopAccounts(name, agent, set).flatMap(({ name: user, uid, home, homeOwnerUid }) =>
      uid === undefined || home === undefined || homeOwnerUid === undefined || homeOwnerUid === uid
        ? []
        : [
            {
              seen: `${home} belongs to number ${homeOwnerUid}; ${user} is ${uid}`,
              remedy: isOwnFolder(home)
                ? asRoot(name, 'chown', '-R', `${user}:`, home)
                : steps(
                    asRoot(name, 'getent', 'passwd', user),
                    `give ${user} a home folder of its own; ${home} is none`,
                  ),
            },
          ],
    ),
});

/** Accounts of services have `/` or a folder of the system for a home: what lies there must not change hands. */
function isOwnFolder(home: string): boolean {
  const [, first = '', second = ''] = posix.normalize(home).split('/');
  return second !== '' && !SYSTEM.has(first);
}

const SYSTEM = new Set([
  'bin',
  'boot',
  'dev',
  'etc',
  'lib',
  'lib64',
  'proc',
  'run',
  'sbin',
  'sys',
  'tmp',
  'usr',
  'var',
]);
