import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainLine } from '../../../src/dcv/signatures.ts';

const AT = '2021-08-10 05:32:44,161016 [  3517:3517  ] ';
const ON_AGENT1 = { host: 'agent1' };
const IN_DESK = { host: 'agent1', session: 'desk' };

describe('explainLine: without it a user searches the web for each line that DCV logs', () => {
  it.each([
    [
      'unknown-session',
      `${AT}WARN  frontend-handler - Invalid connection request from client '10.0.0.38:2098 (forwarded for 106.131.85.110)': unknown session '1a5c'`,
    ],
    ['unknown-session', `${AT}WARN  ws-connection - Connection closed: invalid-session-id`],
    [
      'licence-s3',
      `${AT}WARN  license-manager - Unable to retrieve license object from AWS S3 bucket 'dcv-license.us-west-2': Access Denied`,
    ],
    [
      'licence-s3',
      `${AT}WARN  license-manager - Unable to retrieve license object from AWS S3 bucket: timeout`,
    ],
    ['licence-server', `${AT}WARN  license-manager - Communications error with license server (-17)`],
    ['no-licence', `${AT}ERROR license-manager - Could not acquire dcv licenses`],
    ['no-licence', `${AT}ERROR session - Could not create session: No license for product (-1)`],
    ['licences-in-use', `${AT}WARN  license-manager - All licenses in use (-22)`],
    ['licence-version', `${AT}WARN  rlm - Failed checkout of product 'dcv' with version '2026.0'`],
    ['licence-hostname', `${AT}WARN  rlm - Bad server hostname in license file or port@host`],
    ['licence-permission', `${AT}ERROR rlm - RLM Initialization has failed: permission denied (errno: 13)`],
    ['create-failed', `${AT}ERROR session-manager - Could not create virtual session 'desk': timeout`],
    ['stop-failed', `${AT}WARN  session-manager - There was a problem stopping the session 'desk'`],
    ['not-authorized', `${AT}WARN  authorization - User 'jane' is not authorized in any channel`],
    ['not-allowed', `${AT}WARN  session - The client will not be allowed to connect`],
    ['crash', `${AT}WARN  session-launcher - Process 4711 was killed by signal 11`],
    ['too-many-files', `${AT}ERROR frontend - accept failed: Too many open files`],
    ['too-many-files', `${AT}ERROR frontend - too many files open`],
    ['x-server-running', '(EE) Fatal server error: server already running'],
    ['x-server-running', '(EE) Server is already active for display 1'],
    ['x-access', 'No protocol specified'],
    [
      'no-frame-ack',
      `${AT}WARN  display - No frame ack from the client 12 in 5 s, video streaming is blocked for channel 3`,
    ],
    ['frames-dropped', `${AT}INFO  display - fps=30 drop_rate=93 bitrate=1000`],
    ['frames-dropped', `${AT}INFO  display - "drop_rate": 80.5`],
    ['quic', `${AT}INFO  frontend - QUIC frontend enabled on port 8443`],
    ['selinux', 'SELinux is preventing /usr/libexec/dcv/dcvagent from write access on the file x.'],
    ['out-of-memory', 'Out of memory: Killed process 4711 (dcvagent) total-vm:1kB'],
  ])('knows %s', (id, line) => {
    const explained = explainLine(line, IN_DESK);
    expect(explained?.id).toBe(id);
    expect(explained?.meaning).toMatch(/^[^\n]{10,110}[^.]$/);
    expect(explained?.next).toMatch(/^dcvops (?:exec(?: --sudo)? agent1 -- |session list|check$)/);
  });

  it.each([
    `${AT}INFO  license-manager - Retrieved license object from AWS S3 bucket 'dcv-license.us-west-2'`,
    `${AT}INFO  frontend-handler - Channel dcv::display established with client '10.150.248.91:51234'`,
    `${AT}INFO  session-manager - Created session 'desk'`,
    `${AT}INFO  display - fps=30 drop_rate=80 bitrate=1000`,
    `${AT}INFO  display - drop_rate: 3, frames 95`,
    `${AT}DEBUG display - Frame ack from the client 12`,
    `${AT}INFO  session-launcher - Process 4711 was killed by signal 15`,
    `${AT}INFO  session-launcher - Process 4711 was killed by signal 110`,
    `${AT}INFO  frontend - QUIC frontend disabled`,
    `${AT}INFO  session - The client is allowed to connect`,
    'Protocol specified: X11',
    '{"time":"2026-11-23T09:00:00+00:00","client":"10.213.4.5","path":"/10.150.248.180/","status":"200"}',
    '',
  ])('says nothing of an ordinary line: %s', (line) => {
    expect(explainLine(line, ON_AGENT1)).toBeUndefined();
  });

  it('asks S3 itself, of the region that the line names', () => {
    const line =
      "Unable to retrieve license object from AWS S3 bucket 'dcv-license.us-west-2': Access Denied";
    expect(explainLine(line, ON_AGENT1)?.next).toBe(
      'dcvops exec agent1 -- curl -sSI -m 10 https://s3.us-west-2.amazonaws.com/dcv-license.us-west-2/',
    );
  });

  it('asks about the session whose log it is, where that is known', () => {
    const line = 'not authorized in any channel';
    expect(explainLine(line, IN_DESK)?.next).toBe('dcvops exec --sudo agent1 -- dcv describe-session desk');
    expect(explainLine(line, ON_AGENT1)?.next).toBe('dcvops exec --sudo agent1 -- cat /etc/dcv/default.perm');
  });

  it('gives a command that can be pasted whatever a session is called: a user chose that name', () => {
    const explained = explainLine('Could not create session', { host: 'agent1', session: "a'; reboot #" });
    expect(explained?.next).toBe(
      "dcvops exec --sudo agent1 -- grep -F 'a'\\''; reboot #' /var/log/dcv/server.log",
    );
  });

  it('is not slowed down by lines made for that: a user’s program can write such a line', () => {
    const parts = [
      ...['Could not create ', 'bad ', 'hostname ', 'RLM Initialization failed ', 'permission denied '],
      ...[
        'No frame ack from the client',
        'Failed checkout of product',
        'SELinux is preventing ',
        'drop_rate ',
      ],
    ];
    const hostile = fc
      .array(fc.constantFrom(...parts), { minLength: 1, maxLength: 3 })
      .map((some) => some.join('').repeat(Math.ceil(100_000 / some.join('').length)));
    fc.assert(
      fc.property(hostile, (line) => {
        const startedAt = performance.now();
        explainLine(line, ON_AGENT1);
        // 100 KB take 0.1 s at most where time grows with the length, and minutes where it grows with its square
        expect(performance.now() - startedAt).toBeLessThan(2_000);
      }),
      { numRuns: 30 },
    );
  });
});
