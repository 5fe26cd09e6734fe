import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../../src/errors.ts';
import { browserCommand, openBrowser } from '../../../../src/operations/open-browser.ts';
import type { AgentSessions } from '../../../../src/operations/session/list.ts';
import { addressOf, theOnlyOne, throughProxy } from '../../../../src/operations/session/url.ts';
import { changed, parse } from '../../inventory/texts.ts';

function sessionsOf(agent: string, ids: readonly string[], problem?: string): AgentSessions {
  const sessions = ids.map((id) => ({ id, url: `https://gateway/${agent}/#${id}` }));
  return { agent, address: '10.150.248.1', sessions, problem } as unknown as AgentSessions;
}

function failure(of: () => unknown): DcvopsError {
  try {
    of();
  } catch (error) {
    if (error instanceof DcvopsError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('a session that is looked for by its id', () => {
  it('is found on the one agent that has it', () => {
    const lists = [sessionsOf('agent1', ['a', 'b']), sessionsOf('agent2', ['c'])];
    expect(theOnlyOne(lists, 'c')).toEqual({
      agent: 'agent2',
      address: '10.150.248.1',
      id: 'c',
      url: 'https://gateway/agent2/#c',
    });
  });

  it('is nowhere: what is there is told, and who did not say', () => {
    const lists = [sessionsOf('agent1', ['a', 'b']), sessionsOf('agent2', [], 'no answer')];
    expect(failure(() => theOnlyOne(lists, 'c')).message).toBe(
      'no agent has a session "c"; there are agent1/a, agent1/b; not known of agent2',
    );
  });

  it('is on several agents: the commands that name one are told', () => {
    const { message, hint } = failure(() =>
      theOnlyOne([sessionsOf('agent1', ['a']), sessionsOf('agent2', ['a'])], 'a'),
    );
    expect(message).toBe('agent1, agent2 have a session "a" each');
    expect(hint).toBe('dcvops session url agent1/a\ndcvops session url agent2/a');
  });
});

describe('the address of a session', () => {
  const SECOND = changed('agents:\n', '  - { name: second, host: 10.213.66.189 }\nagents:\n');
  const URL = 'url: https://desks.example.com\n  default: agent1';

  it.each<[string, string, string | undefined, string]>([
    ['of one proxy', changed('default: agent1', 'default: agent1'), undefined, 'https://10.213.66.188:8443'],
    ['of the first of several', SECOND, undefined, 'https://10.213.66.188:8443'],
    ['of the one that was named', SECOND, 'second', 'https://10.213.66.189:8443'],
    [
      'of what stands before them',
      changed('default: agent1', URL, SECOND),
      undefined,
      'https://desks.example.com',
    ],
    ['of one behind that', changed('default: agent1', URL, SECOND), 'second', 'https://10.213.66.189:8443'],
    ['of the only one, named', changed('default: agent1', URL), 'gateway', 'https://desks.example.com'],
  ])('%s', async (_, text, name, begin) => {
    const inventory = await parse(text);
    const proxy = inventory.proxies.find((one) => one.name === name);
    const [agent] = inventory.agents;
    if (agent === undefined) throw new Error('the inventory has agents');
    const seen = proxy === undefined ? inventory : throughProxy(inventory, proxy);
    expect(addressOf(seen, agent, 'desk 1').url).toBe(`${begin}/10.150.248.180/#desk%201`);
  });
});

describe('the browser', () => {
  it.each<[NodeJS.Platform, Record<string, string>, string | undefined]>([
    ['linux', { DISPLAY: ':0' }, 'xdg-open'],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, 'xdg-open'],
    ['linux', { DISPLAY: '' }, undefined],
    ['darwin', {}, 'open'],
  ])('is opened by what %s has, with %j', (platform, env, command) => {
    expect(browserCommand(platform, env)).toBe(command);
  });

  it('says why it was not opened', async () => {
    expect(await openBrowser('dcvops-no-such-program', 'https://x/')).toBe(
      'there is no dcvops-no-such-program program on this machine',
    );
    expect(await openBrowser('false', 'https://x/')).toBe('false ended with exit code 1');
    expect(await openBrowser('true', 'https://x/')).toBeUndefined();
  });
});
