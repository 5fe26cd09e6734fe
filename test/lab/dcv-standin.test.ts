import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseConnections, parseSession, parseSessions } from '../../src/dcv/session/parse.ts';
import type { CommandResult } from './command.ts';
import { eventually } from './support/eventually.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import { configureDcv, freshStandin, setFaults } from './support/standin.ts';
import { openViewer, refusedViewer } from './support/viewer.ts';

// What dcvops is tried against has to behave as DCV does, or every other test on the lab proves nothing.

let lab: TestLab;
let agent: TestHost;
let page: string;

beforeAll(async () => {
  lab = await useLab();
  agent = lab.host('agent1');
  page = `https://${agent.address}:8443/`;
});

beforeEach(() => freshStandin(agent));
afterAll(() => freshStandin(agent));

const CREATE = 'dcv create-session --user ec2-user --owner ec2-user';
const AS_USER = 'runuser -u ec2-user --';

async function curl(args: string): Promise<{ status: number; headers: string; body: string }> {
  const { stdout } = await lab.operator.sh(`curl -sk -i --max-time 10 ${args}`);
  const [head = '', ...body] = stdout.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), headers: head.toLowerCase(), body: body.join('\r\n\r\n') };
}

describe('the dcv command', () => {
  it('lists no sessions as DCV does', async () => {
    expect(await agent.sh('dcv list-sessions')).toBe('There are no sessions available.');
    expect(JSON.parse(await agent.sh('dcv list-sessions -j'))).toEqual([]);
  });

  it('creates a session and tells of it in every recorded shape', async () => {
    await agent.sh(`${CREATE} --name "Jane's desk (old)" desk`);
    const text = await agent.sh('dcv list-sessions');
    expect(text).toBe("Session: 'desk' (owner:ec2-user type:virtual name:'Jane's desk (old)')");
    const [fromText] = parseSessions(text);
    const [fromJson] = parseSessions(await agent.sh('dcv list-sessions --json'));
    const described = parseSession(await agent.sh('dcv describe-session desk --json'));
    const told = { id: 'desk', owner: 'ec2-user', type: 'virtual', name: "Jane's desk (old)" };
    expect(fromText).toMatchObject(told);
    expect(fromJson).toMatchObject({ ...told, user: 'ec2-user', status: 'created', connections: 0 });
    expect(fromJson?.createdAt).toBeInstanceOf(Date);
    expect(fromJson?.display).toMatch(/^:[1-9]\d*$/);
    expect(described).toEqual(fromJson);

    const facts = { id: 'desk', owner: 'ec2-user', display: fromJson?.display, heads: [{ width: 1280 }] };
    expect(await agent.sh('dcv describe-session desk')).toMatch(/^Session:\n\s+id: desk\n/);
    expect(parseSession(await agent.sh('dcv describe-session desk'))).toMatchObject(facts);
    await setFaults(agent, { like: '2023' });
    expect(await agent.sh('dcv describe-session desk')).toMatch(/^Session: desk\n\s+owner: ec2-user\n/);
    expect(parseSession(await agent.sh('dcv describe-session desk'))).toMatchObject(facts);
    expect(await agent.sh('dcv list-sessions')).toMatch(/^Session: desk \(owner/);
  });

  it.each([
    [
      'an unknown option: prints the help',
      `${CREATE} --dcv-gl-disabled x`,
      /Unknown option --dcv-gl-disabled[^]*Usage:/,
    ],
    ['no id', 'dcv create-session', /Missing session_id[^]*Usage:/],
    [
      'a name of 257 characters',
      `${CREATE} --name ${'x'.repeat(257)} x`,
      /^Could not create session\. .*256/,
    ],
    ['another type', 'dcv create-session --type=cloud x', /Invalid session type/],
    [
      'a user for a console',
      'dcv create-session --type=console --user=ec2-user x',
      /--user is supported with virtual/,
    ],
    ['gl for a console', 'dcv create-session --type=console --gl=on x', /--gl is supported with virtual/],
    [
      'an init script for a console',
      'dcv create-session --type=console --init=/bin/true x',
      /--init is supported with/,
    ],
    ['an init script that is none', `${CREATE} --init=/etc/hostname x`, /not an executable file/],
    [
      'an unknown user',
      'dcv create-session --user=ghost x',
      /^Could not create session\. User 'ghost' does not exist/,
    ],
    [
      'a console by a user',
      `${AS_USER} dcv create-session --type=console x`,
      /Only the root user can create console/,
    ],
    [
      'another user by a user',
      `${AS_USER} dcv create-session --user=root x`,
      /Only the root user can create sessions for/,
    ],
    ['a session that is not there', 'dcv describe-session x', /^Could not describe session\. /],
    ['closing what is not there', 'dcv close-session x', /^Could not close session\. /],
    ['an unknown command', 'dcv describe-sessions', /Unknown command 'describe-sessions'/],
  ])('refuses %s', async (_what, command, message) => {
    const { code, stdout, stderr } = await agent.attempt(command);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('has one console, and never a console beside virtual sessions', async () => {
    const refused = async (command: string): Promise<string> => (await agent.attempt(command)).stderr;
    await agent.sh(`${CREATE} desk`);
    expect(await refused(`${CREATE} desk`)).toMatch(/already exists/);
    expect(await refused('dcv create-session --type=console screen')).toMatch(
      /Console and virtual sessions cannot run/,
    );
    await agent.sh('dcv close-session desk; dcv create-session --type=console --owner ec2-user screen');
    expect(await agent.sh('dcv list-sessions')).toBe("Session: 'screen' (owner:ec2-user type:console)");
    expect(await refused('dcv create-session --type=console second')).toMatch(
      /A console session already exists/,
    );
    expect(await refused(`${CREATE} desk`)).toMatch(/Console and virtual sessions cannot run/);
  });

  it('shows a user only the sessions that were created as that user', async () => {
    await agent.sh(
      `dcv create-session --user root --owner root roots; ${CREATE} desk; ${AS_USER} dcv create-session own`,
    );
    const ids = async (as: string): Promise<string[]> =>
      parseSessions(await agent.sh(`${as} dcv list-sessions -j`)).map(({ id }) => id);
    expect(await ids('')).toEqual(['roots', 'desk', 'own']);
    expect(await ids(AS_USER)).toEqual(['desk', 'own']);
    expect((await agent.attempt(`${AS_USER} dcv close-session roots`)).code).toBe(1);
    expect((await agent.attempt(`${AS_USER} dcv close-session own`)).code).toBe(0);
  });

  it('defaults to the caller: under sudo a missing owner is root', async () => {
    await agent.sh('dcv create-session forgotten');
    expect(await agent.sh('dcv list-sessions')).toBe("Session: 'forgotten' (owner:root type:virtual)");
  });

  it('says that the service is not running, and nothing else', async () => {
    await agent.sh('systemctl stop dcvserver');
    const answers: CommandResult[] = [
      await agent.attempt(`${CREATE} x`),
      await agent.attempt('dcv list-sessions'),
    ];
    expect(answers).toEqual([
      { code: 1, stdout: '', stderr: 'Could not create session. The dcvserver service is not running\n' },
      { code: 1, stdout: '', stderr: 'Could not list sessions. The dcvserver service is not running\n' },
    ]);
    expect(await agent.sh('dcv version')).toMatch(/^Amazon DCV 2023\.0 \(r14852\)\n/);
  });

  it('is under a locale that is not UTF-8 what GLib makes of it', async () => {
    await agent.sh(`${CREATE} --name=Büro desk`);
    expect(await agent.sh('LC_ALL=C dcv close-connection --help')).toContain('[OPTION?] session_id');
    expect(await agent.sh('LC_ALL=C dcv list-sessions')).toContain("name:'B?ro'");
    const { code, stderr } = await agent.attempt('LC_ALL=C dcv set-name --session=desk --name=é');
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(stderr).toMatch(/^Invalid byte sequence in conversion input\n\nUsage:/);
  });

  it('reads and sets the configuration', async () => {
    expect(await agent.sh('dcv get-config --all')).toMatch(
      /\[connectivity\]\n[^]*idle-timeout=60\n[^]*web-port=8443\n/,
    );
    await configureDcv(agent, await agent.read('/etc/dcv/dcv.conf'));
    await agent.sh(`dcv set-config --section log --key level "'debug'"`);
    expect(await agent.sh('dcv get-config --section log --key level')).toBe("'debug'");
    expect(await agent.sh('cat /etc/dcv/dcv.conf')).toContain("level='debug'");
    expect((await agent.attempt('dcv set-config --section log --key level loud')).code).toBe(1);
    expect((await agent.attempt('dcv set-config --section connectivity --key web-port 80')).code).toBe(1);
    expect((await agent.attempt(`${AS_USER} dcv set-config --section log --key level "'warn'"`)).code).toBe(
      1,
    );
  });
});

describe('the life of a session', () => {
  const of = (user: string): RegExp => new RegExp(`dcvagent|Xdcv|openbox|xterm|${user}-nothing`);

  it('runs a desktop as its user, and leaves nothing when it is closed', async () => {
    await agent.sh(`${CREATE} desk`);
    const users = await agent.sh('ps -o user:20= -C Xdcv,openbox,xterm | sort | uniq -c');
    expect(users.trim()).toBe('3 ec2-user');
    expect(await agent.sh('ls /var/log/dcv')).toMatch(/^Xdcv\.ec2-user\.desk\.log$/m);
    expect(await agent.sh('ls /var/log/dcv')).toMatch(/^agent\.ec2-user\.desk\.log$/m);
    expect(await agent.sh('ls /var/log/dcv')).toMatch(/^dcv-xsession\.ec2-user\.desk\.log$/m);
    await agent.sh('dcv close-session desk');
    expect(await agent.processes(of('ec2-user'))).toEqual([]);
  });

  it.each([
    ['restarted', 'systemctl restart dcvserver'],
    ['killed', 'systemctl kill -s SIGKILL dcvserver; sleep 0.1'],
    ['left without its launcher', 'systemctl restart dcvsessionlauncher'],
  ])('ends when dcvserver is %s', async (_what, command) => {
    await agent.sh(`${CREATE} a; ${CREATE} b`);
    await agent.sh(command);
    await eventually(async () => {
      expect(await agent.sh('dcv list-sessions')).toBe('There are no sessions available.');
      expect(await agent.processes(of('ec2-user'))).toEqual([]);
    });
    await agent.sh(`${CREATE} a`);
  });

  it.each(['[d]cvagent', '[X]dcv', '[o]penbox'])(
    'ends when its %s dies, and says so in the logs',
    async (name) => {
      await agent.sh(`${CREATE} desk`);
      await agent.sh(`pkill -KILL -f '${name}'`);
      await eventually(async () => {
        expect(await agent.sh('dcv list-sessions')).toBe('There are no sessions available.');
      });
      expect(await agent.processes(of('ec2-user'))).toEqual([]);
      expect(await agent.sh('grep "\'desk\' ended" /var/log/dcv/server.log | tail -n 1')).toMatch(
        /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{6} \[ *\d+:\d+ *\] WARN {2}session-manager - Session 'desk' ended: /,
      );
    },
  );

  it('ends at once when its init script does: success of create-session proves nothing', async () => {
    await agent.write('/opt/broken', '#!/bin/sh\necho "startxfce4: not found" >&2\nexit 127\n', '755');
    expect((await agent.attempt(`${CREATE} --init /opt/broken desk`)).code).toBe(0);
    await eventually(async () => {
      expect(await agent.sh('dcv list-sessions')).toBe('There are no sessions available.');
    });
    expect(await agent.sh('cat /var/log/dcv/dcv-xsession.ec2-user.desk.log')).toBe('startxfce4: not found');
    expect(await agent.sh('cat /var/log/dcv/agent.ec2-user.desk.log')).toContain(
      'Session script exited with status 127',
    );
  });

  it('is limited by max-concurrent-sessions', async () => {
    await configureDcv(
      agent,
      '[session-management]\nmax-concurrent-sessions=1\n[security]\nauthentication="none"\n',
    );
    await agent.sh(`${CREATE} a`);
    expect((await agent.attempt(`${CREATE} b`)).stderr).toMatch(/maximum number of concurrent sessions/);
  });
});

describe('faults on demand', () => {
  it('has no licence, in the words on record', async () => {
    await setFaults(agent, { 'no-licence': true });
    const { code, stderr } = await agent.attempt('dcv create-session --type=console x');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'Could not create console session: Could not acquire dcv licenses: No license for product (-1)\n',
    });
  });

  it('is active and does not answer yet', async () => {
    await setFaults(agent, { 'slow-start-seconds': 2 });
    await agent.sh('systemctl restart dcvserver');
    expect(await agent.sh('systemctl is-active dcvserver')).toBe('active');
    expect((await agent.attempt('dcv list-sessions')).stderr).toContain('service is not running');
    await eventually(() => agent.sh('dcv list-sessions'));
  });

  it('loses a session after it was created', async () => {
    await setFaults(agent, {
      'session-dies-after-seconds': 0.5,
      'session-dies-message': 'GL initialisation failed',
    });
    await agent.sh(`${CREATE} desk`);
    await eventually(async () => {
      expect(await agent.sh('dcv list-sessions')).toBe('There are no sessions available.');
    });
    expect(await agent.sh('cat /var/log/dcv/agent.ec2-user.desk.log')).toMatch(
      /ERROR agent - GL initialisation failed/,
    );
  });

  it('refuses a switch that it does not know: a typo must not make a test pass', async () => {
    await setFaults(agent, { 'no-license': true });
    expect((await agent.attempt(`${CREATE} desk`)).stderr).toContain('no such fault: no-license');
  });
});

describe('the web side', () => {
  const UPGRADE =
    '--http1.1 -H Connection:Upgrade -H Upgrade:websocket -H Sec-WebSocket-Version:13 -H Sec-WebSocket-Key:dGhlIHNhbXBsZSBub25jZQ==';
  const DCV = '-H Sec-WebSocket-Protocol:dcv';

  it('answers / as recorded', async () => {
    const { status, headers } = await curl(page);
    expect(status).toBe(200);
    expect(headers).toContain('content-type: text/html; charset="utf-8"');
    expect(headers).toContain('server: dcv');
    expect(headers).toContain('x-frame-options: deny');
    expect(headers).toContain('strict-transport-security: max-age=31536000; includesubdomains');
  });

  it.each([
    ['/version', '', 200],
    ['/js/main.js', '', 200],
    ['/js/lib/novnc/core/rfb.js', '', 200],
    ['/nothing', '', 404],
    ['/resource/file/x', '-X DELETE', 404],
    ['/../../../etc/passwd', '--path-as-is', 404],
    ['/js/lib/novnc/..%2f..%2f..%2fetc/passwd', '--path-as-is', 404],
    ['/auth', '', 400],
    ['/', '-0 -H Host:', 400],
    ['/', '--http1.1 -H Host:', 400],
  ])('answers %s %s with %i, always as dcv', async (path, options, wanted) => {
    const { status, headers } = await curl(`${options} '${page.slice(0, -1)}${path}'`);
    expect(status).toBe(wanted);
    expect(headers).toContain('server: dcv');
  });

  it('answers HTTP/1.0 without a Host with an empty 400, and nothing more', async () => {
    const { headers, body } = await curl(`-0 -H Host: ${page}`);
    expect(headers).toMatch(/^http\/1\.0 400 bad request\r\n/);
    expect(headers).toContain('content-length: 0');
    expect(headers).not.toContain('x-frame-options');
    expect(body).toBe('');
  });

  it.each([
    ['auth with the subprotocol', `${DCV} -H Origin:https://x`, 'auth', 101],
    ['ws with the subprotocol', `${DCV} -H Origin:https://x`, 'ws', 101],
    ['a client without an origin', DCV, 'ws', 101],
    ['no subprotocol', '', 'ws', 400],
    ['another subprotocol', '-H Sec-WebSocket-Protocol:binary', 'ws', 400],
    ['an origin that is not https', `${DCV} -H Origin:http://x`, 'auth', 403],
    ['another path', DCV, 'main', 404],
  ])('takes a WebSocket: %s', async (_what, options, path, wanted) => {
    const { status, headers } = await curl(`${UPGRADE} ${options} --max-time 1 ${page}${path}`);
    expect(status).toBe(wanted);
    if (wanted === 101) expect(headers).toContain('sec-websocket-protocol: dcv');
  });

  it('obeys the host and origin expressions and web-url-path', async () => {
    await configureDcv(
      agent,
      `[connectivity]\nweb-url-path="/desk1"\n[security]\nauthentication="none"\nallowed-http-host-regex="^desks\\.example$"\nallowed-ws-origin-regex="^https://desks\\.example$"\n`,
    );
    expect((await curl(`${page}desk1/`)).status).toBe(403);
    expect((await curl(`-H Host:desks.example ${page}desk1/`)).status).toBe(200);
    expect((await curl(`-H Host:desks.example ${page}`)).status).toBe(404);
    const upgrade = `${UPGRADE} ${DCV} --max-time 1 -H Host:desks.example`;
    expect((await curl(`${upgrade} -H Origin:https://other ${page}desk1/auth`)).status).toBe(403);
    expect((await curl(`${upgrade} -H Origin:https://desks.example ${page}desk1/auth`)).status).toBe(101);
  });

  it('has no page without its viewer package, and still names itself', async () => {
    await setFaults(agent, { 'no-web-viewer': true });
    const { status, headers } = await curl(page);
    expect(status).toBe(404);
    expect(headers).toContain('server: dcv');
  });

  it('serves a certificate that was replaced, without a restart', async () => {
    const served = async (): Promise<string> =>
      (
        await lab.operator.sh(
          `openssl s_client -connect ${agent.address}:8443 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint`,
        )
      ).stdout;
    const before = await served();
    const pid = await agent.sh('systemctl show -p MainPID --value dcvserver');
    await agent.sh('rm /etc/dcv/dcv.pem && /usr/libexec/dcv/dcv-make-certificate');
    await eventually(async () => {
      expect(await served()).not.toBe(before);
    });
    expect(await agent.sh('systemctl show -p MainPID --value dcvserver')).toBe(pid);
    expect(await agent.sh('stat -c "%a %U" /etc/dcv/dcv.pem /etc/dcv/dcv.key')).toBe('600 dcv\n600 dcv');
  });
});

describe('a viewer', () => {
  it('sees the desktop of this host, types into it, and is listed while it looks', async () => {
    await agent.sh(`rm -f /tmp/typed; ${CREATE} desk`);
    const viewer = await openViewer(lab, `${page}#desk`, 'echo "$(id -un)@$(hostname)" >/tmp/typed');
    expect(viewer.desktop).toBe('agent1 desk');
    await eventually(async () => {
      expect(await agent.sh('cat /tmp/typed')).toBe('ec2-user@agent1');
    });
    const [connection, ...others] = parseConnections(await agent.sh('dcv list-connections -j desk'));
    expect(others).toEqual([]);
    expect(connection).toMatchObject({ id: '1', username: 'ec2-user', transport: 'websocket' });
    expect(connection?.address).toMatch(/^10\.150\.248\.1:\d+$/);
    expect(parseSession(await agent.sh('dcv describe-session -j desk')).connections).toBe(1);
    await viewer.leave();
    await eventually(async () => {
      expect(parseConnections(await agent.sh('dcv list-connections -j desk'))).toEqual([]);
    });
    expect(parseSession(await agent.sh('dcv describe-session -j desk')).lastDisconnectedAt).toBeInstanceOf(
      Date,
    );
  });

  it('gets the only session without naming one, and must name one of several', async () => {
    await agent.sh(`${CREATE} desk`);
    const viewer = await openViewer(lab, page);
    expect(viewer.desktop).toBe('agent1 desk');
    await viewer.leave();
    await agent.sh(`${CREATE} second`);
    expect(await refusedViewer(lab, page)).toMatchObject({ error: 'NO_SESSIONS' });
  });

  it('is told that there is no session, in DCV’s words', async () => {
    expect(await refusedViewer(lab, page)).toEqual({ error: 'NO_SESSIONS', message: 'No session available' });
    await agent.sh(`${CREATE} desk`);
    expect(await refusedViewer(lab, `${page}#other`)).toEqual({
      error: 'SESSION_NOT_AVAILABLE',
      message: 'The other session is not available',
    });
    expect(await agent.sh('tail -n 1 /var/log/dcv/server.log')).toMatch(
      /WARN {2}frontend-handler - Invalid connection request from client '10\.150\.248\.1:\d+': unknown session 'other'$/,
    );
  });

  it.each([
    ['the session is closed', 'dcv close-session desk'],
    ['dcvserver is restarted', 'systemctl restart dcvserver'],
    ['the desktop dies', 'pkill -KILL -x Xdcv'],
    ['it is sent away', 'dcv close-connection desk 1'],
  ])('is disconnected when %s', async (_what, command) => {
    await agent.sh(`${CREATE} desk`);
    const viewer = await openViewer(lab, page);
    await agent.sh(command);
    await viewer.gone;
  });

  it('is refused where the session takes no more', async () => {
    await agent.sh(`${CREATE} --max-concurrent-clients 1 desk`);
    const first = await openViewer(lab, page);
    expect(await refusedViewer(lab, page)).toMatchObject({
      error: 'CONNECTION_LIMIT_REACHED',
      message: 'Maximum number of clients reached',
    });
    await first.leave();
  });

  it('has to log in where authentication is system', async () => {
    await configureDcv(agent, '[security]\nauthentication="system"\n');
    await agent.sh(`${CREATE} desk`);
    expect(await refusedViewer(lab, page)).toMatchObject({ error: 'CREDENTIALS_REQUESTED' });
  });
});
