import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestGateway, ask, startGateway } from './gateway.ts';
import { makeCertificate } from './nginx.ts';

/*
 * With verify_agents, whoever takes an agent's address (a new machine, somebody on the network) gets nobody's login.
 */

let gateway: TestGateway;

beforeAll(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dcvops-pins-'));
  const other = readFileSync(makeCertificate(folder, 'agent', 'DNS:agent').certificate, 'utf8');
  rmSync(folder, { recursive: true });
  gateway = await startGateway({ verifyAgents: true }, [], undefined, (agents, certificate) =>
    agents.map((agent) => ({ ...agent, pinned: agent.name === 'agent2' ? other : certificate })),
  );
});

afterAll(() => gateway.stop());

describe('a gateway that verifies its agents', () => {
  it.each([
    ['by its address', '/10.150.248.180/version', 'agent1'],
    ['by IPv6, in any spelling', '/fd00:150:0::5/version', 'six'],
    ['by default', '/version', 'agent1'],
  ])('passes on what goes to an agent with its pinned certificate, %s', async (_, target, agent) => {
    const { status } = await ask(gateway, target);
    expect(status).toBe(200);
    expect(Object.keys(gateway.received())).toEqual([agent]);
  });

  it('tells an agent whose certificate is another one nothing, though its name is right', async () => {
    const { status } = await ask(gateway, '/10.150.248.136/version');
    expect(status).toBe(502);
    expect(gateway.received()).toEqual({});
  });

  it('refuses an address in agent_networks that the inventory does not name, and says why', async () => {
    const before = gateway.connections();
    const { status, body } = await ask(gateway, '/10.150.248.77/version');
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({
      error: { stage: 'unpinned', reason: 'no certificate is pinned for this agent address' },
    });
    expect(gateway.connections()).toBe(before);
  });
});
