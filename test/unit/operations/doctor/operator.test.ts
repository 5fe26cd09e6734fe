import { describe, expect, it } from 'vitest';
import { forwardProxyOf } from '../../../../src/operations/doctor/operator.ts';
import { surprisesOf } from '../../../../src/operations/doctor/ssh-config-surprises.ts';
import type { SshConfig } from '../../../../src/ssh/ssh-config.ts';
import type { SshSettings } from '../../../../src/ssh/settings.ts';
import { agent } from '../../gateway/inventories.ts';

// Facts are pasted into tickets: a password in them would be everybody's.
describe('forward proxies are told without credentials', () => {
  it.each<[NodeJS.ProcessEnv, Record<string, string>]>([
    [{}, {}],
    [{ https_proxy: '' }, {}],
    [{ HTTPS_PROXY: 'http://proxy:3128' }, { https_proxy: 'http://proxy:3128' }],
    [{ HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:1' }, { https_proxy: 'http://lower:1' }],
    [{ https_proxy: 'http://anna:secret@proxy:3128' }, { https_proxy: 'http://proxy:3128' }],
    [{ https_proxy: 'http://anna:se@cr/et@proxy:3128/' }, { https_proxy: 'http://proxy:3128/' }],
    [{ https_proxy: 'anna:secret@proxy:3128' }, { https_proxy: 'proxy:3128' }],
    [{ NO_PROXY: 'localhost,.example' }, { no_proxy: 'localhost,.example' }],
  ])('%o', (env, expected) => {
    expect(forwardProxyOf(env)).toEqual(expected);
  });
});

// "ssh agent1" works, dcvops does not: the difference has to be told.
describe('ssh_config surprises with', () => {
  const one = agent('agent1', '10.150.248.180');
  const asIs: SshConfig = { hostName: '10.150.248.180', port: 22 };
  it.each<[string, Partial<SshSettings>, SshConfig, string[]]>([
    ['nothing, where it says nothing', {}, asIs, []],
    ['nothing, where ssh_config is not there', {}, {}, []],
    ['another address, which is taken', {}, { ...asIs, hostName: '10.9.9.9' }, ['HostName 10.9.9.9']],
    ['a program that is not run', {}, { ...asIs, proxyCommand: 'nc %h %p' }, ['ProxyCommand nc %h %p']],
    [
      'nothing, where the inventory has a jump instead',
      { jump: 'gateway' },
      { ...asIs, proxyCommand: 'nc' },
      [],
    ],
    [
      'a jump that the inventory overrules',
      { jump: 'gateway' },
      { ...asIs, proxyJump: [{ host: 'bastion', user: undefined, port: undefined }] },
      ['ProxyJump bastion'],
    ],
    [
      'nothing, for a jump that is taken',
      {},
      { ...asIs, proxyJump: [{ host: 'bastion', user: undefined, port: undefined }] },
      [],
    ],
    ['another user', { user: 'ec2-user' }, { ...asIs, user: 'nobody-else' }, ['User nobody-else']],
    ['nothing, for the same user', { user: 'ec2-user' }, { ...asIs, user: 'ec2-user' }, []],
    ['another port', { port: 50_000 }, { ...asIs, port: 2222 }, ['Port 2222']],
    ['nothing, for the port that ssh takes anyway', { port: 50_000 }, asIs, []],
  ])('%s', (_, ssh, config, expected) => {
    const found = surprisesOf({ ...one, ssh: { ...one.ssh, ...ssh } }, config);
    expect(found.map(({ option, value }) => `${option} ${value}`)).toEqual(expected);
  });
});
