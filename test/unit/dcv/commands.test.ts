import { describe, expect, it } from 'vitest';
import {
  closeSession,
  createSession,
  describeSession,
  listConnections,
  listSessions,
} from '../../../src/dcv/commands.ts';

const LEAST = { id: 'desktop-session', type: 'virtual', owner: 'ec2-user', user: 'ec2-user' } as const;

describe('createSession: what is passed wrongly makes a desktop for the wrong person', () => {
  it.each([
    ['the least', {}, 'dcv create-session --type=virtual --owner=ec2-user --user=ec2-user desktop-session'],
    [
      'everything',
      {
        name: "Jane's desk",
        permissionsFile: '/etc/dcv/my.perm',
        storageRoot: '%home%/share',
        gl: 'off',
        maxConcurrentClients: 2,
        init: '/opt/start desktop.sh',
        disableLoginMonitor: true,
      },
      `dcv create-session --type=virtual --owner=ec2-user --user=ec2-user '--name=Jane'\\''s desk' ` +
        `--permissions-file=/etc/dcv/my.perm --storage-root=%home%/share --gl=off --max-concurrent-clients=2 ` +
        `'--init=/opt/start desktop.sh' --disable-login-monitor desktop-session`,
    ],
    [
      'a console, for which DCV refuses user, gl and init',
      { type: 'console', gl: 'on', init: '/x' },
      'dcv create-session --type=console --owner=ec2-user desktop-session',
    ],
    [
      'a name that looks like an option',
      { name: '--owner=root' },
      `dcv create-session --type=virtual --owner=ec2-user --user=ec2-user --name=--owner=root desktop-session`,
    ],
    [
      'an empty name, which removes nothing',
      { name: '' },
      `dcv create-session --type=virtual --owner=ec2-user --user=ec2-user --name= desktop-session`,
    ],
    [
      'a name with a command in it',
      { name: '$(reboot)' },
      `dcv create-session --type=virtual --owner=ec2-user --user=ec2-user '--name=$(reboot)' desktop-session`,
    ],
  ] as const)('passes %s', (_what, more, wanted) => {
    expect(createSession({ ...LEAST, ...more }).toString()).toBe(wanted);
  });
});

describe('the other commands', () => {
  it.each([
    ['list-sessions', listSessions(), 'dcv list-sessions --json'],
    ['describe-session', describeSession('a b'), "dcv describe-session --json 'a b'"],
    ['close-session', closeSession('console'), 'dcv close-session console'],
    ['list-connections', listConnections('s'), 'dcv list-connections --json s'],
    ['close-session of an id that looks like an option', closeSession('-x'), 'dcv close-session -- -x'],
  ])('%s', (_what, command, wanted) => {
    expect(command.toString()).toBe(wanted);
  });
});
