import { spawn } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attempt, type CommandResult } from './command.ts';
import { down } from './down.ts';
import { hostInit, hostProcesses, hostsWithCgroup } from './host/cgroup.ts';
import { labFile, labPaths, REPOSITORY } from './paths.ts';
import type { LabRequest } from './plan.ts';
import { labStatus } from './status.ts';
import { eventually } from './support/eventually.ts';
import { keepToThisProcess, TEST_LAB, useLab } from './support/lab.ts';
import { traces } from './support/leftovers.ts';
import { up } from './up.ts';

const LAB = `${TEST_LAB}-a`;
const OTHER_LAB = `${TEST_LAB}-b`;
const PROXY_ONLY = { proxies: 1, agents: 0 };

/** Runs `npm run lab -- ARGS`, without npm. */
function lab(...args: string[]): Promise<CommandResult> {
  return attempt([process.execPath, '--import', 'tsx', labFile('cli.ts'), ...args], { cwd: REPOSITORY });
}

async function upWith(name: string, ...args: string[]): Promise<CommandResult> {
  const result = await lab('up', '--name', name, ...args);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return result;
}

/** Has a lab up for a test that is about something else. */
async function haveUp(name: string, request: Partial<LabRequest> = {}): Promise<void> {
  await up(name, request, () => undefined);
}

beforeAll(async () => {
  for (const name of [LAB, OTHER_LAB]) await keepToThisProcess(name);
});

afterAll(async () => {
  for (const name of [LAB, OTHER_LAB]) await down(name, () => undefined);
});

describe('npm run lab', () => {
  it('brings real hosts up, shows them, and does nothing when they are up', async () => {
    const first = await upWith(LAB);
    expect(first.stderr).toContain('gateway, agent1, agent2 started');
    const inits = ['gateway', 'agent1', 'agent2'].map((host) => hostInit(LAB, host));

    const second = await upWith(LAB);
    expect(second.stderr).toContain(`lab "${LAB}" is already up: 3 hosts`);
    expect(['gateway', 'agent1', 'agent2'].map((host) => hostInit(LAB, host))).toEqual(inits);

    const status = await lab('status', '--name', LAB);
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/gateway +10\.213\.66\.188:50000 +running$/m);
    expect(status.stdout).toMatch(/agent1 +10\.150\.248\.180:22 +running$/m);
    expect(status.stdout).toMatch(/agent2 +10\.150\.248\.136:22 +running$/m);
  });

  it('gives exec’s command the lab’s inventory and its exit code', async () => {
    await haveUp(LAB);
    const result = await lab('exec', '--name', LAB, '--', 'sh', '-c', 'cat "$DCVOPS_INVENTORY"; exit 7');
    expect(result.code).toBe(7);
    expect(result.stdout).toContain('host: 10.213.66.188');
    const killed = await lab('exec', '--name', LAB, '--', 'sh', '-c', 'kill -TERM $$');
    expect(killed.code).toBe(143);
  });

  it('logs in to a host as ec2-user, its key verified, with sudo and without a password', async () => {
    await haveUp(LAB);
    const result = await lab('ssh', '--name', LAB, 'gateway', 'hostname; whoami; sudo -n whoami');
    expect(result.stdout).toBe('gateway\nec2-user\nroot\n');
    const unknown = await lab('ssh', '--name', LAB, 'agent9');
    expect(unknown).toMatchObject({
      code: 1,
      stderr: '✖ No host "agent9" in the lab: gateway, agent1, agent2.\n',
    });
  });

  it('has no way out: an address that is not the lab’s fails at once, from the operator and from hosts', async () => {
    await haveUp(LAB);
    const connect = 'exec 3<>/dev/tcp/192.0.2.1/80';
    const outside = await lab('exec', '--name', LAB, '--', 'timeout', '5', 'bash', '--norc', '-c', connect);
    expect(outside.stderr).toContain('Network is unreachable');
    const fromHost = await lab('ssh', '--name', LAB, 'agent1', `timeout 5 bash --norc -c '${connect}'`);
    expect(fromHost.stderr).toContain('Network is unreachable');
  });

  it('grows a lab that is up, and leaves its hosts alone', async () => {
    await haveUp(LAB);
    const before = hostInit(LAB, 'agent1');
    const grown = await upWith(LAB, '--agents', '3', '--proxies', '2');
    expect(grown.stderr).toContain('gateway2, agent3 started');
    expect(hostInit(LAB, 'agent1')).toBe(before);
    const { stdout } = await lab('ssh', '--name', LAB, 'gateway2', 'hostname; ls /etc/nginx/nginx.conf');
    expect(stdout).toBe('gateway2\n/etc/nginx/nginx.conf\n');
    const inventory = fs.readFileSync(labPaths(LAB).inventory, 'utf8');
    expect(inventory).toContain('name: agent3, host: 10.150.248.23');
  });

  it('boots a host again that reboots; starts one that switched itself off', async () => {
    await haveUp(LAB);
    const before = hostInit(LAB, 'agent1');
    await lab('ssh', '--name', LAB, 'agent1', 'sudo systemctl reboot');
    await eventually(() => {
      expect(hostInit(LAB, 'agent1')).not.toBe(before);
      expect(hostInit(LAB, 'agent1')).toBeDefined();
    });

    await lab('ssh', '--name', LAB, 'agent2', 'sudo systemctl poweroff');
    await eventually(() => {
      expect(hostProcesses(LAB, 'agent2')).toEqual([]);
    });
    const status = await lab('status', '--name', LAB);
    expect(status.code).toBe(1);
    expect(status.stdout).toMatch(/agent2 .* off$/m);

    const again = await upWith(LAB);
    expect(again.stderr).toContain('is up: agent2 started');
  });

  it('gives a host a new disk, and nothing else a new identity', async () => {
    await haveUp(LAB);
    const before = hostInit(LAB, 'agent1');
    await lab('ssh', '--name', LAB, 'gateway', 'touch mark');
    const reset = await lab('reset', '--name', LAB, 'gateway');
    expect(reset).toMatchObject({ code: 0, stderr: 'gateway has a new disk\n' });
    // The key that known_hosts holds is still the host's own.
    expect(await lab('ssh', '--name', LAB, 'gateway', 'ls')).toMatchObject({ code: 0, stdout: '' });
    expect(hostInit(LAB, 'agent1')).toBe(before);
  });

  it('publishes the gateway on a loopback port, and ends that with the lab', async () => {
    await haveUp(OTHER_LAB, PROXY_ONLY);
    const server = [
      'server { listen 8443 ssl;',
      'ssl_certificate /etc/dcv-connection-gateway/certs/dcv.crt;',
      'ssl_certificate_key /etc/dcv-connection-gateway/certs/dcv.key;',
      'return 200 published; }',
    ].join(' ');
    const configure = `echo '${server}' | sudo tee /etc/nginx/conf.d/t.conf && sudo systemctl reload nginx`;
    const configured = await lab('ssh', '--name', OTHER_LAB, 'gateway', configure);
    expect(configured.code).toBe(0);

    const { stdout } = await lab('forward', '--name', OTHER_LAB);
    const url = /^https:\/\/127\.0\.0\.1:\d+\/$/m.exec(stdout)?.[0] ?? '';
    expect(await eventually(() => get(url))).toBe('published');
    expect((await lab('forward', '--name', OTHER_LAB)).stdout).toBe(stdout);
    const taken = await lab('forward', '--name', LAB, '--port', new URL(url).port);
    expect(taken).toMatchObject({ code: 1 });
    expect(taken.stderr).toContain('is in use');

    expect((await lab('down', '--name', OTHER_LAB)).code).toBe(0);
    await expect(get(url)).rejects.toThrow('ECONNREFUSED');
  });

  it('keeps labs apart that stand side by side with the same addresses', async () => {
    await Promise.all([haveUp(LAB), haveUp(OTHER_LAB, PROXY_ONLY)]);
    await lab('ssh', '--name', OTHER_LAB, 'gateway', 'touch only-here');
    expect((await lab('ssh', '--name', OTHER_LAB, 'gateway', 'ls')).stdout).toBe('only-here\n');
    expect((await lab('ssh', '--name', LAB, 'gateway', 'ls')).stdout).toBe('');

    const key = labPaths(OTHER_LAB).key;
    const wrongKey = `ssh -F none -i ${key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes -p 50000 ec2-user@10.213.66.188`;
    const refused = await lab('exec', '--name', LAB, '--', 'sh', '-c', wrongKey);
    expect(refused.stderr).toContain('Permission denied');

    await down(OTHER_LAB, () => undefined);
    expect((await lab('ssh', '--name', LAB, 'gateway', 'true')).code).toBe(0);
  });

  it('makes proxies without nginx, which install it from the packages they come with', async () => {
    await haveUp(OTHER_LAB, { ...PROXY_ONLY, bareProxy: true });
    const ssh = (command: string): Promise<CommandResult> =>
      lab('ssh', '--name', OTHER_LAB, 'gateway', command);
    expect((await ssh('ls /etc/nginx')).code).not.toBe(0);
    const installed = await ssh(
      'sudo apt-get -q update && sudo DEBIAN_FRONTEND=noninteractive apt-get -q install -y nginx',
    );
    expect(installed, installed.stderr).toMatchObject({ code: 0 });
    expect((await ssh('systemctl is-active nginx; systemctl is-enabled nginx')).stdout).toBe(
      'active\nenabled\n',
    );
    await down(OTHER_LAB, () => undefined);
  });

  it('leaves nothing behind when it is taken down, and says when there is nothing to take down', async () => {
    await haveUp(LAB);
    expect(traces(LAB)).not.toEqual([]);
    const down = await lab('down', '--name', LAB);
    expect(down).toMatchObject({ code: 0, stderr: `lab "${LAB}" is down\n` });
    expect(traces(LAB)).toEqual([]);
    expect(await lab('down', '--name', LAB)).toMatchObject({
      code: 0,
      stderr: `lab "${LAB}" was not up\n`,
    });
    expect((await lab('status', '--name', LAB)).stdout).toBe(`lab "${LAB}" is not up\n`);
  });

  it('ends no process of anybody else’s, not even one that stands in the lab’s directory', async () => {
    await haveUp(OTHER_LAB, PROXY_ONLY);
    const stranger = spawn('sleep', ['60'], { cwd: labPaths(OTHER_LAB).directory });
    try {
      expect((await lab('down', '--name', OTHER_LAB)).code).toBe(0);
      expect(stranger.exitCode).toBeNull();
      expect(stranger.signalCode).toBeNull();
      expect(fs.existsSync(labPaths(OTHER_LAB).directory)).toBe(false);
    } finally {
      stranger.kill();
    }
  });
});

describe('npm run lab -- up, killed half-way', () => {
  const moments: [string, () => boolean][] = [
    ['when it has a directory', () => fs.existsSync(labPaths(OTHER_LAB).directory)],
    ['when it has a state', () => fs.existsSync(labPaths(OTHER_LAB).state)],
    ['when hosts begin', () => hostsWithCgroup(OTHER_LAB).length > 0],
    ['when a host boots', () => hostInit(OTHER_LAB, 'gateway') !== undefined],
  ];

  afterEach(async () => {
    await down(OTHER_LAB, () => undefined);
  });

  it.each(moments)('%s: down leaves nothing', async (_when, reached) => {
    await killUpWhen(reached);
    await down(OTHER_LAB, () => undefined);
    await eventually(() => {
      expect(traces(OTHER_LAB)).toEqual([]);
    });
  });

  it.each(moments)('%s: the next up is whole', async (_when, reached) => {
    await killUpWhen(reached);
    await haveUp(OTHER_LAB);
    const status = await labStatus(OTHER_LAB);
    expect(status?.hosts.map((host) => host.state)).toEqual(['running', 'running', 'running']);
    expect((await lab('ssh', '--name', OTHER_LAB, 'gateway', 'hostname')).stdout).toBe('gateway\n');
  });
});

describe('a machine’s user who is not root', () => {
  it('is told what is missing and what to type', async () => {
    // The checkout may lie where nobody else can read: reading everything is the one thing root keeps here.
    const readAll = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'];
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...readAll];
    const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'lab-nobody-'));
    fs.chownSync(cache, 65534, 65534);
    try {
      const result = await attempt(
        [...nobody, process.execPath, '--import', 'tsx', labFile('cli.ts'), 'up'],
        {
          cwd: REPOSITORY,
          env: { PATH: process.env['PATH'], HOME: cache, TMPDIR: cache },
        },
      );
      expect(result.code).toBe(1);
      expect(result.stderr).toContain('The lab needs root');
      expect(result.stderr).toContain('Next: sudo npm run lab -- up');
    } finally {
      fs.rmSync(cache, { recursive: true });
    }
  });
});

describe('hosts in a test’s hands', () => {
  it('lose power, boot with their disk, lose the network, and get a new disk', async () => {
    const { host, operator } = await useLab();
    const gateway = host('gateway');
    const reach = (): Promise<CommandResult> =>
      operator.sh('timeout 1 bash --norc -c "exec 3<>/dev/tcp/10.213.66.188/80"');

    await gateway.write('/etc/mark', 'kept\n', '0600');
    expect((await reach()).code).toBe(0);
    await gateway.powerOff();
    expect((await reach()).code).toBe(124); // silence, not a refusal
    await gateway.powerOn();
    expect(await gateway.read('/etc/mark')).toBe('kept\n');
    expect(await gateway.sh('stat -c %a /etc/mark')).toBe('600');

    await gateway.closePort(80);
    expect((await reach()).code).toBe(124);
    expect((await gateway.attempt('bash -c "exec 3<>/dev/tcp/127.0.0.1/80"')).code).toBe(0);
    await gateway.openPorts();
    expect((await reach()).code).toBe(0);

    await gateway.disconnect();
    expect((await reach()).code).toBe(124);
    await gateway.reconnect();
    expect((await reach()).code).toBe(0);

    await gateway.reset();
    expect((await gateway.attempt('cat /etc/mark')).code).toBe(1);
    expect((await reach()).code).toBe(0);
    expect(await gateway.processes(/nginx: master/)).toHaveLength(1);
  });

  it('are reached by programs that a test talks to, on a terminal too', async () => {
    const { operator, dcvops, dcvopsOnTerminal } = await useLab();
    const program = operator.start(['sh', '-c', 'echo ready; read -r word; echo "got $word"; exec sleep 60']);
    await program.waitFor('ready');
    program.write('this\n');
    await program.waitFor('got this');
    program.kill('SIGKILL');
    expect((await program.ended).code).toBe(137);
    await expect(program.waitFor('never')).rejects.toThrow('the program ended with 137');

    expect(await dcvops(['--version'])).toMatchObject({ code: 0, stderr: '' });
    const onTerminal = dcvopsOnTerminal(['--no-such-option']);
    expect((await onTerminal.ended).code).toBe(2);
    expect(onTerminal.output()).toContain('--no-such-option');
  });
});

/** Starts `up` and kills it, with everything it runs itself, as soon as the moment has come. */
async function killUpWhen(reached: () => boolean): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', labFile('cli.ts'), 'up', '--name', OTHER_LAB], {
    cwd: REPOSITORY,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await eventually(reached, { timeoutMs: 30_000, intervalMs: 1 });
  child.kill('SIGKILL');
  await ended;
}

function get(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.get(url, { rejectUnauthorized: false, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.once('end', () => {
        resolve(body);
      });
    });
    request.once('error', reject);
  });
}
