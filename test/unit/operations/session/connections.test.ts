import { describe, expect, it } from 'vitest';
import type { AgentHost, Inventory } from '../../../../src/inventory/types.ts';
import {
  type AgentConnections,
  listFleetConnections,
} from '../../../../src/operations/session/connections.ts';
import type { OperationEvent } from '../../../../src/report/events.ts';
import type { Script } from '../../../../src/shell/script.ts';
import type { Remote } from '../../../../src/ssh/remote.ts';

type Told = readonly (readonly [name: string, value: string])[];

/** Asks one agent that answers one script after another; what is asked for beyond that fails the test. */
async function ask(
  answers: readonly Told[],
  ids?: readonly string[],
): Promise<{ list: AgentConnections | undefined; events: OperationEvent[]; ran: Script[] }> {
  const events: OperationEvent[] = [];
  const ran: Script[] = [];
  const run: Remote['run'] = (script) => {
    const told = answers[ran.push(script) - 1];
    if (told === undefined) return Promise.reject(new Error(`nobody expected "${script.name}"`));
    const stdout = told.map(([name, value]) => `${name}\n|${value.replaceAll('\n', '\n|')}\n.\n`).join('');
    return Promise.resolve({ code: 0, stdout, stderr: '' });
  };
  const [list] = await listFleetConnections(
    {
      inventory: {} as Inventory,
      connect: () => Promise.resolve({ run } as unknown as Remote),
      emit: (event) => events.push(event),
      concurrency: 1,
    },
    [{ agent: { name: 'agent1', host: '10.150.248.180' } as AgentHost, ids }],
  );
  return { list, events, ran };
}

const sessions = (text: string): Told => [
  ['version', ''],
  ['sessions', text],
];
const QUIET = '[{"id":"a","num-of-connections":0}]';
const BUSY = '[{"id":"a","num-of-connections":0},{"id":"b","num-of-connections":1},{"id":"c"}]';

describe('listFleetConnections', () => {
  it('asks no more when DCV says that nobody is connected', async () => {
    const { list, ran } = await ask([sessions(QUIET)]);
    expect(list).toMatchObject({ agent: 'agent1', connections: [], problem: undefined });
    expect(ran).toHaveLength(1);
  });

  it('asks who, in one go, about every session that may have somebody', async () => {
    const { list, events, ran } = await ask([
      sessions(BUSY),
      [
        ['session', 'b'],
        ['connections', '[{"id":1,"username":"jane"}]'],
        ['session', 'c'],
        ['connections', '[{"id":1,"username":"joe"}]'],
        ['now', '1796000000'],
      ],
    ]);
    expect(list?.connections).toMatchObject([
      { session: 'b', id: '1', username: 'jane' },
      { session: 'c', id: '1', username: 'joe' },
    ]);
    expect(list?.now).toEqual(new Date(1_796_000_000_000));
    expect(ran[1]?.text.toString()).not.toContain('say session a');
    expect(events).toEqual([]);
  });

  it('says of which session DCV does not tell, and tells the others', async () => {
    const { list, events } = await ask([
      sessions(BUSY),
      [
        ['session', 'b'],
        ['session', 'c'],
        ['connections', '[{"id":1,"username":"joe"}]'],
        ['now', '1796000000'],
      ],
    ]);
    expect(list?.connections).toMatchObject([{ session: 'c' }]);
    expect(events).toMatchObject([{ type: 'note', message: 'DCV does not tell who is connected to "b".' }]);
  });

  it('fails for a session that is named and not there', async () => {
    const { list, events } = await ask([sessions(BUSY)], ['desk']);
    expect(list?.problem).toBe('there is no session "desk"; there are "a", "b", "c"');
    expect(events).toMatchObject([{ type: 'outcome', outcome: 'failed' }]);
  });

  it('has a note, and no failure, for a dcvserver that is stopped', async () => {
    const { list, events } = await ask([
      [
        ['version', ''],
        ['silence', 'Could not list sessions. The dcvserver service is not running'],
        ['unit', 'LoadState=loaded\nActiveState=inactive'],
      ],
    ]);
    expect(list).toMatchObject({ connections: [], problem: undefined });
    expect(events).toMatchObject([{ type: 'note', message: 'dcvserver is stopped; there are no sessions.' }]);
  });
});
