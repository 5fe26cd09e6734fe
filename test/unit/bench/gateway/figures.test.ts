import { describe, expect, it } from 'vitest';
import { heldOf } from '../../../bench/gateway/idle-deploy.ts';
import { pssOf } from '../../../bench/gateway/memory.ts';
import { type Figure, formatFigures } from '../../../bench/gateway/report.ts';
import { requestsPerSecond } from '../../../bench/gateway/rounds.ts';

describe('formatFigures: a figure that is missed is told', () => {
  const figure: Figure = {
    what: 'requests',
    against: 'nginx',
    ours: '6000 /s',
    theirs: '1000 /s',
    value: 6,
    goal: { atLeast: 5 },
  };

  it('shows both sides, the ratio and the goal', () => {
    expect(formatFigures([figure])).toBe(
      'GATEWAY   AGAINST  OURS     THEIRS   RATIO  GOAL        MET\n' +
        'requests  nginx    6000 /s  1000 /s  6.00   at least 5  yes\n',
    );
  });

  it.each([
    [5, { atLeast: 5 }, 'yes'],
    [4.996, { atLeast: 5 }, 'yes'], // is shown as 5.00
    [4.99, { atLeast: 5 }, 'no'],
    [1, { atMost: 1 }, 'yes'],
    [1.01, { atMost: 1 }, 'no'],
    [Number.NaN, { atMost: 1 }, 'no'], // nothing was measured
    [Number.NaN, { atLeast: 1 }, 'no'],
  ])('%d, %j: %s', (value, goal, met) => {
    expect(formatFigures([{ ...figure, value, goal }]).trimEnd()).toMatch(new RegExp(` ${met}$`));
  });

  it('has no ratio where nothing is compared', () => {
    expect(formatFigures([{ what: 'memory', ours: '90 kB', value: 90, goal: { atMost: 120 } }])).toContain(
      '\nmemory            90 kB                 at most 120  yes\n',
    );
  });
});

describe('requestsPerSecond: answers that are refusals are fast, and no figure', () => {
  const said = (line: string): string =>
    `  1000 requests in 2.00s, 1.20MB read\n${line}Requests/sec:   4987.42\nTransfer/sec:    600.00KB\n`;

  it('is what wrk says', () => {
    expect(requestsPerSecond(said(''))).toBe(4987.42);
  });

  it.each([
    ['the gateway refused', said('  Non-2xx or 3xx responses: 1000\n')],
    ['connections broke', said('  Socket errors: connect 0, read 3, write 0, timeout 0\n')],
    ['wrk said something else', 'unable to connect to 10.213.66.188:9443 Connection refused\n'],
  ])('%s', (_, text) => {
    expect(() => requestsPerSecond(text)).toThrow(/wrk did not get what it asked for/);
  });
});

describe('what programs and the kernel tell', () => {
  it('the memory of a process, its part of what it shares', () => {
    expect(
      pssOf('5581-7ffc ---p 00000000 [rollup]\nRss:  9000 kB\nPss:    2048 kB\nPss_Anon: 1000 kB\n'),
    ).toBe(2048 * 1024);
  });

  it.each([
    ['{"event":"open","count":2000}\n{"event":"held","count":2000}\n', 2000],
    ['{"event":"open","count":2000}\n{"event":"cut"}\n{"event":"held","count":1999}\n', 1999],
    ['{"event":"open","count":2000}\n', 0], // the holder itself broke
  ])('WebSockets that lived to the end: %j', (stdout, held) => {
    expect(heldOf(stdout)).toBe(held);
  });
});
