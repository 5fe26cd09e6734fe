import { describe, expect, it } from 'vitest';
import { closeIdleSessions, listIdleSessions } from '../../../../src/operations/session/idle.ts';
import { type Answer, scriptedAgents } from '../scripted-agents.ts';

const SESSIONS: Answer = [
  ['version', ''],
  [
    'sessions',
    JSON.stringify([
      { id: 'old', 'num-of-connections': 0, 'creation-time': '2026-11-20T09:00:00Z' },
      { id: 'new', 'num-of-connections': 0, 'creation-time': '2026-11-30T11:50:00Z' },
      { id: 'used', 'num-of-connections': 1, 'creation-time': '2026-11-20T09:00:00Z' },
    ]),
  ],
  ['now', String(Date.parse('2026-11-30T12:00:00Z') / 1000)],
];
const DAY = 24 * 60 * 60 * 1000;

describe('closeIdleSessions', () => {
  it.each([
    [{ agents: [], olderThan: undefined }, 'dcvops session idle --close --yes'],
    [
      { agents: ['gpu-*', '@big'], olderThan: '7d' },
      "dcvops session idle 'gpu-*' @big --older-than 7d --close --yes",
    ],
  ])(
    'unasked, closes nothing, and the command to type next closes no more than was typed: %j',
    async (typed, hint) => {
      const { context, agents, ran } = scriptedAgents({ agent1: [SESSIONS] });
      const lists = await listIdleSessions(context, agents, undefined);
      await expect(closeIdleSessions(context, agents, lists, typed)).rejects.toMatchObject({
        message: 'the sessions were not closed. Nothing changed.',
        hint,
      });
      expect(ran('agent1')).toHaveLength(1);
    },
  );

  it('closes those that are idle for so long, after a yes', async () => {
    const closed: Answer = [
      ['version', ''],
      ['connections', '[]'],
      ['closed', 'old'],
      ['sessions', '[]'],
    ];
    const { context, agents, questions } = scriptedAgents({ agent1: [SESSIONS, closed] }, { yes: true });
    const lists = await listIdleSessions(context, agents, 7 * DAY);
    expect(lists[0]?.sessions).toMatchObject([{ id: 'old', neverUsed: true }]);
    const typed = { agents: [], olderThan: '7d' };
    expect(await closeIdleSessions(context, agents, lists, typed)).toMatchObject([
      { agent: 'agent1', id: 'old', outcome: 'done', message: 'old closed' },
    ]);
    expect(questions).toMatchObject([{ text: expect.stringContaining('Close this session?') as string }]);
  });
});
