import { describe, expect, it } from 'vitest';
import { chooseMarks } from '../../../../src/gateway/health/choose-marks.ts';
import { judgeAgent } from '../../../../src/gateway/health/judge-agent.ts';
import { reloadWait } from '../../../../src/gateway/health/reload-pace.ts';
import {
  type AgentHealth,
  type Verdict,
  isSettled,
  observe,
} from '../../../../src/gateway/health/thresholds.ts';
import type { HttpAnswer } from '../../../../src/gateway/probe.ts';
import type { Probe } from '../../../../src/gateway/probe-connection.ts';
import { agent } from '../inventories.ts';

const VERDICTS: Record<string, Verdict> = { '+': 'alive', '-': 'dead', '?': 'unknown' };

// An agent that is marked down and back with every lost packet moves its clients each time: none of them keeps a login.
describe('an agent that answers in turns', () => {
  it.each<[string, string]>([
    // what it answers, and after each answer: up or DOWN
    ['+++', 'u u u'],
    ['--+--+--+', 'u u u u u u u u u'],
    ['---', 'u u D'],
    ['--?-', 'u u u D'],
    ['---+-+-', 'u u D D D D D'],
    ['---++', 'u u D D u'],
    ['---+?+', 'u u D D D u'],
    ['---++--+--', 'u u D D u u u u u u'],
    ['??????', 'u u u u u u'],
  ])('%s is %s', (answers, expected) => {
    let health: AgentHealth = { down: false, contrary: 0 };
    const states = Array.from(answers).map((answer) => {
      health = observe(health, VERDICTS[answer] ?? 'unknown', { downAfter: 3, upAfter: 2 });
      return health.down ? 'D' : 'u';
    });
    expect(states.join(' ')).toBe(expected);
  });

  it('is settled as soon as an answer says what is known of it', () => {
    const thresholds = { downAfter: 3, upAfter: 2 };
    const up: AgentHealth = { down: false, contrary: 0 };
    expect(isSettled(observe(up, 'alive', thresholds))).toBe(true);
    expect(isSettled(observe(up, 'dead', thresholds))).toBe(false);
    expect(isSettled(observe(up, 'dead', { ...thresholds, downAfter: 1 }))).toBe(true);
  });
});

describe('whom to mark', () => {
  const fleet = ['a', 'b', 'c', 'd'].map((name, index) => agent(name, `10.0.0.${index + 1}`));
  it.each<[string, string, string, string, string]>([
    // dead, out of service, default agents: marked, spared
    ['', '', 'a b', '', ''],
    ['a', '', 'a b', 'a', ''],
    ['a c', '', 'a b', 'a c', ''],
    // out of service has a mark of its own
    ['a', 'a', 'a b', '', ''],
    // the last of the default agents, and of all
    ['a b', '', 'a b', '', 'a b'],
    ['a b c', '', 'a b', 'c', 'a b'],
    ['a', 'b', 'a b', '', 'a'],
    ['a b c d', '', 'a b', '', 'a b c d'],
    ['a b c d', '', '', '', 'a b c d'],
    ['c d', 'a b', '', '', 'c d'],
    ['c', 'a b', 'a b', 'c', ''],
  ])('dead: %j, out of service: %j, defaults: %j', (dead, out, defaults, down, spared) => {
    const set = (names: string): Set<string> => new Set(names.split(' ').filter((name) => name !== ''));
    const choice = chooseMarks(fleet, set(dead), set(out), set(defaults));
    expect(choice.down.map(({ name }) => name).join(' ')).toBe(down);
    expect(choice.spared.map(({ name }) => name).join(' ')).toBe(spared);
  });
});

it.each<[string | undefined, number]>([
  [undefined, 0],
  ['2026-01-01T11:00:00Z', 0],
  ['2026-01-01T11:55:00Z', 0],
  ['2026-01-01T11:58:10Z', 190],
  ['2026-01-01T12:00:00Z', 300],
  // the clock was set back since
  ['2026-01-01T18:00:00Z', 0],
])('after a reload at %s the next one waits %d s', (last, wait) => {
  expect(reloadWait(last === undefined ? undefined : new Date(last), new Date('2026-01-01T12:00:00Z'))).toBe(
    wait,
  );
});

describe('an answer to /version', () => {
  const answered = (status: number, server: string | undefined): Probe<HttpAnswer> => ({
    answered: true,
    elapsedMs: 1,
    status,
    server,
    refusal: undefined,
  });
  it.each<[Probe<HttpAnswer>, Verdict, string]>([
    [answered(200, 'dcv'), 'alive', 'HTTP 200'],
    [answered(404, 'dcv'), 'alive', 'HTTP 404'],
    [answered(500, 'dcv'), 'dead', 'HTTP 500'],
    [answered(200, 'nginx'), 'dead', 'HTTP 200, but what answers is no DCV server'],
    [answered(200, undefined), 'dead', 'HTTP 200, but what answers is no DCV server'],
    [
      { answered: false, elapsedMs: 1, stage: 'connect', reason: 'connection refused' },
      'dead',
      'TCP: connection refused',
    ],
    [
      { answered: false, elapsedMs: 1, stage: 'tls', reason: 'no answer in 3 s' },
      'dead',
      'TLS: no answer in 3 s',
    ],
  ])('%o is %s', (answer, verdict, reason) => {
    expect(judgeAgent(answer)).toEqual({ verdict, reason });
  });
});
