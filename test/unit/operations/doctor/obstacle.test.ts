import { describe, expect, it } from 'vitest';
import type { Obstacle } from '../../../../src/doctor/facts/path.ts';
import { DcvopsError } from '../../../../src/errors.ts';
import { NoAnswer, type Stage } from '../../../../src/gateway/probe-connection.ts';
import { obstacleOf } from '../../../../src/operations/doctor/obstacle.ts';

const socket = (code: string): Error => Object.assign(new Error(code), { code });

/** What `Remote.tunnel` throws when the host's sshd says no. */
function tunnel(reason: number, text: string): DcvopsError {
  const cause = Object.assign(new Error(`(SSH) Channel open failure: ${text}`), { reason });
  return new DcvopsError('failed', 'no connection from the host', { cause });
}

// A firewall that is told as a service that is down, or the other way round, sends somebody to the wrong console.
describe('what is in the way', () => {
  it.each<[Stage, unknown, Obstacle]>([
    ['connect', socket('ECONNREFUSED'), 'refused'],
    ['connect', socket('ETIMEDOUT'), 'filtered'],
    ['connect', new NoAnswer('no answer in 5 s'), 'filtered'],
    ['connect', socket('EHOSTUNREACH'), 'unreachable'],
    ['connect', socket('ENETUNREACH'), 'unreachable'],
    ['connect', socket('ENOTFOUND'), 'dns'],
    ['connect', socket('EAI_AGAIN'), 'dns'],
    ['connect', socket('ECONNRESET'), 'other'],
    ['connect', 'thrown by nobody', 'other'],
    ['connect', tunnel(1, 'open failed'), 'not-allowed'],
    ['connect', tunnel(2, 'Connection refused'), 'refused'],
    ['connect', tunnel(2, 'Connection timed out'), 'filtered'],
    ['connect', tunnel(2, 'No route to host'), 'unreachable'],
    ['connect', tunnel(2, 'Network is unreachable'), 'unreachable'],
    ['connect', tunnel(2, 'unknown host (Name or service not known)'), 'dns'],
    ['connect', tunnel(4, 'resource shortage'), 'other'],
    ['connect', new DcvopsError('unreachable', 'the connection was lost'), 'other'],
    ['tls', socket('ECONNRESET'), 'tls'],
    ['tls', new NoAnswer('no answer in 5 s'), 'tls'],
    ['request', new NoAnswer('no answer in 5 s'), 'silent'],
    ['request', socket('ECONNRESET'), 'silent'],
  ])('%s, %s: %s', (stage, cause, expected) => {
    expect(obstacleOf({ stage, cause })).toBe(expected);
  });
});
