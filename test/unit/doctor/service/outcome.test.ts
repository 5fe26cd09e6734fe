import { describe, expect, it } from 'vitest';
import type { ServiceRequest } from '../../../../src/doctor/service/act.ts';
import { readOutcome } from '../../../../src/doctor/service/outcome.ts';
import { refusalOf } from '../../../../src/doctor/service/refusal.ts';
import type { DcvConnection } from '../../../../src/dcv/types.ts';
import { FAILED, LOOPS, MASKED, MISSING, RUNS, STOPPED, type Told, recordsOf, state } from './records.ts';

const DEFAULTS = { id: 'desk', type: 'virtual', user: 'ec2-user', owner: 'ec2-user' } as const;
const HOSTS = {
  agent1: { name: 'agent1', role: 'agent', sessions: [{ id: 'b c' }] },
  gateway: { name: 'gateway', role: 'proxy' },
} as const;
const SINCE = 'since 2027-01-15 07:00 UTC';
const DISABLED = state({ UnitFileState: 'disabled' });
const DESK = [
  'sessions',
  '[{"id":"desk","owner":"jane","num-of-connections":1},{"id":"b c","num-of-connections":0}]',
] as const;
const GONE: Told = [
  ['version', ''],
  ['sessions', '[]'],
];
const SILENT: Told = [
  ['version', ''],
  ['silence', 'Could not list sessions. The dcvserver service is not running'],
];
const doing = (verb: string, ...rest: Told): Told => [['doing', verb], ['did', ''], ...rest];

const JANE = { username: 'jane', address: '10.213.0.9:1' } as DcvConnection;

/** What is said of it: how it ended, the message, the hint. */
function said(host: keyof typeof HOSTS, verb: ServiceRequest['verb'], unit: string, told: Told): string {
  const request = { verb, unit: `${unit}.service`, endSessions: false };
  const outcome = readOutcome(HOSTS[host], request, recordsOf(told), DEFAULTS);
  if (outcome.kind !== 'in-use') return `${outcome.kind}: ${outcome.message} → ${outcome.hint ?? ''}`;
  const viewers = (id: string): DcvConnection[] | undefined => (id === 'desk' ? [JANE] : undefined);
  const { message, hint } = refusalOf(HOSTS[host], request, outcome, viewers);
  return `in use: ${message} → ${hint}`;
}

describe('what came of a request', () => {
  it.each<[ServiceRequest['verb'], string, Told, string]>([
    ['start', 'it runs already', RUNS, `unchanged: dcvserver is active already ${SINCE} → `],
    ['start', 'it is started', [...STOPPED, ...doing('start', ...RUNS)], 'done: dcvserver started → '],
    [
      'start',
      'it is masked',
      MASKED,
      'failed: dcvserver is masked: somebody keeps it from being started → ' +
        'dcvops exec --sudo agent1 -- systemctl unmask dcvserver\ndcvops service start agent1',
    ],
    [
      'start',
      'it was masked while it ran',
      state({ LoadState: 'masked' }),
      'failed: dcvserver is masked, and runs only because it did so before → ' +
        'dcvops exec --sudo agent1 -- systemctl unmask dcvserver',
    ],
    [
      'start',
      'it is not there',
      MISSING,
      'failed: there is no unit dcvserver.service → install nice-dcv-server, nice-xdcv and nice-dcv-web-viewer there',
    ],
    [
      'start',
      'systemctl fails',
      [...STOPPED, ['doing', 'start'], ['refused', 'Job for dcvserver.service failed\nSee'], ...FAILED],
      `failed: systemctl start dcvserver failed: dcvserver has failed (exit-code) ${SINCE} → ` +
        'dcvops exec --sudo agent1 -- journalctl --no-pager -u dcvserver -n 50\ndcvops service start agent1',
    ],
    [
      'start',
      'systemd takes its time',
      [...STOPPED, ['doing', 'start'], ['late', '120'], ...state({ ActiveState: 'activating' })],
      'failed: systemd is not done with dcvserver after 120 s; it goes on → dcvops service status agent1',
    ],
    [
      'start',
      'it ends again and again, though it runs at this moment',
      [...STOPPED, ...doing('start', ...state({ NRestarts: '1' }, 1))],
      'failed: dcvserver ends each time it is started: active (success), started again by systemd once ' +
        'since 2027-01-15 07:59 UTC → ' +
        'dcvops exec --sudo agent1 -- journalctl --no-pager -u dcvserver -n 50\ndcvops doctor agent1',
    ],
    [
      'start',
      'it does not answer',
      [...STOPPED, ...doing('start', ['silent', 'Could not list sessions. D-Bus error'], ...RUNS)],
      'failed: dcvserver runs but does not answer: D-Bus error → ' +
        'dcvops exec --sudo agent1 -- tail -n 30 /var/log/dcv/server.log\ndcvops doctor agent1',
    ],
    [
      'start',
      'it has done its work',
      [...STOPPED, ...doing('start', ...STOPPED)],
      'done: dcvserver ran to its end → ',
    ],
    [
      'start',
      'a condition keeps it down',
      [...STOPPED, ...doing('start', ...state({ ActiveState: 'inactive', ConditionResult: 'no' }))],
      'failed: dcvserver is stopped: a condition in its file is not met, so that systemd leaves it alone → ' +
        'dcvops exec --sudo agent1 -- systemctl status --no-pager dcvserver',
    ],
    [
      'restart',
      'nobody is there',
      [...RUNS, ...GONE, ...doing('restart', ...RUNS, ...GONE)],
      'done: dcvserver restarted → ',
    ],
    [
      'restart',
      'sessions would end',
      [...RUNS, DESK, ['in-use', '']],
      'in use: 2 sessions would end with dcvserver: "desk" of jane, 1 person connected (jane from 10.213.0.9); ' +
        '"b c", nobody connected. It was left as it is. → ' +
        'dcvops service restart agent1 --end-sessions   (ends those desktops)',
    ],
    [
      'restart',
      'dcv says nothing',
      [...RUNS, ['silence', ''], ['in-use', '']],
      'in use: dcv does not tell its sessions (dcv said nothing), and they would end with dcvserver. ' +
        'It was left as it is. → dcvops service restart agent1 --end-sessions   (ends those desktops)',
    ],
    [
      'restart',
      'sessions have ended',
      [...RUNS, DESK, ...doing('restart', ...RUNS, ...GONE)],
      'done: dcvserver restarted; sessions "desk", "b c" ended with it → ' +
        'dcvops session restore agent1\ndcvops session create agent1 --user=jane',
    ],
    [
      'restart',
      'one session is there again',
      [...RUNS, DESK, ...doing('restart', ...RUNS, ['version', ''], ['sessions', '[{"id":"desk"}]'])],
      'done: dcvserver restarted; session "b c" ended with it → dcvops session restore agent1',
    ],
    [
      'restart',
      'sessions have ended, and it does not come back',
      [...RUNS, DESK, ['doing', 'restart'], ['refused', 'Job failed'], ...LOOPS, ...SILENT],
      'failed: systemctl restart dcvserver failed: dcvserver ends each time it is started: activating ' +
        '(exit-code), started again by systemd 7 times since 2027-01-15 07:59 UTC; ' +
        'sessions "desk", "b c" ended with it → ' +
        'dcvops exec --sudo agent1 -- journalctl --no-pager -u dcvserver -n 50\ndcvops doctor agent1',
    ],
    ['stop', 'it is stopped already', STOPPED, `unchanged: dcvserver is stopped already ${SINCE} → `],
    [
      'stop',
      'it has failed before',
      FAILED,
      `unchanged: dcvserver does not run: dcvserver has failed (exit-code) ${SINCE} → `,
    ],
    [
      'stop',
      'it is stopped',
      [...RUNS, DESK, ...doing('stop', ...STOPPED, ...SILENT)],
      'done: dcvserver stopped; sessions "desk", "b c" ended with it → dcvops service start agent1',
    ],
    [
      'stop',
      'something starts it again',
      [...RUNS, ...GONE, ...doing('stop', ...RUNS)],
      'failed: dcvserver does not stay stopped: something starts it → ' +
        'dcvops exec --sudo agent1 -- systemctl status --no-pager dcvserver',
    ],
    ['enable', 'it is enabled already', RUNS, 'unchanged: dcvserver starts at boot already → '],
    [
      'enable',
      'it is static',
      state({ UnitFileState: 'static' }),
      'unchanged: dcvserver is static: it starts when other units want it, and cannot be enabled → ',
    ],
    [
      'enable',
      'it is enabled',
      [...DISABLED, ...doing('enable', ...RUNS)],
      'done: dcvserver starts at boot from now on → ',
    ],
    [
      'enable',
      'it is enabled and does not run now',
      [...DISABLED, ...doing('enable', ...STOPPED)],
      'done: dcvserver starts at boot from now on → dcvops service start agent1',
    ],
    [
      'enable',
      'it cannot be',
      [...DISABLED, ['doing', 'enable'], ['refused', 'Unit is generated'], ...DISABLED],
      'failed: systemctl enable dcvserver failed: Unit is generated → ' +
        'dcvops exec --sudo agent1 -- systemctl status --no-pager dcvserver',
    ],
  ])('%s dcvserver: %s', (verb, _what, told, message) => {
    expect(said('agent1', verb, 'dcvserver', told)).toBe(message);
  });

  it.each<[ServiceRequest['verb'], string, Told, string]>([
    [
      'restart',
      'it takes its files without a restart, though systemd had to start it long ago',
      [...state({ NRestarts: '4' }), ...doing('reload', ...state({ NRestarts: '4' }))],
      'done: nginx reloaded, not restarted: it reads its files again, and open desktops stay → ',
    ],
    [
      'restart',
      'it was told to read them, and does not take them',
      [
        ...[...RUNS, ...doing('reload')],
        [
          'stays',
          '2027/01/15 08:00:00 [emerg] 71#71: bind() to 0.0.0.0:80 failed (98: Address already in use)',
        ],
        ...RUNS,
      ],
      'failed: nginx was reloaded and goes on with what it had: bind() to 0.0.0.0:80 failed (98: Address already ' +
        'in use). Open desktops stay. → dcvops exec --sudo gateway -- tail -n 30 /var/log/nginx/error.log',
    ],
    [
      'restart',
      'it does not take them, and does not say why',
      [...RUNS, ...doing('reload'), ['stays', ''], ...RUNS],
      'failed: nginx was reloaded and goes on with what it had: it says nothing. Open desktops stay. → ' +
        'dcvops exec --sudo gateway -- tail -n 30 /var/log/nginx/error.log',
    ],
    ['restart', 'it was stopped', [...STOPPED, ...doing('restart', ...RUNS)], 'done: nginx restarted → '],
    [
      'restart',
      'its files are wrong',
      [...RUNS, ['nginx-refuses', 'nginx: [emerg] unknown directive "x"\nnginx: test failed']],
      'failed: nginx refuses its configuration: nginx: [emerg] unknown directive "x". It was left as it runs. → ' +
        'dcvops exec --sudo gateway -- nginx -t',
    ],
    [
      'stop',
      'desktops are open',
      [...RUNS, ['connections', '3'], ['in-use', '']],
      'in use: 3 connections to agents would end with nginx: desktops are open. It was left as it is. → ' +
        'dcvops service stop gateway --end-sessions   (ends those desktops)',
    ],
    [
      'stop',
      'nobody can count',
      [...RUNS, ['connections', 'unknown'], ['in-use', '']],
      'in use: whether desktops are open through nginx cannot be told (ss is missing), and they would end with it. ' +
        'It was left as it is. → dcvops service stop gateway --end-sessions   (ends those desktops)',
    ],
    [
      'start',
      'it has no package',
      MISSING,
      'failed: there is no unit nginx.service → dcvops deploy   (installs nginx)',
    ],
  ])('%s nginx: %s', (verb, _what, told, message) => {
    expect(said('gateway', verb, 'nginx', told)).toBe(message);
  });
});
