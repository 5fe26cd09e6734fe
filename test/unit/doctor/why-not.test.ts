import { describe, expect, it } from 'vitest';
import { isNoAnswer, whyNot } from '../../../src/doctor/checks/reach/why-not.ts';
import { type ConnectPhase, ConnectTimeout, connectError } from '../../../src/ssh/connect-errors.ts';
import type { Target } from '../../../src/ssh/target.ts';
import { healthySet, hostOf } from './healthy.ts';

const TARGET: Target = {
  name: 'agent1',
  address: '10.150.248.180',
  port: 22,
  user: 'ec2-user',
  keys: [],
  agent: undefined,
  identitiesOnly: false,
  knownAs: { address: '10.150.248.180', port: 22 },
  knownHosts: [],
  hostKeys: 'strict',
  jump: undefined,
  proxyCommand: undefined,
};

/** What SSH says of a failure, in its own words. */
function words(error: unknown, phase: ConnectPhase = 'tcp', via?: string): string {
  const circumstances = { heard: '', authsLeft: undefined, partial: false, timeoutMs: 10_000 };
  return connectError(error, { target: TARGET, via, phase, ...circumstances, list: [], remarks: [] }).message;
}

const socket = (code: string): Error => Object.assign(new Error(code), { code });
const channel = (reason: number, text: string): Error =>
  Object.assign(new Error(`(SSH) Channel open failure: ${text}`), { reason });

// "No host answers, is the VPN up?" must not be said where a host has answered.
describe('a host gave no answer', () => {
  it.each<[string, string, boolean]>([
    ['the time is up', words(new ConnectTimeout()), true],
    ['ETIMEDOUT', words(socket('ETIMEDOUT')), true],
    ['EHOSTUNREACH', words(socket('EHOSTUNREACH')), true],
    ['ENOTFOUND', words(socket('ENOTFOUND')), true],
    ['ECONNREFUSED', words(socket('ECONNREFUSED')), false],
    ['no greeting', words(new ConnectTimeout(), 'banner'), false],
    ['refused behind the jump', words(channel(2, 'Connection refused'), 'tcp', 'gateway'), false],
  ])('%s: "%s" %s', (_, message, expected) => {
    const host = hostOf(healthySet(), 'agent1');
    host.reach = { ok: false, stage: 'tcp', target: 'ec2-user@10.150.248.180:22', via: [], message };
    expect(isNoAnswer(host)).toBe(expected);
  });
});

describe('a host behind a jump host that is fine', () => {
  it.each([
    ['is itself out of reach', words(channel(2, 'No route to host'), 'tcp', 'gateway'), 'no-answer'],
    ['is kept from us by the jump host', words(channel(1, 'open failed'), 'tcp', 'gateway'), 'jump'],
  ])('%s: "%s"', (_, message, why) => {
    const set = healthySet();
    const host = hostOf(set, 'agent1');
    host.reach = { ok: false, stage: 'jump', target: 'x', via: ['gateway'], message };
    expect(whyNot(host, set)?.why).toBe(why);
  });
});
