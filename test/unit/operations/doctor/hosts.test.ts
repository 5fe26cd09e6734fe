import { expect, it } from 'vitest';
import type { AgentHost, Inventory } from '../../../../src/inventory/types.ts';
import { readHosts } from '../../../../src/operations/doctor/hosts.ts';
import { scriptedAgents } from '../scripted-agents.ts';

// An account that no session needs would be told as missing.
it.each<[string, Partial<AgentHost>, string]>([
  ['the usual ones', {}, 'ec2-user'],
  [
    'those of its declared sessions, of which the console’s has no user',
    {
      sessions: [
        { id: 'console', type: 'console', user: 'ec2-user', owner: 'jane' },
        { id: 'desk', type: 'virtual', user: 'joe', owner: 'jane' },
      ],
    },
    'jane\njoe',
  ],
])('an agent is asked about the accounts of its sessions: %s', async (_, more, accounts) => {
  const { context, agents, ran } = scriptedAgents(
    { agent1: [[['end', '']]] },
    { more: { role: 'agent', ...more } },
  );
  const { gateway } = context.inventory;
  const inventory = {
    ...context.inventory,
    gateway: { ...gateway, tls: { certificate: '/c', key: '/k' } },
  } as unknown as Inventory;
  const pool = { connect: context.connect, route: () => Promise.resolve([]), connectTimeoutMs: 10_000 };
  await readHosts({ inventory, pool, concurrency: 1 }, agents);
  expect(ran('agent1').map(({ args }) => args?.at(-1))).toEqual([accounts]);
});
