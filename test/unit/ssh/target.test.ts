import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { SshSettings } from '../../../src/ssh/settings.ts';
import type { SshConfig } from '../../../src/ssh/ssh-config.ts';
import { type SshHost, settleTarget, showAddress } from '../../../src/ssh/target.ts';

const UNSET: SshSettings = {
  port: undefined,
  user: undefined,
  key: undefined,
  jump: undefined,
  knownHosts: undefined,
  hostKeys: 'strict',
};
const host = (ssh: Partial<SshSettings> = {}): SshHost => ({
  name: 'agent1',
  host: '10.150.248.180',
  ssh: { ...UNSET, ...ssh },
});
const settle = (ssh: Partial<SshSettings>, config: SshConfig = {}, env: NodeJS.ProcessEnv = {}) =>
  settleTarget(host(ssh), config, { env, home: '/home/anna' });
const ME = userInfo().username;

describe('how a host is reached: inventory, then ssh_config, then defaults', () => {
  it.each<[string, Partial<SshSettings>, SshConfig, object]>([
    ['nothing is said', {}, {}, { address: '10.150.248.180', port: 22, user: ME, jump: undefined }],
    [
      'ssh_config says',
      {},
      { hostName: '10.0.0.9', port: 2222, user: 'conf' },
      { address: '10.0.0.9', port: 2222, user: 'conf' },
    ],
    ['both say', { port: 50000, user: 'inv' }, { port: 2222, user: 'conf' }, { port: 50000, user: 'inv' }],
    [
      'the inventory names a jump',
      { jump: 'gateway' },
      { proxyJump: [{ host: 'other', user: undefined, port: undefined }] },
      { jump: { kind: 'host', name: 'gateway' } },
    ],
    [
      'the inventory says directly',
      { direct: true },
      { proxyJump: [{ host: 'other', user: undefined, port: undefined }] },
      { jump: undefined },
    ],
    [
      'an alias for the key',
      { port: 50000 },
      { hostKeyAlias: 'desk' },
      { knownAs: { address: 'desk', port: 22 } },
    ],
    ['no alias for the key', { port: 50000 }, {}, { knownAs: { address: '10.150.248.180', port: 50000 } }],
    [
      'the inventory names known_hosts',
      { knownHosts: '/k' },
      { userKnownHostsFiles: ['/a'] },
      { knownHosts: ['/k'] },
    ],
    [
      'ssh_config names known_hosts',
      {},
      { userKnownHostsFiles: ['~/a', '%d/b'] },
      { knownHosts: ['/home/anna/a', '/home/anna/b'] },
    ],
    [
      'nobody names known_hosts',
      {},
      {},
      { knownHosts: ['/home/anna/.ssh/known_hosts', '/home/anna/.ssh/known_hosts2'] },
    ],
  ])('%s', (_, ssh, config, expected) => {
    expect(settle(ssh, config)).toMatchObject(expected);
  });

  it('takes the hops of a ProxyJump from the back', () => {
    const [first, second] = ['first', 'second'].map((name) => ({
      host: name,
      user: undefined,
      port: undefined,
    }));
    if (first === undefined || second === undefined) throw new Error('two hops');
    expect(settle({}, { proxyJump: [first, second] }).jump).toEqual({
      kind: 'address',
      address: second,
      before: [first],
    });
    const through = settleTarget(host(), { proxyJump: [second] }, { env: {}, home: '/' }, [first]);
    expect(through.jump).toEqual({ kind: 'address', address: first, before: [] });
  });

  it.each<[string, Partial<SshSettings>, SshConfig, readonly (readonly [string, boolean])[]]>([
    ['the inventory names one', { key: '/k' }, { identityFiles: ['/c'] }, [['/k', true]]],
    [
      'ssh_config names some',
      {},
      { identityFiles: ['~/c', '/%h/%r/%p/%n/%%', '/${X}'] },
      [
        ['/home/anna/c', true],
        [`/10.0.0.9/${ME}/22/10.150.248.180/%`, true],
        ['/x', true],
      ],
    ],
    [
      'ssh_config names none, which ssh -G fills up',
      {},
      { identityFiles: ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519_sk'] },
      [
        ['/home/anna/.ssh/id_rsa', false],
        ['/home/anna/.ssh/id_ecdsa', false],
        ['/home/anna/.ssh/id_ed25519', false],
      ],
    ],
    [
      'nobody names one',
      {},
      {},
      [
        ['/home/anna/.ssh/id_rsa', false],
        ['/home/anna/.ssh/id_ecdsa', false],
        ['/home/anna/.ssh/id_ed25519', false],
      ],
    ],
  ])('keys: %s', (_, ssh, config, keys) => {
    const target = settle(ssh, { hostName: '10.0.0.9', ...config }, { X: 'x' });
    expect(target.keys.map(({ path, named }) => [path, named])).toEqual(keys);
  });

  it.each<[string | undefined, NodeJS.ProcessEnv, string | undefined]>([
    [undefined, {}, undefined],
    [undefined, { SSH_AUTH_SOCK: '' }, undefined],
    [undefined, { SSH_AUTH_SOCK: '/sock' }, '/sock'],
    ['SSH_AUTH_SOCK', { SSH_AUTH_SOCK: '/sock' }, '/sock'],
    ['none', { SSH_AUTH_SOCK: '/sock' }, undefined],
    ['$OTHER', { SSH_AUTH_SOCK: '/sock', OTHER: '/other' }, '/other'],
    ['${OTHER}', { OTHER: '/other' }, '/other'],
    ['~/agent', {}, '/home/anna/agent'],
  ])('agent %s', (identityAgent, env, socket) => {
    expect(settle({}, identityAgent === undefined ? {} : { identityAgent }, env).agent).toBe(socket);
  });

  it('shows addresses as URLs do', () => {
    expect(showAddress({ address: '10.0.0.1', port: 22 })).toBe('10.0.0.1:22');
    expect(showAddress({ address: 'fd00::1', port: 22 })).toBe('[fd00::1]:22');
  });
});
