import { describe, expect, it } from 'vitest';
import { DcvopsError } from '../../../../src/errors.ts';
import type { AgentHost } from '../../../../src/inventory/types.ts';
import { readClosing } from '../../../../src/operations/session/close.ts';

const TARGET = { agent: { name: 'agent1' } as AgentHost, id: 'desk' };
const THERE = ['sessions', '[{"id":"desk","owner":"jane"}]'] as const;
const GONE = ['sessions', '[]'] as const;
const NOBODY = ['connections', '[]'] as const;
const JANE = [
  'connections',
  '[{"id":1,"username":"jane","client-address":"10.0.0.5:1 (forwarded for 10.213.0.9)"}]',
] as const;

type Told = readonly (readonly [name: string, value: string])[];

/** What is said of a closing, with the hint behind it. */
function said(told: Told): string {
  const records = [['version', ''] as const, ...told].map(([name, value]) => ({ name, value }));
  try {
    return readClosing(records, TARGET);
  } catch (error) {
    if (!(error instanceof DcvopsError)) throw error;
    return `${error.code}: ${error.message} → ${error.hint ?? ''}`;
  }
}

describe('readClosing: a session is closed when DCV lists it no more', () => {
  it.each<[string, Told, string]>([
    ['nobody was there', [NOBODY, ['closed', 'desk'], GONE], 'desk closed'],
    [
      'somebody was there',
      [JANE, ['closed', 'desk'], GONE],
      'desk closed; 1 person connected (jane from 10.213.0.9) before',
    ],
    ['DCV does not tell who was there', [['closed', 'desk'], GONE], 'desk closed'],
    [
      'it is still listed',
      [NOBODY, ['closed', 'desk'], THERE],
      'failed: dcv said that "desk" is closed, and still lists it → dcvops session describe agent1/desk',
    ],
    [
      'somebody is there',
      [JANE, ['in-use', 'desk'], THERE],
      'failed: "desk": 1 person connected (jane from 10.213.0.9). It was not closed. → ' +
        'dcvops session close agent1/desk --end-sessions   (ends that desktop)',
    ],
    [
      'somebody came just now',
      [NOBODY, ['in-use', 'desk'], THERE],
      'failed: "desk": somebody connected just now. It was not closed. → ' +
        'dcvops session close agent1/desk --end-sessions   (ends that desktop)',
    ],
    [
      'DCV tells nothing that is understood',
      [['connections', 'one or two'], ['in-use', 'desk'], THERE],
      'failed: "desk": DCV does not tell whether somebody is connected. It was not closed. → ' +
        'dcvops session close agent1/desk --end-sessions   (ends that desktop)',
    ],
    [
      'it was used since it was looked at',
      [NOBODY, ['used-meanwhile', 'desk'], THERE],
      'failed: somebody was connected to "desk" meanwhile. It was not closed. → dcvops session idle agent1',
    ],
    [
      'DCV refuses',
      [NOBODY, ['close-failed', 'Could not close session. The moon is full\n'], THERE],
      'failed: "desk" could not be closed: The moon is full → ' +
        'dcvops exec --sudo agent1 -- tail -n 30 /var/log/dcv/server.log',
    ],
    [
      'it is not there, but one of nearly that name',
      [['sessions', '[{"id":"desk2"},{"id":"other"}]']],
      'failed: there is no session "desk", did you mean "desk2"? → dcvops session list agent1',
    ],
    [
      'there are none',
      [GONE],
      'failed: there is no session "desk"; there are none → dcvops session create agent1',
    ],
    [
      'there are others',
      [['sessions', '[{"id":"a"},{"id":"b"}]']],
      'failed: there is no session "desk"; there are "a", "b" → dcvops session list agent1',
    ],
    [
      'it is listed and cannot be described',
      [THERE],
      'failed: dcv lists "desk" and cannot describe it. It was not closed. → ' +
        'dcvops exec --sudo agent1 -- tail -n 30 /var/log/dcv/server.log',
    ],
    [
      'dcvserver is stopped',
      [
        ['silence', 'Could not list sessions. The dcvserver service is not running'],
        ['unit', 'LoadState=loaded\nActiveState=inactive'],
      ],
      'failed: dcvserver is stopped; there are no sessions. → dcvops session create agent1 --start-service',
    ],
  ])('%s', (_what, told, message) => {
    expect(said(told)).toBe(message);
  });
});
