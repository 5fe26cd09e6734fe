import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../src/errors.ts';
import type { NewAgent } from '../../../src/inventory/edit.ts';
import { loadInventory } from '../../../src/inventory/load.ts';
import { selectHosts } from '../../../src/inventory/select.ts';
import { addAgent } from '../../../src/operations/agent/add.ts';
import type { AgentContext } from '../../../src/operations/agent/context.ts';
import { removeAgents } from '../../../src/operations/agent/remove.ts';
import { changesPool, setAgentStates } from '../../../src/operations/agent/state.ts';
import { type Confirmation, cannotAsk } from '../../../src/report/ask.ts';
import type { OperationEvent } from '../../../src/report/events.ts';
import type { Remote } from '../../../src/ssh/remote.ts';
import { GOOD, changed, failureOf, parse } from '../inventory/texts.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dcvops-agents-'));
  file = path.join(folder, 'hosts.yaml');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Operator extends AgentContext {
  readonly events: OperationEvent[];
  readonly asked: string[];
  /** What was said, a line for each event. */
  readonly said: () => string[];
}

/** Somebody with an inventory of which no host can be reached. */
async function operator(text: string, answer?: boolean): Promise<Operator> {
  await writeFile(file, text);
  const events: OperationEvent[] = [];
  const asked: string[] = [];
  return {
    events,
    asked,
    said: () =>
      events.map((event) =>
        event.type === 'outcome'
          ? `${event.host} ${event.outcome}: ${event.message}`
          : event.type === 'note'
            ? `${event.level}: ${event.message}`
            : event.type === 'diff'
              ? event.diff
              : event.type,
      ),
    inventory: await loadInventory(file, { inspectKey: undefined }),
    connect: ({ name }) => Promise.reject(new DcvopsError('unreachable', 'no answer', { host: name })),
    emit: (event) => events.push(event),
    confirm: (question: Confirmation) => {
      asked.push(question.text);
      if (answer === undefined) return Promise.reject(question.refusal ?? cannotAsk(question));
      return Promise.resolve(answer);
    },
    signal: new AbortController().signal,
    who: 'anna@laptop',
    roots: () => Promise.resolve([]),
  };
}

function now(): Promise<string> {
  return readFile(file, 'utf8');
}

const agent = (host: string): NewAgent => ({ name: 'agent3', host, tags: [], ssh: {} });
const QUIET = { dryRun: false, network: undefined, probe: false };

describe('an agent that is added', () => {
  it.each<[string, string, string, string | undefined, string, string]>([
    [
      'inside of the networks needs no deploy',
      GOOD,
      '10.150.248.7',
      undefined,
      'no deploy is needed for https://10.213.66.188:8443/10.150.248.7/, since gateway.agent_networks holds it',
      'dcvops deploy   (some time: it gives the agent /agent3/ and connections that are kept open)',
    ],
    [
      'has the gateway’s own address where people open another one than the SSH address',
      changed('  default: agent1\n', '  default: agent1\n  url: https://desks.example.com\n'),
      'fd00:150::7',
      undefined,
      'no deploy is needed for https://desks.example.com/fd00:150::7/, since gateway.agent_networks holds it',
      'dcvops deploy   (some time: it gives the agent /agent3/ and connections that are kept open)',
    ],
    [
      'with a network of its own needs a deploy',
      GOOD,
      '10.150.249.7',
      '10.150.249.0/24',
      'https://10.213.66.188:8443/10.150.249.7/ works after a deploy',
      'dcvops deploy',
    ],
    [
      'to an inventory without networks needs a deploy',
      changed('  agent_networks: [10.150.248.0/24, "fd00:150::/64"]\n', ''),
      '10.9.9.9',
      undefined,
      'https://10.213.66.188:8443/10.9.9.9/ works after a deploy',
      'dcvops deploy',
    ],
    [
      'while certificates are pinned needs its own pinned',
      changed('  default: agent1\n', '  default: agent1\n  verify_agents: true\n'),
      '10.150.248.7',
      undefined,
      'https://10.213.66.188:8443/10.150.248.7/ works after its certificate is pinned (gateway.verify_agents is on) and a deploy',
      'dcvops agent pin agent3\ndcvops deploy',
    ],
  ])('%s', async (_, text, host, network, message, hint) => {
    const anna = await operator(text);
    await addAgent(anna, agent(host), { ...QUIET, network });
    expect(anna.events).toEqual([
      { type: 'outcome', host: 'agent3', outcome: 'done', message: `added to ${file}; ${message}`, hint },
    ]);
    expect((await loadInventory(file, { inspectKey: undefined })).agents.at(-1)?.host).toBe(host);
  });

  it.each<[string, string, string | undefined, RegExp]>([
    [
      'an address outside of the networks, for opening them is never done silently',
      '10.150.249.7',
      undefined,
      /^10\.150\.249\.7 is outside of gateway\.agent_networks \(10\.150\.248\.0\/24, fd00:150::\/64\), .* Nothing changed\.$/,
    ],
    ['a network that does not hold it', '10.150.249.7', '10.150.250.0/24', /does not hold 10\.150\.249\.7$/],
    ['nearly the whole Internet', '10.150.249.7', '8.0.0.0/5', /a network of \/8 or smaller/],
    [
      'what is no address',
      'agent3.example.com',
      undefined,
      /"agent3\.example\.com" can't be an agent's address/,
    ],
    ['the metadata service', '169.254.169.254', undefined, /which cannot be routed|never serves/],
  ])('refuses %s', async (_, host, network, message) => {
    const anna = await operator(GOOD);
    const failure = await failureOf(addAgent(anna, agent(host), { ...QUIET, network }));
    expect(failure.code).toBe('usage');
    expect(failure.message).toMatch(message);
    expect(await now()).toBe(GOOD);
  });

  it('tells what a gateway out of reach means, and does not fail', async () => {
    const anna = await operator(changed('host: 10.213.66.188', 'host: 127.0.0.1'));
    await addAgent(anna, agent('10.150.248.7'), { ...QUIET, probe: true });
    expect(anna.said()[1]).toMatch(/^warning: agent3 does not answer through the gateway: /);
  });

  it('is shown and not written in a dry run', async () => {
    const anna = await operator(GOOD);
    await addAgent(anna, agent('10.150.248.7'), { ...QUIET, dryRun: true });
    expect(anna.said()[0]).toContain('+  - { name: agent3, host: 10.150.248.7 }');
    expect(await now()).toBe(GOOD);
  });
});

describe('an agent that is removed', () => {
  const POOL = changed('default: agent1', 'default: [agent1, agent2]');

  async function remove(text: string, names: readonly string[], answer?: boolean): Promise<Operator> {
    const anna = await operator(text, answer);
    await removeAgents(anna, selectHosts(anna.inventory, names, 'agent'), { dryRun: false });
    return anna;
  }

  it('is asked for; its address goes on where the networks hold it', async () => {
    const anna = await remove(GOOD, ['agent2'], true);
    expect(anna.asked).toEqual([`Remove agent2 (10.150.248.136) from ${file}?`]);
    expect(anna.said()).toEqual([
      `agent2 done: removed from ${file}; open desktops go on. A deploy takes /agent2/ away; /10.150.248.136/ goes on, since gateway.agent_networks holds it`,
    ]);
    expect(await now()).toBe(changed('  - { name: agent2, host: 10.150.248.136, tags: [gpu] }\n', ''));
  });

  it('keeps its marks until the deploy: the live release would serve an agent in maintenance again', async () => {
    const anna = await remove(
      changed('tags: [gpu] }', 'tags: [gpu], state: maintenance }'),
      ['agent2'],
      true,
    );
    // no proxy is told of it
    expect(anna.said()).toEqual([
      `agent2 done: removed from ${file}; the gateway answers 503 in its place until the next deploy, which takes /agent2/ away; /10.150.248.136/ is served again then, since gateway.agent_networks holds it`,
    ]);
  });

  it('leaves a pool that has others, which the question says', async () => {
    const anna = await remove(POOL, ['agent1'], true);
    expect(anna.asked).toEqual([
      `Remove agent1 (10.150.248.180) from ${file}, and from gateway.default (agent2 stays there)?`,
    ]);
    expect(await now()).toContain('default: [agent2]');
  });

  it('stays after a no', async () => {
    const failure = await failureOf(remove(GOOD, ['agent2'], false));
    expect(failure.message).toBe('not removed. Nothing changed.');
    expect(failure.hint).toBe('dcvops agent remove agent2 --yes');
    expect(await now()).toBe(GOOD);
  });

  it.each<[string, string, readonly string[], string]>([
    ['the default agent', GOOD, ['agent1'], 'gateway.default: agent1 (nobody would be left)'],
    ['all of a pool', POOL, ['agent1', 'agent2'], 'gateway.default: agent2 (nobody would be left)'],
    [
      'somebody’s jump host',
      changed('ssh: { port: 50000 }', 'ssh: { port: 50000, jump: agent2 }'),
      ['agent2'],
      'proxies[0].ssh.jump: agent2',
    ],
    [
      'a host of the operator’s own logs',
      `${GOOD}logs:\n  - { name: backup, path: /var/log/backup.log, hosts: [gateway, agent2] }\n`,
      ['agent2'],
      'logs[0].hosts: agent2',
    ],
    [
      'an agent that is to have a session',
      `${GOOD}sessions:\n  declared: [{ agents: [agent1, agent2], id: desk }]\n`,
      ['agent2'],
      'sessions.declared[0].agents: agent2',
    ],
  ])('is refused where something else names it: %s', async (_, text, names, use) => {
    const failure = await failureOf(remove(text, names, true));
    expect(failure.code).toBe('inventory');
    expect(failure.message).toContain(use);
    expect(await now()).toBe(text);
  });
});

describe('an agent’s state', () => {
  const POOL = changed('default: agent1', 'default: [agent1, agent2]');

  async function drain(
    text: string,
    names: readonly string[],
    state: 'draining' | 'maintenance' = 'draining',
  ): Promise<Operator> {
    const anna = await operator(text);
    await setAgentStates(anna, selectHosts(anna.inventory, names, 'agent'), state, {
      dryRun: false,
      deploy: false,
    });
    return anna;
  }

  it('is in the inventory also when a proxy cannot be reached, which is told with what to do', async () => {
    const anna = await drain(GOOD, ['agent2'], 'maintenance');
    expect(await now()).toBe(changed('tags: [gpu] }', 'tags: [gpu], state: maintenance }'));
    expect(anna.said()).toEqual([
      `agent2 done: in maintenance: the gateway answers 503 in its place (${file})`,
      'gateway unreachable: no answer. The inventory is changed; this proxy has to follow.',
    ]);
    expect(anna.events.at(-1)).toMatchObject({ hint: 'dcvops deploy gateway' });
  });

  it('warns where no default agent is left in service', async () => {
    const anna = await drain(GOOD, ['@gpu']);
    expect(anna.said()[0]).toMatch(/^warning: no default agent is in service any more/);
    expect(anna.events[0]).toMatchObject({ hint: 'dcvops agent resume agent1' });
  });

  it('says that a pool changes by a deploy, where nobody can be asked for it', async () => {
    const anna = await drain(POOL, ['agent2']);
    expect(anna.asked).toEqual([
      'agent2: the pool of gateway.default changes by a deploy, which cuts no desktop. Deploy, too?',
    ]);
    expect(anna.said()).toContain(
      'warning: agent2: the pool of gateway.default is as it was until the next deploy',
    );
  });

  it('is as it was when the deploy of a pool would be refused, as the refusal says', async () => {
    const text = changed('[10.213.0.0/16]', 'any', POOL);
    const anna = await operator(text);
    const conf = '[security]\nauthentication="none"\n';
    const connect: Operator['connect'] = ({ name }) => {
      if (name === 'gateway') return Promise.reject(new Error('no proxy is to be changed'));
      return Promise.resolve({ run: () => Promise.resolve({ stdout: conf }) } as unknown as Remote);
    };
    const failure = await failureOf(
      setAgentStates({ ...anna, connect }, selectHosts(anna.inventory, ['agent2'], 'agent'), 'maintenance', {
        dryRun: false,
        deploy: true,
      }),
    );
    expect(failure.message).toMatch(/^agent1, agent2 let everyone in .* Nothing changed\.$/);
    expect(anna.said()).toEqual([]);
    expect(await now()).toBe(text);
  });

  it('is unchanged where it is that already, and the proxies are looked at all the same', async () => {
    const text = changed('tags: [gpu] }', 'tags: [gpu], state: draining }');
    const anna = await drain(text, ['agent2']);
    expect(anna.said()[0]).toBe(
      `agent2 unchanged: is draining: no new clients by the default route; its own path and open desktops go on; ${file} says so already`,
    );
    expect(anna.said()[1]).toContain('gateway unreachable');
    expect(await now()).toBe(text);
  });

  it.each<[string, string, boolean]>([
    ['one default agent', 'default: agent2', false],
    ['a pool', 'default: [agent1, agent2]', true],
    ['a pool without it', 'default: [agent1, agent3]', false],
    ['a redirect', 'default: { redirect: [agent1, agent2] }', false],
  ])('changes a pool and nothing else by a deploy: %s', async (_, byDefault, expected) => {
    const text = changed('default: agent1', byDefault).replace(
      'gateway:\n',
      '  - { name: agent3, host: 10.150.248.3 }\ngateway:\n',
    );
    const { gateway, agents } = await parse(text);
    expect(
      changesPool(
        gateway,
        agents.filter(({ name }) => name === 'agent2'),
      ),
    ).toBe(expected);
  });
});
