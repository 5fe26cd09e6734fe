import { describe, expect, it } from 'vitest';
import { retire } from '../../../src/operations/retire.ts';
import type { OutcomeEvent } from '../../../src/report/events.ts';
import { gatewaySettings, inventoryWith, proxy } from '../gateway/inventories.ts';
import { type Answer, interrupting, scriptedAgents } from './scripted-agents.ts';

const FACTS: Answer = [
  [
    'units',
    'Id=dcv-connection-gateway.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n:0',
  ],
];

describe('retire, after Ctrl-C', () => {
  it('leaves the hosts whose turn has not come; what is begun is finished', async () => {
    const abort = new AbortController();
    const { context, agents, events, ran } = scriptedAgents(
      { agent1: [FACTS, [['retired', '']]], agent2: [FACTS] },
      { yes: true },
    );
    await retire(
      {
        ...{
          ...context,
          connect: interrupting(context.connect, abort),
          signal: abort.signal,
          who: 'anna@laptop',
          concurrency: 1,
        },
        inventory: inventoryWith(proxy(), agents, gatewaySettings()),
      },
      agents,
      { kind: 'retire', what: 'connection-gateway' },
      {
        ...{ dryRun: false, lockWaitSeconds: 1, resolverPort: undefined, restart: false, endSessions: false },
        force: false,
      },
    );
    const outcomes = events.filter((event): event is OutcomeEvent => event.type === 'outcome');
    expect(outcomes).toMatchObject([
      { host: 'agent1', outcome: 'done' },
      {
        host: 'agent2',
        outcome: 'not-started',
        message: 'not started, since the command was interrupted. Nothing changed.',
        hint: 'dcvops retire connection-gateway agent2',
      },
    ]);
    expect(ran('agent2')).toHaveLength(1);
  });
});
