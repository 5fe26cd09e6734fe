import { describe, expect, it } from 'vitest';
import { sshCommand } from '../../../src/operations/open-ssh.ts';
import type { Target } from '../../../src/ssh/target.ts';

const NONE = { command: undefined, terminal: false, verbosity: 0, configFile: undefined };

function target(name: string, more: Partial<Target> = {}): Target {
  const address = more.address ?? '10.0.0.1';
  return {
    ...{ name, address, port: 22, user: 'ec2-user', agent: undefined, identitiesOnly: false },
    keys: [{ path: '/home/anna/.ssh/id_rsa', named: false }],
    knownAs: { address, port: more.port ?? 22 },
    knownHosts: ['/home/anna/.ssh/known_hosts'],
    hostKeys: 'strict',
    ...{ jump: undefined, proxyCommand: undefined },
    ...more,
  };
}

describe('the system’s ssh for dcvops ssh', () => {
  it('gets what the inventory says', () => {
    const key = [{ path: '/keys/tom.pem', named: true }];
    expect(sshCommand([target('agent1', { port: 50000, keys: key })], NONE)).toEqual([
      ...[
        'ssh',
        '-p',
        '50000',
        '-o',
        'User=ec2-user',
        '-o',
        'UserKnownHostsFile=/home/anna/.ssh/known_hosts',
      ],
      ...['-o', 'StrictHostKeyChecking=yes', '-o', 'IdentitiesOnly=yes', '-o', 'IdentityFile=/keys/tom.pem'],
      ...['-o', 'ProxyJump=none', '--', '10.0.0.1'],
    ]);
  });

  it('is left to its own keys where none is named', () => {
    expect(sshCommand([target('agent1')], NONE).join(' ')).not.toContain('Identit');
  });

  it('keeps each word of a command one word', () => {
    const argv = sshCommand([target('agent1')], { ...NONE, command: ['printf', '%s', "it's $HOME"] });
    expect(argv.at(-1)).toBe(`printf %s 'it'\\''s $HOME'`);
  });

  it('gives a command the terminal that somebody sits at; a login has one anyway, and a pipe stays one', () => {
    const command = ['sudo', 'passwd', 'ec2-user'];
    const options = (more: object): string[] => sshCommand([target('agent1')], { ...NONE, ...more });
    expect(options({ command, terminal: true }).slice(0, 2)).toEqual(['ssh', '-t']);
    expect(options({ command })).not.toContain('-t');
    expect(options({ terminal: true })).not.toContain('-t');
  });

  it('hands -v on, and another configuration file', () => {
    const argv = sshCommand([target('agent1')], { ...NONE, verbosity: 5, configFile: 'none' });
    expect(argv.slice(0, 7)).toEqual(['ssh', '-v', '-v', '-v', '-F', 'none', '-p']);
  });

  it('goes through each jump host with that one’s own key', () => {
    const route = [
      target('gateway', {
        address: '10.0.0.9',
        port: 50000,
        keys: [{ path: '/keys/g w 100%', named: true }],
      }),
      target('agent1', { keys: [{ path: '/keys/a', named: true }] }),
    ];
    const proxyCommand = sshCommand(route, NONE).find((word) => word.startsWith('ProxyCommand='));
    expect(proxyCommand).toBe(
      "ProxyCommand=ssh -W '[%h]:%p' -p 50000 -o User=ec2-user -o UserKnownHostsFile=/home/anna/.ssh/known_hosts " +
        `-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o 'IdentityFile="/keys/g w 100%%%%"' -o ProxyJump=none -- 10.0.0.9`,
    );
  });

  it('leaves a ProxyCommand of ssh_config to ssh', () => {
    expect(sshCommand([target('agent1', { proxyCommand: 'nc %h %p' })], NONE).join(' ')).not.toContain(
      'Proxy',
    );
  });

  it('accepts new host keys only where the inventory says so', () => {
    expect(sshCommand([target('agent1', { hostKeys: 'accept-new' })], NONE)).toContain(
      'StrictHostKeyChecking=accept-new',
    );
  });

  it('names the alias under which a key is known', () => {
    expect(sshCommand([target('agent1', { knownAs: { address: 'desk', port: 22 } })], NONE)).toContain(
      'HostKeyAlias=desk',
    );
  });
});
