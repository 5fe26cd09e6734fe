import { describe, expect, it } from 'vitest';
import { parseService } from '../../../../src/doctor/service/parse.ts';
import { troubleOf } from '../../../../src/doctor/service/trouble.ts';
import { DcvopsError } from '../../../../src/errors.ts';
import { FAILED, LOOPS, MASKED, MISSING, RUNS, STOPPED, type Told, recordsOf, state } from './records.ts';

const AGENT = { name: 'agent1', role: 'agent' } as const;
const SINCE = 'since 2027-01-15 07:00 UTC';
const JOURNAL = 'dcvops exec --sudo agent1 -- journalctl --no-pager -u';

function trouble(unit: string, told: Told): string {
  const { message, hint } = troubleOf(AGENT, parseService('agent1', unit, recordsOf(told))) ?? {
    message: 'none',
    hint: '',
  };
  return `${message} → ${hint}`;
}

/* What a user would lose: "start it" is said of a unit that is masked, or that ends each time it is started. */
describe('troubleOf: why a unit does not do its work, each with its own remedy', () => {
  it.each<[string, string, Told, string]>([
    ['it runs', 'dcvserver.service', RUNS, 'none → '],
    ['it runs although it was masked', 'dcvserver.service', state({ LoadState: 'masked' }), 'none → '],
    [
      'it is stopped',
      'dcvserver.service',
      STOPPED,
      `dcvserver is stopped ${SINCE} → dcvops service start agent1`,
    ],
    [
      'another one is stopped',
      'gdm.service',
      STOPPED,
      `gdm is stopped ${SINCE} → dcvops service start agent1 --unit gdm`,
    ],
    [
      'systemd left it alone',
      'gdm.service',
      state({ ActiveState: 'inactive', ConditionResult: 'no' }),
      'gdm is stopped: a condition in its file is not met, so that systemd leaves it alone → ' +
        'dcvops exec --sudo agent1 -- systemctl status --no-pager gdm',
    ],
    [
      'it is on its way down',
      'dcvserver.service',
      state({ ActiveState: 'deactivating' }),
      `dcvserver is still stopping ${SINCE} → dcvops service status agent1`,
    ],
    [
      'it is on its way up',
      'dcvserver.service',
      state({ ActiveState: 'activating', SubState: 'start' }),
      `dcvserver is still starting ${SINCE} → dcvops service status agent1`,
    ],
    [
      'it has failed',
      'dcvserver.service',
      FAILED,
      `dcvserver has failed (exit-code) ${SINCE} → ${JOURNAL} dcvserver -n 50\ndcvops service start agent1`,
    ],
    [
      'it is masked',
      'dcvserver.service',
      MASKED,
      'dcvserver is masked: somebody keeps it from being started → ' +
        'dcvops exec --sudo agent1 -- systemctl unmask dcvserver\ndcvops service start agent1',
    ],
    [
      'it ends each time',
      'dcvserver.service',
      LOOPS,
      'dcvserver ends each time it is started: activating (exit-code), started again by systemd 7 times ' +
        `since 2027-01-15 07:59 UTC → ${JOURNAL} dcvserver -n 50\ndcvops doctor agent1`,
    ],
    [
      'systemd has given it up, and does not count',
      'nginx.service',
      state({ ActiveState: 'failed', Result: 'start-limit', NRestarts: '' }),
      `nginx ends each time it is started: failed (start-limit-hit) ${SINCE} → ${JOURNAL} nginx -n 50`,
    ],
    [
      'its file is broken',
      'dcvserver.service',
      state({ LoadState: 'bad-setting', ActiveState: 'inactive' }),
      'systemd cannot read the file of dcvserver (bad-setting) → ' +
        'dcvops exec --sudo agent1 -- systemctl status --no-pager dcvserver',
    ],
    [
      'it is not there',
      'dcvserver.service',
      MISSING,
      'there is no unit dcvserver.service → install nice-dcv-server, nice-xdcv and nice-dcv-web-viewer there',
    ],
    [
      'nothing there is called alike, but for the ending that all have',
      'gdm.service',
      [...MISSING, ['unit-files', 'rc.service\nssh.service\n']],
      'there is no unit gdm.service → dcvops exec agent1 -- systemctl list-unit-files --no-pager',
    ],
    [
      'it is misspelt',
      'dcvsever.service',
      [...MISSING, ['unit-files', 'dcvserver.service\nssh.service\n']],
      'there is no unit dcvsever.service, did you mean "dcvserver"? → ' +
        'dcvops exec agent1 -- systemctl list-unit-files --no-pager',
    ],
  ])('%s', (_what, unit, told, message) => {
    expect(trouble(unit, told)).toBe(message);
  });
});

describe('parseService', () => {
  it('takes the last thing told, its journal without journalctl’s own lines, and the name behind an alias', () => {
    const told: Told = [
      ...RUNS,
      ...state({ ActiveState: 'failed', Id: 'gdm3.service', NRestarts: '2' }),
      ['journal', '-- Logs begin at Mon --\nno display\n\n-- No entries --\n'],
    ];
    expect(parseService('agent1', 'gdm.service', recordsOf(told))).toMatchObject({
      unit: 'gdm.service',
      id: 'gdm3.service',
      state: 'failed',
      restarts: 2,
      journal: ['no display'],
    });
  });

  it('says that restarts are not counted where systemd does not', () => {
    const told = state({}).map(([name, value]) => [name, value.replace(/^NRestarts.*\n/m, '')] as const);
    expect(parseService('agent1', 'nginx.service', recordsOf(told)).restarts).toBeUndefined();
  });

  it.each<[string, Told]>([
    [
      'no systemd',
      [
        ['clock', '1800000000 5.1'],
        ['state', 'System has not been booted with systemd'],
      ],
    ],
    ['nothing', []],
    ['a clock that makes no sense', [['clock', 'x y'], ...RUNS.slice(1)]],
  ])('refuses %s', (_what, told) => {
    expect(() => parseService('agent1', 'nginx.service', recordsOf(told))).toThrow(DcvopsError);
  });
});
