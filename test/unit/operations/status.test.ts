import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import type { Host } from '../../../src/inventory/types.ts';
import { type StatusLook, createStatusReader, watchStatus } from '../../../src/operations/status.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { agent, gatewaySettings, inventoryWith, proxy } from '../gateway/inventories.ts';

const GATEWAY = proxy();
const AGENTS = [agent('agent1', '10.150.248.180'), agent('agent2', '10.150.248.136')];
const INVENTORY = inventoryWith(GATEWAY, AGENTS, gatewaySettings());

const record = (name: string, value: string): string =>
  [name, ...value.split('\n').map((line) => `|${line}`), '.', ''].join('\n');
const WELL =
  record('version', '') +
  record('sessions', '[{"id":"desk","num-of-connections":0}]') +
  record('unit', 'LoadState=loaded\nActiveState=active');
const WELL_PROXY = record('unit', 'LoadState=loaded\nActiveState=active') + record('live', '5de63378e849');

type Told = string | DcvopsError | Promise<string>;

/** Hosts that tell this; nothing answers on the gateway's port. */
function reader(told: Record<string, Told>, hosts: readonly Host[] = [GATEWAY, ...AGENTS]) {
  const connections: string[] = [];
  const connect = ({ name }: Host): Promise<Remote> => {
    connections.push(name);
    const answer = told[name];
    if (answer instanceof DcvopsError) return Promise.reject(answer);
    return Promise.resolve({
      run: async () => ({ code: 0, stdout: (await answer) ?? '', stderr: 'sh: not found' }),
      tunnel: () => Promise.reject(new DcvopsError('failed', 'nothing listens there')),
    } as unknown as Remote);
  };
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  const dialFromHere = () => () => Promise.reject(refused);
  const context = { inventory: INVENTORY, connect, roots: [], concurrency: 8, dialFromHere };
  return { connections, ...createStatusReader(context, hosts) };
}

const told = ({ hosts }: StatusLook): string[] =>
  hosts.map(({ name, level, problems }) => [name, level, ...problems.map(({ kind }) => kind)].join(' '));

describe('a look at the fleet', () => {
  it('tells of each host, problems first, whatever became of the others', async () => {
    const lost = new DcvopsError('unreachable', 'no answer', { host: 'agent2' });
    const look = await reader({ gateway: WELL_PROXY, agent1: WELL, agent2: lost }).look();
    expect(told(look)).toEqual(['gateway error gateway', 'agent2 error reach', 'agent1 fine']);
    expect(look.failures).toEqual(['unreachable']);
  });

  it('tells what a host said that understood nothing', async () => {
    const look = await reader({ gateway: WELL_PROXY, agent1: WELL, agent2: '' }).look();
    expect(look.hosts[1]?.problems[0]?.message).toBe('the script told nothing (exit 0): sh: not found');
    expect(look.failures).toEqual(['failed']);
  });

  it('asks the proxy for the way to an agent, but shows the agent alone', async () => {
    const { look, connections } = reader({ gateway: WELL_PROXY, agent1: WELL }, AGENTS.slice(0, 1));
    expect(told(await look())).toEqual(['agent1 fine']);
    expect(connections).toContain('gateway');
    expect(connections).not.toContain('agent2');
  });

  it('does not wait again for a host that hangs, once it is known', async () => {
    const answers: Record<string, Told> = { gateway: WELL_PROXY, agent1: WELL, agent2: WELL };
    const { look } = reader(answers);
    await look();
    answers['agent2'] = new Promise<string>(() => undefined);
    answers['agent1'] = record('unit', 'LoadState=not-found');
    expect(told(await look(1))).toEqual(['gateway error gateway', 'agent1 error service', 'agent2 fine']);
  });

  it('connects anew to a host that was lost', async () => {
    const answers: Record<string, Told> = {
      gateway: WELL_PROXY,
      agent1: WELL,
      agent2: new DcvopsError('unreachable', 'no answer'),
    };
    const { look } = reader(answers);
    await look();
    answers['agent2'] = WELL;
    expect(told(await look(1000))).toEqual(['gateway error gateway', 'agent1 fine', 'agent2 fine']);
  });

  it('fails for what no host is to blame for', async () => {
    const wrong = new DcvopsError('inventory', 'its jump host is not there');
    await expect(reader({ gateway: WELL_PROXY, agent1: wrong, agent2: WELL }).look()).rejects.toBe(wrong);
  });
});

describe('watching', () => {
  const LOOK: StatusLook = { at: new Date(), hosts: [], failures: [] };

  it('waits for every host at first, later only for so long, and ends at the signal', async () => {
    const ending = new AbortController();
    const patience: (number | undefined)[] = [];
    const rounds = watchStatus(
      {
        look: (patienceMs) => {
          patience.push(patienceMs);
          return Promise.resolve(LOOK);
        },
      },
      1,
      ending.signal,
    );
    for await (const round of rounds) {
      expect(round).toBe(LOOK);
      if (patience.length === 3) ending.abort();
    }
    expect(patience).toEqual([undefined, 3000, 3000]);
  });

  it('does not wait for hosts when it is to end', async () => {
    const ending = new AbortController();
    const rounds = watchStatus({ look: () => new Promise(() => undefined) }, 1, ending.signal);
    const next = rounds.next();
    ending.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('passes on what went wrong', async () => {
    const rounds = watchStatus(
      { look: () => Promise.reject(new Error('a bug')) },
      1,
      new AbortController().signal,
    );
    await expect(rounds.next()).rejects.toThrow('a bug');
  });
});
