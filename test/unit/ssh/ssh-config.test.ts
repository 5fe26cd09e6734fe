import { describe, expect, it } from 'vitest';
import { parseJumpAddress, parseSshConfig } from '../../../src/ssh/ssh-config.ts';

describe('the output of ssh -G', () => {
  it('is read as far as it matters here', () => {
    const output = `host desk
user ec2-user
hostname 10.150.248.180
port 50000
identitiesonly yes
identityfile ~/.ssh/one
identityfile /keys/two words
identityagent /run/agent.sock
proxyjump me@gw:50000,10.0.0.2
userknownhostsfile /a /b
hostkeyalias desk-key
forwardagent no
`;
    expect(parseSshConfig(output)).toEqual({
      hostName: '10.150.248.180',
      port: 50000,
      user: 'ec2-user',
      identitiesOnly: true,
      identityFiles: ['~/.ssh/one', '/keys/two words'],
      identityAgent: '/run/agent.sock',
      proxyJump: [
        { user: 'me', host: 'gw', port: 50000 },
        { user: undefined, host: '10.0.0.2', port: undefined },
      ],
      userKnownHostsFiles: ['/a', '/b'],
      hostKeyAlias: 'desk-key',
    });
  });

  it('takes none for nothing, but an agent of none for no agent', () => {
    const none =
      'proxyjump none\nproxycommand none\nidentityfile none\nuserknownhostsfile none\nidentityagent none\n';
    expect(parseSshConfig(none)).toEqual({ identityFiles: [], identityAgent: 'none' });
  });

  it('is empty for what is no such output', () => {
    expect(parseSshConfig('')).toEqual({});
    expect(parseSshConfig('port\nport many\nport -1\n')).toEqual({});
  });

  it.each([
    ['gw', { host: 'gw', user: undefined, port: undefined }],
    ['me@gw', { host: 'gw', user: 'me', port: undefined }],
    ['me@corp@gw:22', { host: 'gw', user: 'me@corp', port: 22 }],
    ['[fd00::1]:2222', { host: 'fd00::1', user: undefined, port: 2222 }],
    ['ssh://me@gw:22/', { host: 'gw', user: 'me', port: 22 }],
  ])('jump %s', (text, expected) => {
    expect(parseJumpAddress(text)).toEqual(expected);
  });
});
