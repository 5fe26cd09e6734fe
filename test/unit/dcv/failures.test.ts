import { describe, expect, it } from 'vitest';
import { explainCreateFailure, explainDeath } from '../../../src/dcv/failures.ts';
import type { SessionLog } from '../../../src/dcv/session/logs.ts';

const AGENT1 = { agent: 'agent1', id: undefined, options: [] };
const GPU_7 = { agent: 'gpu-7', id: 'desk', options: ['--owner=jane'] };

describe('explainCreateFailure: without it a user reads DCV’s words and is left alone with them', () => {
  it.each([
    ['service-stopped', 'Could not create session. The dcvserver service is not running\n'],
    [
      'no-bus',
      'Could not create session. Could not get the system bus: Exhausted all available authentication mechanisms (tried: EXTERNAL, DBUS_COOKIE_SHA1, ANONYMOUS)',
    ],
    [
      'no-licence',
      'Could not create console session: Could not acquire dcv licenses: No license for product (-1)',
    ],
    ['licences-in-use', 'Could not create session. All licenses in use'],
    ['licences-in-use', 'no licenses'],
    [
      'unknown-option',
      'Unknown option --dcv-gl-disabled\n\nUsage:\n  dcv create-session [OPTION…] session_id',
    ],
    ['console-needs-root', 'Could not create session. Only the root user can create console sessions'],
    [
      'console-beside-virtual',
      'Could not create session. Console and virtual sessions cannot run on the same server: there are virtual sessions',
    ],
    ['console-exists', 'Could not create session. A console session already exists'],
    ['exists', "Could not create session. A session with id 'desk' already exists"],
    ['not-installed', 'sh: 1: dcv: not found'],
    ['not-installed', 'bash: line 1: dcv: command not found'],
  ])('knows %s', (kind, output) => {
    const failure = explainCreateFailure(output, AGENT1);
    expect(failure.kind).toBe(kind);
    expect(failure.cause).not.toBe('');
    expect(failure.remedy).toContain('dcvops');
  });

  it('names the option that is not known', () => {
    const { cause } = explainCreateFailure('Unknown option --init=/opt/x', AGENT1, {
      version: 'NICE DCV 2019.0 (r7318)',
    });
    expect(cause).toBe('this version of dcv does not know the option --init (NICE DCV 2019.0 (r7318))');
  });

  it.each([
    ['Could not create session. The moon is full\n', 'The moon is full'],
    ['\nsome noise\r\nCould not create session. Odd\r\n', 'Odd'],
    ['just text', 'just text'],
    ['', 'dcv said nothing'],
  ])('passes on what it does not know: %j', (output, cause) => {
    expect(explainCreateFailure(output, AGENT1)).toMatchObject({ kind: 'unknown', cause });
  });

  it('gives the command that was typed, with what it lacked', () => {
    expect(explainCreateFailure('The dcvserver service is not running', GPU_7).remedy).toBe(
      'dcvops session create gpu-7/desk --owner=jane --start-service',
    );
  });
});

describe('explainCreateFailure: "no licence" has causes that only the server’s log tells apart', () => {
  const OUTPUT =
    'Could not create virtual session: Could not acquire dcv licenses: No license for product (-1)';

  it.each([
    ['no-licence', 'Retrieved license object from AWS S3 bucket', 'DCV found no licence', 'license-file'],
    [
      'licence-s3',
      "WARN  license-manager - Unable to retrieve license object from AWS S3 bucket 'dcv-license.us-west-2': Access Denied",
      'DCV found no licence: the instance cannot read it in S3 (dcv-license.us-west-2)',
      's3:GetObject',
    ],
    [
      'licence-expired',
      'WARN  license-manager - The demo license has expired',
      'DCV’s licence has expired (outside of EC2 a new server runs 30 days without one)',
      'license-file',
    ],
    ['licences-in-use', 'ERROR license - All licenses in use', 'all DCV licences are in use', 'session list'],
  ])('%s', (kind, text, cause, remedy) => {
    const failure = explainCreateFailure(OUTPUT, AGENT1, {
      logs: [{ file: '/var/log/dcv/server.log', text: `a line before\n${text}\n` }],
    });
    expect(failure).toMatchObject({ kind, cause });
    expect(failure.remedy).toContain(remedy);
  });

  it('does not blame an old line of the log for another failure', () => {
    const logs = [{ file: '/var/log/dcv/server.log', text: 'All licenses in use' }];
    expect(explainCreateFailure('Could not create session. Odd', AGENT1, { logs }).kind).toBe('unknown');
  });
});

describe('explainDeath: a session that ended at once says why in its own logs', () => {
  const log = (name: string, text: string): SessionLog => ({
    file: `/var/log/dcv/${name}.jane.desk.log`,
    text,
  });

  it.each<[string | undefined, SessionLog[], string]>([
    [
      'stale-x-lock',
      [log('Xdcv', '(EE) Fatal server error:\n(EE) Server is already active for display 1')],
      'dcvops doctor agent1',
    ],
    ['stale-x-lock', [log('Xdcv', 'server already running')], 'dcvops doctor agent1'],
    [
      'conda',
      [
        log(
          'dcv-xsession',
          '/home/jane/anaconda3/bin/dbus-launch: error while loading shared libraries: libdbus-1.so.3',
        ),
      ],
      'auto_activate_base false',
    ],
    [
      'no-desktop',
      [log('dcv-xsession', '/etc/dcv/dcvsessioninit: 12: gnome-session: not found')],
      'dcvops desktop install agent1',
    ],
    [
      'no-desktop',
      [log('dcv-xsession', 'exec: startxfce4: No such file or directory')],
      'dcvops desktop install agent1',
    ],
    ['crash', [log('agent', 'WARN  agent - Session script was killed by signal 11')], '--gl=off'],
    ['crash', [log('dcv-xsession', 'xfce4-session exited with status 139')], '--gl=off'],
    [undefined, [log('agent', 'WARN  agent - Session script was killed by signal 115')], ''],
    [undefined, [log('agent', 'Session terminated unexpectedly')], ''],
    [
      undefined,
      [{ file: '/var/log/dcv/server.log', text: "Session 'other': killed by signal 11" }],
      'is another session’s',
    ],
    ['crash', [{ file: '/var/log/dcv/server.log', text: "Session 'desk': killed by signal 11" }], '--gl=off'],
  ])('%s', (kind, logs, remedy) => {
    const death = explainDeath(logs, 'desk', { agent: 'agent1', id: 'desk', options: [] });
    expect(death?.kind).toBe(kind);
    if (death !== undefined) expect(death.remedy).toContain(remedy);
  });
});
