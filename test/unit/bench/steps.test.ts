import { describe, expect, it } from 'vitest';
import { scriptLines } from '../../bench/list-times.ts';
import { roundTrips, sshCounts, stepsOf } from '../../bench/steps.ts';

const at = (ms: number): string => new Date(1_000_000 + ms).toISOString();

const EVENTS = [
  { time: at(170), type: 'script', host: 'gateway', name: 'connect', command: 'ec2-user@10.0.0.1:22' },
  { time: at(180), type: 'steps', hosts: ['gateway'], steps: [] },
  { time: at(181), type: 'step', host: 'gateway', step: 'facts', state: 'started' },
  { time: at(300), type: 'step', host: 'gateway', step: 'facts', state: 'done' },
  { time: at(340), type: 'step', host: 'gateway', step: 'stage', state: 'started' },
  { time: at(360), type: 'step', host: 'gateway', step: 'stage', state: 'done' },
  { time: at(400), type: 'script', host: 'gateway', name: 'gateway transaction', command: '…' },
]
  .map((event) => `${JSON.stringify(event)}\n`)
  .join('');

describe('stepsOf: a breakdown that hides nothing', () => {
  it('cuts the whole run into steps without gaps', () => {
    const steps = stepsOf({ startedAt: 1_000_000, endedAt: 1_000_420, events: EVENTS });
    expect(steps.map(({ name, ms }) => [name, ms])).toEqual([
      ['start', 180],
      ['facts', 120],
      ['stage', 60],
      ['end', 60],
    ]);
    expect(steps.reduce((sum, { ms }) => sum + ms, 0)).toBe(420);
  });
});

describe('sshCounts: what a run costs the host’s sshd', () => {
  it('tells connections from what runs on them', () => {
    expect(sshCounts(EVENTS)).toEqual({ connections: 1, channels: 1 });
  });
});

describe('roundTrips: how often the far side is waited for', () => {
  it.each([
    ['nothing', [50, 52], [51, 49], 0],
    ['the best of each, since what disturbs only adds', [50, 300], [900, 652], 3],
    ['never less than none', [90], [50], 0],
  ])('%s', (_, fast, slow, expected) => {
    expect(roundTrips(fast, slow, 200)).toBe(expected);
  });
});

describe('scriptLines: what -v tells of each agent', () => {
  it('reads host, script and time, and passes over the scripts themselves', () => {
    const output =
      'agent1: connect (61 ms)\n  | ec2-user@10.0.0.1:22\nagent1: list sessions (153 ms)\n  | say x (1 ms)\n';
    expect(scriptLines(output)).toEqual([
      { host: 'agent1', name: 'connect', ms: 61 },
      { host: 'agent1', name: 'list sessions', ms: 153 },
    ]);
  });
});
