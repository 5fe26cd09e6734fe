import { describe, expect, it } from 'vitest';
import type { XLockFacts } from '../../../src/doctor/facts/agent.ts';
import { hasXProcess, sessionOperand, xServerLives } from '../../../src/doctor/sessions.ts';
import { agentFacts, healthySet } from './healthy.ts';

const LOCK: XLockFacts = { display: ':1', file: '/tmp/.X1-lock', socket: true, pid: 900, alive: true };
const XDCV = { pid: 900, user: 'anna', elapsed: 60, command: '/usr/bin/Xdcv -output 800x600 :1' };

describe('a session counts as dead, and its desktop is thrown away, only when its X server is gone', () => {
  it.each<[string, XLockFacts[], (typeof XDCV)[], string | undefined, boolean | undefined]>([
    ['lock, socket and process', [LOCK], [XDCV], ':1', true],
    ['a process that cannot be seen', [LOCK], [], ':1', true],
    ['a process whose files in /tmp were cleaned away', [], [XDCV], ':1', true],
    ['a process that lost its socket', [{ ...LOCK, socket: false }], [XDCV], ':1.0', true],
    ['what it left', [{ ...LOCK, alive: false }], [], ':1', false],
    ['the X server of another display', [], [XDCV], ':10', false],
    ['nothing that names its display', [], [], undefined, undefined],
  ])('%s', (_what, locks, processes, display, lives) => {
    const agent = agentFacts({ processes, x: { locks } });
    const [session] = agent.sessions ?? [];
    expect(session).toBeDefined();
    if (session !== undefined) expect(xServerLives({ ...session, display }, agent)).toBe(lives);
  });

  it.each([
    ['/usr/lib/xorg/Xorg :0 -seat seat0', '0', true],
    ['X :0', '0', true],
    ['/usr/bin/xterm -display :0', '0', false],
    ['/usr/bin/Xdcv -output 800x600 :10', '1', false],
  ])('%s has display %s: %s', (command, number, has) => {
    expect(hasXProcess(number, [{ ...XDCV, command }])).toBe(has);
  });
});

describe('a session in a command that people paste', () => {
  it.each([
    ['desktop-session', 'agent1'],
    ['other', 'agent1/other'],
    ['it’s $(reboot)', "'agent1/it’s $(reboot)'"],
  ])('%s', (id, operand) => {
    expect(sessionOperand('agent1', id, healthySet())).toBe(operand);
  });
});
