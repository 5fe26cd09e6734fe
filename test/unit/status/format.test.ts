import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../src/report/style.ts';
import { formatRound } from '../../../src/status/format-round.ts';
import { formatHosts } from '../../../src/status/format.ts';
import type { HostStatus } from '../../../src/status/types.ts';
import { UNREACHABLE, agentFigures, agentLine, path, proxyFigures, proxyLine, sight } from './hosts.ts';

const style = createStyle(false);
const stopped = agentFigures({ service: 'stopped', sessions: undefined });
const agent2 = agentLine(stopped, [path({ ok: false, detail: '502' })], 'agent2');

const lines = (text: string): string[] => text.trimEnd().split('\n');
const widest = (text: string): number => Math.max(...lines(text).map((line) => Array.from(line).length));

describe('the table', () => {
  it('has one line a host, and what to type where something is wrong', () => {
    expect(formatHosts([agent2, proxyLine(), agentLine()], { style })).toBe(
      `   HOST     SERVICE            SERVES             CERTIFICATE  CONNECTED  LOAD  MEMORY  DISK    PATH   PROBLEM               NEXT
✖  agent2   dcvserver stopped  ?                               ?          0.25  12 %    / 40 %  ✖      dcvserver is stopped  dcvops service start agent2
✔  gateway  nginx active       5de63378e849 live  365 days     12         0.25  12 %    / 40 %  4 ms
✔  agent1   dcvserver active   1 session                       1          0.25  12 %    / 40 %  12 ms
`,
    );
  });

  it('has no column for problems where there are none', () => {
    expect(lines(formatHosts([proxyLine(), agentLine()], { style }))[0]).toMatch(/PATH$/);
  });

  it.each<[string, HostStatus, RegExp]>([
    ['nothing is deployed', proxyLine(proxyFigures({ file: undefined })), / nothing /],
    [
      'a release is not live',
      proxyLine(undefined, sight({ releaseId: undefined })),
      / 5de63378e849 not live /,
    ],
    ['a certificate has ended', proxyLine(undefined, sight({ certificateEnds: new Date(0) })), / expired /],
    [
      'nobody was asked',
      agentLine({ ...UNREACHABLE }, []),
      /^✖ +agent1 +\? +\? +\? +\? +\? +\? +\? +no answer/,
    ],
    [
      'an agent is in maintenance',
      agentLine(undefined, undefined, undefined, { state: 'maintenance' }),
      / 1 session, in maintenance /,
    ],
    [
      'an agent that is not read is draining',
      agentLine({ ...UNREACHABLE }, [], undefined, { state: 'draining' }),
      / \?, draining /,
    ],
    ['the way led through SSH', agentLine(undefined, [path({ way: 'tunnel' })]), / 12 ms \(SSH\)/],
    [
      'of two ways the slower one counts',
      agentLine(undefined, [path({ elapsedMs: 3 }), path({ elapsedMs: 90, proxy: 'gateway2' })]),
      / 90 ms/,
    ],
    [
      'there are several problems',
      agentLine(agentFigures({ sessions: [], memoryUsedPercent: 99 })),
      / no session \(and 1 more\) +dcvops session create agent1$/,
    ],
    [
      'there are several steps, of which the first is shown',
      agentLine({ ...UNREACHABLE, hint: 'first\nsecond' }),
      / first$/,
    ],
  ])('shows when %s', (_, host, line) => {
    expect(lines(formatHosts([host], { style }))[1]).toMatch(line);
  });

  it('passes nothing on to the terminal that it would obey', () => {
    const message = 'gone \u001b[2J\u202e';
    const text = formatHosts([agentLine({ ...UNREACHABLE, message })], { style });
    expect(text).toContain('gone \\x1b[2J\\u202e');
    expect(text).not.toContain('\u001b');
  });
});

// A command that is cut cannot be copied; figures can be spared.
describe('where there is not much room', () => {
  const hosts = [agent2, proxyLine(), agentLine()];

  it('gives hosts that are fine a table of their own, with their figures', () => {
    expect(formatHosts(hosts, { style, width: 110 })).toBe(
      `   HOST    SERVICE            SERVES  CONNECTED  PATH  PROBLEM               NEXT
✖  agent2  dcvserver stopped  ?       ?          ✖     dcvserver is stopped  dcvops service start agent2
   HOST     SERVICE           SERVES             CERTIFICATE  CONNECTED  LOAD  MEMORY  DISK    PATH
✔  gateway  nginx active      5de63378e849 live  365 days     12         0.25  12 %    / 40 %  4 ms
✔  agent1   dcvserver active  1 session                       1          0.25  12 %    / 40 %  12 ms
`,
    );
  });

  it.each([100, 90, 80, 70, 60, 50, 40])('keeps within %i columns', (width) => {
    const long = agentLine({ ...UNREACHABLE, message: 'x'.repeat(200), hint: 'y'.repeat(200) });
    expect(widest(formatHosts([...hosts, long], { style, width, cut: true }))).toBeLessThanOrEqual(width);
  });

  it('cuts the problem before the command', () => {
    const line = agentLine({ ...UNREACHABLE, message: `${'no answer '.repeat(9)}at all` });
    const [, row = ''] = lines(formatHosts([line], { style, width: 80, cut: true }));
    expect(row).toMatch(/no answer no answer .*… {2}dcvops doctor agent1$/);
  });

  it('cuts nothing where lines may wrap', () => {
    const message = 'x'.repeat(200);
    expect(formatHosts([agentLine({ ...UNREACHABLE, message })], { style, width: 80 })).toContain(message);
  });
});

describe('a round of --watch', () => {
  const at = new Date(2026, 10, 25, 14, 3, 5);
  const round = (hosts: readonly HostStatus[]): Parameters<typeof formatRound>[0] => ({
    status: { at, hosts },
    lastChange: undefined,
  });
  const many = (level: HostStatus, number: number): HostStatus[] =>
    Array.from({ length: number }, (_, index) => ({ ...level, name: `host${index}` }));

  it('says when it was, how many are well, and what became different', () => {
    const text = formatRound(
      {
        status: { at, hosts: [agent2, agentLine()] },
        lastChange: { at: new Date(2026, 10, 25, 14, 2), changes: ['agent2: dcvserver is stopped'] },
      },
      { style },
    );
    expect(lines(text)[0]).toBe(
      '2026-11-25 14:03:05  2 hosts: 1 with errors, 1 fine; 14:02:00 agent2: dcvserver is stopped',
    );
  });

  it.each([
    [20, 24, 20, undefined],
    [20, 22, 17, '… and 3 more that are fine'],
    [20, 10, 5, '… and 15 more that are fine'],
    [2, 3, 1, '… and 1 more that is fine'],
    [20, undefined, 20, undefined],
  ])('of %i hosts on a screen of %s lines shows %i', (number, height, shown, last) => {
    const text = lines(
      formatRound(round(many(agentLine(), number)), { style, height, width: 110, cut: true }),
    );
    expect(text.filter((line) => line.startsWith('✔'))).toHaveLength(shown);
    if (last !== undefined) expect(text.at(-1)).toBe(last);
  });

  it('never takes more lines than the screen has, the cursor’s included', () => {
    for (let height = 8; height < 40; height++) {
      for (const wrong of [0, 1, 10, 30]) {
        const hosts = [...many(agent2, wrong), ...many(agentLine(), 30 - wrong)];
        const text = formatRound(round(hosts), { style, height, width: 110, cut: true });
        expect(lines(text).length).toBeLessThan(height);
      }
    }
  });

  it('says when problems are among what there is no room for', () => {
    const hosts = [...many(agent2, 9), agentLine()];
    expect(lines(formatRound(round(hosts), { style, height: 10 })).at(-1)).toBe(
      '… and 5 more, 4 of them with problems',
    );
  });
});
