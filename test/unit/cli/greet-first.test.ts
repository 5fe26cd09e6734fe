import { describe, expect, it } from 'vitest';
import { greetFirst } from '../../../src/cli/gateways.ts';
import type { Host, ProxyHost } from '../../../src/inventory/types.ts';
import type { Remote } from '../../../src/ssh/remote.ts';

const [first, second] = [{ name: 'gateway' }, { name: 'gateway2' }] as unknown as [ProxyHost, ProxyHost];

function counting(answer: (host: Host, attempt: number) => Promise<Remote>) {
  const asked: string[] = [];
  const connect = (host: Host): Promise<Remote> => {
    asked.push(host.name);
    return answer(host, asked.length);
  };
  return { asked, connect };
}

describe('greetFirst: a host that takes its time to answer does so while code is loaded', () => {
  it('connects to the first proxy before anybody asks, once', async () => {
    const remote = { name: 'gateway' } as Remote;
    const { asked, connect } = counting(() => Promise.resolve(remote));
    const greeting = greetFirst([first, second], connect);
    expect(asked).toEqual(['gateway']);
    expect(await greeting(first)).toBe(remote);
    expect(asked).toEqual(['gateway']);
  });

  it('gives a refused login to who asks, and does not try it again by itself: accounts get locked', async () => {
    const { asked, connect } = counting(() => Promise.reject(new Error('refused')));
    const greeting = greetFirst([first], connect);
    await new Promise(setImmediate);
    await expect(greeting(first)).rejects.toThrow('refused');
    expect(asked).toEqual(['gateway']);
  });

  it('connects anew for who asks again, and to other proxies when they are asked for', async () => {
    const { asked, connect } = counting((host) => Promise.resolve({ name: host.name } as Remote));
    const greeting = greetFirst([first, second], connect);
    await greeting(first);
    await greeting(second);
    await greeting(first);
    expect(asked).toEqual(['gateway', 'gateway2', 'gateway']);
  });

  it('greets nobody where there is no proxy', () => {
    const { asked, connect } = counting(() => Promise.reject(new Error('nobody')));
    greetFirst([], connect);
    expect(asked).toEqual([]);
  });
});
