import { describe, expect, it } from 'vitest';
import type { FigureId } from '../../bench/figures.ts';
import { type Measured, formatReport } from '../../bench/report.ts';

function report(figures: [FigureId, Measured][]): string {
  const breakdowns = {
    deploys: [
      {
        command: 'deploy of a change',
        connections: 1,
        channels: 1,
        steps: [
          { name: 'start', ms: 180.4, roundTrips: 0, ssh: 0, https: 0 },
          { name: 'verify', ms: 240, roundTrips: 7, ssh: 0, https: 3 },
          { name: 'reload', ms: 90, roundTrips: 0, ssh: 0, https: 0 },
          { name: 'end', ms: 10, roundTrips: 0, ssh: 0, https: 0 },
        ],
      },
    ],
    rivals: [{ command: 'ssh HOST true', roundTrips: 8 }],
  };
  return formatReport({ figures: new Map(figures), breakdowns, list: undefined });
}

describe('the report: whether dcvops is as fast as it says', () => {
  it('says of each figure whether it is met', () => {
    const text = report([
      ['version', { ours: [100, 102], theirs: [76, 74] }],
      ['script', { ours: [700], theirs: [1000] }],
    ]);
    expect(text).toContain(
      'WHAT                           AGAINST                               OURS    THEIRS   RATIO  AT MOST  MET\n' +
        'dcvops --version               node -e 0                             101 ms  75 ms    1.35   1.4      yes\n' +
        'deploy of a change, one proxy  shell script: scp and four ssh calls  700 ms  1000 ms  0.70   0.6      no\n',
    );
  });

  it('shows the round trips and connections of each step', () => {
    expect(report([])).toContain(
      'deploy of a change: 7 round trips; 1 SSH connection, 1 channel on it\n' +
        '  STEP    TIME    ROUND TRIPS  SSH  HTTPS\n' +
        '  start   180 ms  0\n' +
        '  verify  240 ms  7                 3\n',
    );
    expect(report([])).toContain('ssh HOST true: 8 round trips\n');
  });

  it('says of a figure that is missed where the time goes', () => {
    const text = report([['script', { ours: [700], theirs: [1000] }]]);
    expect(text).toContain('Slower than asked: deploy of a change, one proxy');
    expect(text).toContain('Most of it: verify 240 ms, start 180 ms, reload 90 ms.');
  });

  it('says why a figure was not measured, and what to type', () => {
    const text = report([['ansible', { missing: 'not measured; apt-get install -y ansible-core' }]]);
    expect(text).toMatch(/ansible-playbook.* - .*not measured; apt-get install -y ansible-core\n/);
    expect(text).not.toContain('Slower than asked');
  });
});
