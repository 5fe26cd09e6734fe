import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from './texts.ts';

const text = await readFile('inventory/example.yaml', 'utf8');

describe('inventory/example.yaml, the first file that a newcomer copies', () => {
  it('has no problem', async () => {
    const { proxies, agents, gateway, sessions } = await parse(text, {
      inspectKey: (key) => Promise.resolve(key === '/home/anna/.ssh/tom.pem' ? 'usable' : 'missing'),
    });
    expect(proxies.map(({ host, ssh }) => [host, ssh.port, ssh.user])).toEqual([
      ['10.213.66.188', 50000, 'ec2-user'],
    ]);
    expect(agents.map(({ host }) => host)).toEqual(['10.150.248.180', '10.150.248.136']);
    expect(gateway.default).toEqual([agents[0]]);
    expect(sessions.id).toBe('desktop-session');
  });

  it('begins with the line that gives an editor its schema', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./dcvops.schema.json');
  });

  it('has no problem with what it proposes in comments either', async () => {
    const proposed = text
      .replace(/^( *)# (agents:|  ssh: \{ jump|url:)/gm, '$1$2')
      .replace(/^# (logs:|watch:|  \S)/gm, '$1');
    const { agents, gateway, logs, watch } = await parse(proposed);
    expect(agents.map(({ ssh }) => ssh.jump)).toEqual(['gateway', 'gateway']);
    expect(gateway.url).toBe('https://desktops.example.com');
    expect(logs.map(({ name, hosts }) => [name, ...hosts])).toEqual([
      ['backup', 'agent1', 'agent2'],
      ['vpn', 'gateway'],
    ]);
    expect(watch, 'the defaults').toEqual((await parse(text)).watch);
    expect(text).toContain('#   outside: true');
  });
});
