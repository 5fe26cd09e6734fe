import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import type { RunningProgram } from './support/program.ts';
import { restartDcv } from './support/standin.ts';

const ACCESS = '/var/log/nginx/dcv-access.log';
const ERROR = '/var/log/nginx/dcv-error.log';
const SERVER = '/var/log/dcv/server.log';

let lab: TestLab;
let gateway: TestHost;
let agent1: TestHost;
let agent2: TestHost;

beforeAll(async () => {
  lab = await useLab();
  gateway = lab.host('gateway');
  agent1 = lab.host('agent1');
  agent2 = lab.host('agent2');
});

/** Empties what hosts, all without any, have of the logs that are read here. */
async function emptyLogs(...hosts: readonly TestHost[]): Promise<void> {
  await Promise.all(
    (hosts.length === 0 ? lab.hosts : hosts).map((host) =>
      host.role === 'proxy'
        ? host.sh(`rm -f ${ACCESS}* ${ERROR}*; touch ${ACCESS} ${ERROR}`)
        : host.sh(`rm -f /var/log/dcv/*.log*; touch ${SERVER}`),
    ),
  );
}

afterAll(async () => {
  await Promise.all([gateway, agent1, agent2].flatMap((host) => [host.reconnect(), host.openPorts()]));
  // what runs writes into files that are gone
  await Promise.all([agent1, agent2].map(restartDcv));
});

/** A line of nginx's error log; `second` counts from noon of a day, in the host's clock, which is UTC. */
function errorLine(second: number, text: string): string {
  const time = new Date(Date.UTC(2026, 10, 25, 12, 0, second)).toISOString().slice(11, 19);
  return `2026/11/25 ${time} [error] 1#1: ${text}`;
}

function dcvLine(second: number, text: string, level = 'INFO '): string {
  const time = new Date(Date.UTC(2026, 10, 25, 12, 0, second)).toISOString().slice(11, 19);
  return `2026-11-25 ${time},123456 [     1:1     ] ${level} test - ${text}`;
}

async function append(host: TestHost, file: string, ...lines: string[]): Promise<void> {
  await host.sh(`cat >>${file}`, { input: lines.map((line) => `${line}\n`).join('') });
}

/** What was shown of the lines that `errorLine` and `dcvLine` made, without the columns. */
function textsIn(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('2026-11-25 12:'))
    .map((line) => line.slice(26).replace(/ {2,}/g, ' '));
}

/** Starts to follow, and waits until the named files are being read on their hosts. */
async function follow(args: readonly string[], files: readonly string[]): Promise<RunningProgram> {
  const program = lab.startDcvops(['logs', '--follow', '--utc', '-v', ...args]);
  await eventually(() => files.every((file) => program.stderr().includes(`follow ${file} (`)), {
    timeoutMs: 20_000,
  });
  return program;
}

async function interrupt(program: RunningProgram): Promise<void> {
  program.kill('SIGINT');
  expect((await program.ended).code).toBe(130);
}

/** What dcvops left running on a host. */
function leftRunning(host: TestHost): Promise<{ args: string }[]> {
  return host.processes(/\/dev\/fd\/3|journalctl.*--output=json|stat -c|dcvops/);
}

describe('dcvops logs', () => {
  beforeEach(() => emptyLogs());

  it('merges what all hosts wrote by time', async () => {
    await append(gateway, ERROR, errorLine(1, 'one'), errorLine(4, 'four'));
    await append(agent1, SERVER, dcvLine(2, 'two'), dcvLine(5, 'five'));
    await append(agent2, SERVER, dcvLine(3, 'three'));
    const { stdout, stderr, code } = await lab.dcvops(['logs', '--utc', '--source', 'error,dcv']);
    expect(textsIn(stdout)).toEqual([
      'gateway error error one',
      'agent1 dcv info test: two',
      'agent2 dcv info test: three',
      'gateway error error four',
      'agent1 dcv info test: five',
    ]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });

  it('begins with the last lines of each log, all of them, or a time, in rotated files too', async () => {
    const old = Array.from({ length: 30 }, (_, second) => errorLine(second, `old ${second}`));
    await gateway.sh(`cat >${ERROR}.2; gzip ${ERROR}.2`, { input: `${old.join('\n')}\n` });
    await gateway.sh(`cat >${ERROR}.1`, { input: `${errorLine(40, 'rotated')}\n` });
    await append(gateway, ERROR, errorLine(50, 'a'), errorLine(51, 'b'), errorLine(52, 'c'));
    const shown = async (...args: string[]): Promise<string[]> =>
      textsIn((await lab.dcvops(['logs', 'gateway', '--source', 'error', '--utc', ...args])).stdout).map(
        (text) => text.split(' error error ')[1] ?? '',
      );
    expect(await shown('-n', '2')).toEqual(['b', 'c']);
    expect(await shown('-n', 'all')).toEqual(['a', 'b', 'c']);
    expect(await shown('--since', '2026-11-25 12:00:28')).toEqual([
      'old 28',
      'old 29',
      'rotated',
      'a',
      'b',
      'c',
    ]);
    expect(await shown('--since', '2026-11-25 12:00:28', '--until', '2026-11-25 12:00:45')).toEqual([
      'old 28',
      'old 29',
      'rotated',
    ]);
    expect(await shown('--grep', 'a|b', '-n', '1')).toEqual(['b']);
    expect(await shown('--exclude', 'b$')).toEqual(['a', 'c']);
  });

  it('finds a time in a large log without reading it all', async () => {
    await gateway.sh(
      `awk 'BEGIN { for (i = 0; i < 400000; i++) printf "2026/11/24 %02d:%02d:%02d [error] 1#1: line %d\\n", i / 3600 % 24, i / 60 % 60, i % 60, i }' | head -n 86400 >${ERROR}`,
    );
    const { stdout } = await lab.dcvops([
      'logs',
      'gateway',
      '--source',
      'error',
      '--utc',
      '--since',
      '2026-11-24T23:59:58Z',
      '-v',
    ]);
    expect(stdout.match(/line \d+/g)).toEqual(['line 86398', 'line 86399']);
  });

  it('shows requests, masks what logs in, and is data under --json', async () => {
    await lab.dcvops(['deploy', '--yes']);
    await gateway.sh('nginx -s reopen');
    const path = '/10.150.248.180/version?authToken=s3cr3t-token';
    await lab.operator.sh(
      `curl -sk 'https://10.213.66.188:8443${path}'; curl -sk 'https://10.213.66.188:8443/10.99.0.1/'`,
    );
    await eventually(async () => (await gateway.read(ACCESS)).includes('10.99.0.1')); // nginx writes once a second
    await append(gateway, ERROR, errorLine(1, `failed, request: "GET ${path} HTTP/1.1"`));
    const { stdout } = await lab.dcvops(['logs', 'gateway', '--since', '2026-11-25']);
    expect(stdout).toMatch(/gateway {2}access {2}10\.213\.0\.10 200 agent1 \/version .* ms/);
    expect(stdout).toMatch(/gateway {2}access {2}10\.213\.0\.10 403 10\.99\.0\.1 .* deny/);
    expect(stdout).toContain('/version?*** HTTP/1.1');
    expect(stdout).not.toContain('s3cr3t');
    const refused = await lab.dcvops(['logs', 'gateway', '--source', 'access', '--status', '4xx', '--json']);
    const records = refused.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records).toMatchObject([
      { host: 'gateway', source: 'access', file: ACCESS, access: { status: 403, client: '10.213.0.10' } },
    ]);
  });

  it('reads more logs of a host than a connection has channels', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `s${index}`);
    await agent1.sh(
      `for id in ${ids.join(' ')}; do
         i=0; while [ $i -lt 20000 ]; do printf '2026-11-25 12:%02d:%02d,%06d [     1:1     ] INFO  test - %s %s %0100d\n' $((i / 1000)) $((i % 1000 * 60 / 1000)) 0 "$id" "$i" 0; i=$((i + 1)); done >/var/log/dcv/agent.ec2-user.$id.log
       done`,
    );
    const { stdout, code } = await lab.dcvops([
      'logs',
      'agent1',
      '--source',
      'session',
      '--utc',
      '-n',
      'all',
    ]);
    const numbers = new Map(ids.map((id) => [id, [] as number[]]));
    for (const [, id = '', line] of stdout.matchAll(/test: (s\d+) (\d+) 0/g))
      numbers.get(id)?.push(Number(line));
    const all = Array.from({ length: 20_000 }, (_, line) => line);
    for (const [id, shown] of numbers) expect(shown, id).toEqual(all);
    expect(code).toBe(0);
  }, 60_000);

  it('shows a last line that has no end yet', async () => {
    await gateway.sh(`printf '%s' '${errorLine(1, 'not ended')}' >>${ERROR}`);
    const { stdout } = await lab.dcvops(['logs', 'gateway', '--source', 'error', '--utc']);
    expect(textsIn(stdout)).toEqual(['gateway error error not ended']);
  });

  it('says what a known sign of trouble means', async () => {
    await append(
      agent1,
      SERVER,
      dcvLine(1, "Invalid connection request from client '10.0.0.38:2098': unknown session 'gone'", 'WARN '),
    );
    const { stdout } = await lab.dcvops(['logs', 'agent1', '--source', 'dcv', '--utc']);
    expect(stdout).toMatch(/\n +→ .*: dcvops session list agent1\n/);
  });

  it('never obeys what a log holds', async () => {
    const hostile = `\x1b]0;owned\x07\x1b[2J \u202egnp.exe \xff`;
    await agent1.sh(
      `printf '%b' '${dcvLine(1, '\\0033]0;owned\\0007 \\0342\\0200\\0256exe \\0377')}\\n' >>${SERVER}`,
    );
    await agent1.sh(
      `{ printf '%s' '${dcvLine(2, '')}'; head -c 10000000 /dev/zero | tr '\\0' x; echo; echo '${dcvLine(3, 'after')}'; } >>${SERVER}`,
    );
    const { stdout, code } = await lab.dcvops(['logs', 'agent1', '--source', 'dcv', '--utc']);
    expect(code).toBe(0);
    expect(stdout).toContain('\\x1b]0;owned\\x07 \\u202eexe \ufffd');
    expect(stdout).toContain('test: after');
    expect(stdout.length).toBeLessThan(200_000);
    for (const character of hostile.slice(0, 1)) expect(stdout).not.toContain(character);
    const terminal = lab.dcvopsOnTerminal(['logs', 'agent1', '--source', 'dcv', '--raw', '--no-color']);
    const { stdout: shown } = await terminal.ended;
    expect(shown).not.toMatch(/\x1b\]|\u202e/);
  }, 60_000);

  it('passes bytes on as they are with --raw in a pipe', async () => {
    await agent1.sh(`printf 'a\\001\\377\\r\\nb?authToken=x\\n' >${SERVER}`);
    const { stdout } = await lab.operator.sh(
      `${process.execPath} ${path.resolve('dist/main.js')} logs agent1 --source dcv --raw | od -An -tx1`,
    );
    expect(stdout.replace(/\s+/g, ' ').trim()).toBe(
      '61 01 ff 0d 0a 62 3f 61 75 74 68 54 6f 6b 65 6e 3d 78 0a',
    );
  });

  it('ends with a reader that has seen enough', async () => {
    await append(
      gateway,
      ERROR,
      ...Array.from({ length: 5000 }, (_, index) => errorLine(1, `line ${index}`)),
    );
    const dcvops = `${process.execPath} ${path.resolve('dist/main.js')}`;
    const { stdout, stderr } = await lab.operator.sh(
      `{ ${dcvops} logs gateway --source error -n all --follow; echo "exit $?" >&2; } | head -n 1`,
    );
    expect(stdout).toContain('line 0');
    expect(stderr).toBe('exit 0\n');
    await eventually(async () => (await leftRunning(gateway)).length === 0);
  });

  it('writes a file for each host and source that nobody else can read, and replaces none', async () => {
    await append(gateway, ERROR, errorLine(1, 'one'));
    await append(agent1, SERVER, dcvLine(2, 'two'));
    const folder = path.join(lab.home, `logs-${Date.now()}`);
    const args = ['logs', '--source', 'error,dcv', '--utc', '--output', folder];
    expect(await lab.dcvops(args)).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(path.join(folder, 'gateway.error.log'), 'utf8')).toContain('one');
    expect(await readFile(path.join(folder, 'agent1.dcv.log'), 'utf8')).toContain('two');
    expect((await stat(path.join(folder, 'gateway.error.log'))).mode & 0o777).toBe(0o600);
    const again = await lab.dcvops(args);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('it is there already');
  });

  it('reads what the inventory adds', async () => {
    const inventory = path.join(lab.directory, 'own-logs.yaml');
    const text = await readFile(lab.inventory, 'utf8');
    await lab.operator.sh(`cat >${inventory}`, {
      input: `${text}\nlogs:\n  - { name: app, path: /var/log/app/*.log, hosts: [agent1] }\n  - { name: cron, unit: cron }\n`,
    });
    await agent1.sh(
      'mkdir -p /var/log/app; echo "hello from app" >/var/log/app/one.log; systemctl restart cron',
    );
    const { stdout, code } = await lab.dcvops(['logs', '-i', inventory, '--source', 'app,cron']);
    expect(stdout).toContain('hello from app');
    expect(stdout).toMatch(/agent1 {3}cron .*cron/);
    expect(code).toBe(0);
  });

  it('begins with no line where none is asked for, also of those that pass', async () => {
    await append(gateway, ERROR, errorLine(1, 'one'), errorLine(2, 'two'));
    const { stdout } = await lab.dcvops([
      'logs',
      'gateway',
      '--source',
      'error',
      '-n',
      '0',
      '--level',
      'warn',
    ]);
    expect(stdout).toBe('');
  });

  it('does not let one dead host stop the others', async () => {
    await append(agent1, SERVER, dcvLine(2, 'two'));
    await agent2.disconnect();
    const { stdout, stderr, code } = await lab.dcvops([
      'logs',
      'agent*',
      '--source',
      'dcv',
      '--utc',
      '--connect-timeout',
      '2',
    ]);
    await agent2.reconnect();
    expect(textsIn(stdout)).toEqual(['agent1 dcv info test: two']);
    expect(stderr).toContain('✖ agent2: ');
    expect(code).toBe(4);
  });

  it('reads no file through a link that a user planted', async () => {
    await agent1.sh('ln -sf /etc/shadow /var/log/dcv/agent.ec2-user.evil.log');
    const { stdout, stderr } = await lab.dcvops(['logs', 'agent1', '--source', 'session']);
    expect(stdout).not.toContain('root:');
    expect(stderr).toContain('agent.ec2-user.evil.log');
    expect(stderr).toContain('is no plain file and is not read');
  });

  it.each([
    ['a source that is none', ['--source', 'acess'], 'no log source is called acess'],
    ['a time that is none', ['--since', '25:00'], '--since "25:00" is not understood'],
    ['a pattern that is none', ['--grep', '('], '--grep "(" is not understood'],
    ['a status that is none', ['--status', '7xx'], '--status "7xx" is not understood'],
    ['a client that is none', ['--client', '10.0.0.300'], '--client "10.0.0.300" is not understood'],
    ['an end of what never ends', ['--follow', '--until', '10m'], '--until ends what --follow'],
    ['hosts without the source', ['gateway', '--source', 'dcv'], 'none of these hosts has dcv'],
  ])('refuses %s', async (_, args, message) => {
    const { stderr, code } = await lab.dcvops(['logs', ...args]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('dcvops logs --follow', () => {
  beforeEach(() => emptyLogs());

  it('follows a log through rotation, renamed, packed and copied away, and misses and repeats nothing', async () => {
    const program = await follow(['gateway', '--source', 'error', '-n', '0'], [ERROR]);
    await append(gateway, ERROR, errorLine(1, 'before'));
    await gateway.sh(
      `mv ${ERROR} ${ERROR}.1; echo '${errorLine(2, 'still the old file')}' >>${ERROR}.1; echo '${errorLine(3, 'the new file')}' >${ERROR}`,
    );
    await program.waitFor('the new file');
    await gateway.sh(`echo '${errorLine(4, 'late in the old file')}' >>${ERROR}.1; gzip ${ERROR}.1`);
    await program.waitFor('late in the old file');
    // twice between two looks
    await gateway.sh(
      `mv ${ERROR} ${ERROR}.3; echo '${errorLine(5, 'never current when looked at')}' >${ERROR}; mv ${ERROR} ${ERROR}.2; echo '${errorLine(6, 'current')}' >${ERROR}`,
    );
    await program.waitFor('current\n');
    await append(gateway, ERROR, errorLine(7, 'before the truncation'));
    // a file that has grown beyond what was read of it shows nobody that it was cut in between
    await program.waitFor('before the truncation');
    await gateway.sh(
      `cp ${ERROR} ${ERROR}.0; : >${ERROR}; echo '${errorLine(8, 'after the truncation')}' >>${ERROR}`,
    );
    await program.waitFor('after the truncation');
    await append(gateway, ERROR, errorLine(9, 'last'));
    await program.waitFor('last');
    await interrupt(program);
    expect(
      textsIn(program.stdout())
        .map((text) => text.replace('gateway error error ', ''))
        .sort(),
    ).toEqual(
      [
        ...[
          'before',
          'still the old file',
          'the new file',
          'late in the old file',
          'never current when looked at',
        ],
        ...['current', 'before the truncation', 'after the truncation', 'last'],
      ].sort(),
    );
  });

  it('ends at once when it is interrupted, also when nobody reads, and leaves nothing running on hosts', async () => {
    const dcvops = `${process.execPath} ${path.resolve('dist/main.js')}`;
    await append(
      gateway,
      ERROR,
      ...Array.from({ length: 20_000 }, (_, index) => errorLine(1, `line ${index}`)),
    );
    const program = lab.operator.start([
      'sh',
      '-c',
      `${dcvops} logs --follow -n all & echo "$! " >&2; wait; echo over >&2; sleep 60`,
    ]);
    // stdout is a pipe that is not read beyond what the test's own buffer takes
    await program.waitFor(/\d+ \n/);
    const pid = Number(/\d+/.exec(program.stderr())?.[0]);
    await eventually(async () => (await leftRunning(gateway)).length > 0);
    process.kill(pid, 'SIGINT');
    await program.waitFor('over', 5_000);
    program.kill('SIGKILL');
    await eventually(async () => {
      const left = await Promise.all([gateway, agent1, agent2].map(leftRunning));
      return left.flat().length === 0;
    });
  });

  it('leaves nothing running when it is killed', async () => {
    const program = await follow(['--source', 'error,dcv,journal', '-n', '0'], [ERROR, SERVER]);
    expect((await leftRunning(gateway)).length).toBeGreaterThan(0);
    program.kill('SIGKILL');
    await program.ended;
    await eventually(async () => {
      const left = await Promise.all([gateway, agent1, agent2].map(leftRunning));
      return left.flat().length === 0;
    });
  });
});

describe('dcvops logs --follow, while another host’s network is silent', () => {
  let silenced: RunningProgram;
  let over: Promise<unknown>;

  beforeAll(async () => {
    await emptyLogs();
    silenced = await follow(['gateway', '--source', 'error', '-n', '0'], [ERROR]);
    expect((await leftRunning(gateway)).length).toBeGreaterThan(0);
    await gateway.disconnect();
    over = eventually(async () => (await leftRunning(gateway)).length === 0, {
      timeoutMs: 60_000,
      intervalMs: 1000,
    }).catch((error: unknown) => error);
  });

  beforeEach(() => emptyLogs(agent1, agent2));

  it('takes up logs and sessions that come later', async () => {
    await agent1.sh(`rm ${SERVER}`);
    const program = lab.startDcvops(['logs', 'agent1', '--follow', '--utc', '--source', 'dcv,session', '-v']);
    await program.waitFor('watch log files');
    await append(agent1, SERVER, dcvLine(1, 'a server begins'));
    await program.waitFor('a server begins');
    await append(agent1, '/var/log/dcv/agent.ec2-user.later.log', dcvLine(2, 'a session begins'));
    await program.waitFor('a session begins');
    await interrupt(program);
  });

  it('shows lines of the journal and of logins', async () => {
    const program = lab.startDcvops([
      'logs',
      'agent1',
      '--follow',
      '-n',
      '0',
      '--source',
      'journal,auth',
      '-v',
    ]);
    await program.waitFor('follow the journal');
    await program.waitFor('follow the journal');
    await agent1.sh('logger -p auth.warning -t sshd "a login was tried"');
    await program.waitFor(/auth +warn +sshd: a login was tried/);
    await agent1.sh('systemctl restart dcvsessionlauncher');
    await program.waitFor(/journal +info +systemd: Started dcvsessionlauncher/);
    await interrupt(program);
  });

  it('tells once of a host that is lost, and goes on where it was when the host is back', async () => {
    const program = await follow(['agent*', '--source', 'dcv', '-n', '0'], [SERVER]);
    await append(agent1, SERVER, dcvLine(1, 'before the cut'));
    await program.waitFor('before the cut');
    await agent1.sh('pkill -o -KILL -f "sshd: [e]c2-user"; true');
    await agent1.sh(
      `echo '${dcvLine(2, 'during the cut')}' >>${SERVER}; mv ${SERVER} ${SERVER}.1; gzip ${SERVER}.1; echo '${dcvLine(3, 'in the new file')}' >${SERVER}`,
    );
    await append(agent2, SERVER, dcvLine(4, 'the others go on'));
    await program.waitFor('in the new file');
    await agent1.reboot();
    await append(agent1, SERVER, dcvLine(5, 'after the reboot'));
    await program.waitFor('after the reboot');
    await interrupt(program);
    const texts = textsIn(program.stdout()).filter((text) => text.includes('test:'));
    expect([...texts].sort()).toEqual(
      [
        ...['before the cut', 'during the cut', 'in the new file', 'after the reboot'].map(
          (text) => `agent1 dcv info test: ${text}`,
        ),
        'agent2 dcv info test: the others go on',
      ].sort(),
    );
    expect(program.stderr()).toMatch(/! agent1: connection to .* lost: .*; trying again/);
    expect(program.stderr()).toMatch(/agent1: back after /);
  });

  it('says what cannot be had any more', async () => {
    const program = await follow(['agent1', '--source', 'dcv', '-n', '0'], [SERVER]);
    await append(agent1, SERVER, dcvLine(1, 'before the cut'));
    await program.waitFor('before the cut');
    await agent1.closePort(22);
    await agent1.sh('pkill -KILL -f "sshd: [e]c2-user"; true');
    await program.waitFor('trying again');
    await agent1.sh(
      `echo '${dcvLine(2, 'never seen')}' >>${SERVER}; rm ${SERVER}; echo '${dcvLine(3, 'in the new file')}' >${SERVER}`,
    );
    await agent1.openPorts();
    await program.waitFor('in the new file');
    await interrupt(program);
    expect(program.stderr()).toContain(`! agent1: ${SERVER} was replaced while the host was away`);
  });

  it('gives up a host that nobody may log in to, and goes on with the others', async () => {
    await agent2.sh('mv /home/ec2-user/.ssh/authorized_keys /home/ec2-user/.ssh/away');
    const program = await follow(['agent*', '--source', 'dcv', '-n', '0'], [SERVER]);
    await append(agent1, SERVER, dcvLine(1, 'goes on'));
    await program.waitFor('goes on');
    await interrupt(program);
    await agent2.sh('mv /home/ec2-user/.ssh/away /home/ec2-user/.ssh/authorized_keys');
    expect(program.stderr()).toContain('✖ agent2: ');
  });

  it('leaves nothing running on that one within a minute', async () => {
    expect(await over).toBe(true);
    silenced.kill('SIGKILL');
    await silenced.ended;
    await gateway.reconnect();
  });
});
