import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FactSet } from '../../src/doctor/facts/fleet.ts';
import type { Manifest } from '../../src/logs/bundle/manifest.ts';
import type { Summary } from '../../src/logs/summary.ts';
import type { Alert } from '../../src/logs/watch-rules.ts';
import { eventually } from './support/eventually.ts';
import { inventoryVariant } from './support/gateway.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';
import { freshStandin } from './support/standin.ts';
import { openViewer } from './support/viewer.ts';

const ACCESS = '/var/log/nginx/dcv-access.log';
const ERROR = '/var/log/nginx/dcv-error.log';
const GATEWAY = 'https://10.213.66.188:8443';
const AGENT1 = '10.150.248.180';
const AGENT2 = '10.150.248.136';
/** Neither is a host of the lab. */
const NO_AGENT = '10.150.248.77';
const NO_PROXY = '10.213.66.199';

let lab: TestLab;
let gateway: TestHost;
let agent1: TestHost;
let agent2: TestHost;
/** The lab's inventory with a proxy that is not there, and logs of its own. */
let wider: string;

beforeAll(async () => {
  lab = await useLab();
  gateway = lab.host('gateway');
  agent1 = lab.host('agent1');
  agent2 = lab.host('agent2');
  wider = await inventoryVariant(
    lab,
    'dead-proxy-own-logs',
    (text) =>
      text.replace('port: 50000 } }', `port: 50000 } }\n  - { name: gateway2, host: ${NO_PROXY} }`) +
      'logs:\n  - { name: app, path: /var/log/app/*.log, hosts: [agent1] }\n  - { name: cron, unit: cron }\n',
  );
  await freshStandin(agent2);
  const deployed = await lab.dcvops(['deploy', '--yes']);
  expect(deployed.code).toBe(0);
});

/** nginx writes to new, empty files. */
beforeEach(async () => {
  await gateway.sh(`rm -f ${ACCESS}* ${ERROR}*; nginx -s reopen; until [ -e ${ERROR} ]; do sleep 0.05; done`);
});

afterAll(() => freshStandin(agent2));

interface Crafted {
  readonly client?: string;
  readonly uri?: string;
  readonly agent?: string;
  readonly status?: number;
  /** How long ago, in hours. */
  readonly ago?: number;
}

/** A line as nginx writes it for a request to an address where nobody answers, but for what is given. */
function accessLine({
  client = '10.213.9.9',
  agent = NO_AGENT,
  status = 502,
  ago = 0,
  uri,
}: Crafted): string {
  const seconds = Date.now() / 1000 - ago * 3600;
  const request = { client, user: '', method: 'GET', uri: uri ?? `/${agent}/`, proto: 'HTTP/1.1', agent };
  const answer = { status: String(status), action: 'proxy', stage: 'agent', ws: '' };
  const upstream = {
    upstream: `${agent}:8443`,
    up_status: String(status),
    time: 0.003,
    sent: 150,
    ua: 'scan',
  };
  return JSON.stringify({ msec: Number(seconds.toFixed(3)), ...request, ...answer, ...upstream });
}

/** Somebody who tries one address after another. */
function scan(given: Crafted = {}): string[] {
  return Array.from({ length: 25 }, (_, index) =>
    accessLine({ ...given, agent: `10.150.248.${index + 10}` }),
  );
}

async function append(host: TestHost, file: string, ...lines: string[]): Promise<void> {
  await host.sh(`cat >>${file}`, { input: lines.map((line) => `${line}\n`).join('') });
}

/** What dcvops left running on a host. */
function leftRunning(host: TestHost): Promise<{ args: string }[]> {
  return host.processes(/\/dev\/fd\/3|stat -c|dcvops/);
}

describe('dcvops logs summary', () => {
  it('counts what went through the gateway, rotated and packed logs as well', async () => {
    const since = new Date().toISOString();
    const get = (agent: string): string => `${GATEWAY}/${agent}/version`;
    expect(await lab.dcvops(['session', 'create', 'agent2'])).toMatchObject({ code: 0 });
    const viewer = await openViewer(lab, `${GATEWAY}/${AGENT2}/`);
    await viewer.leave();
    await lab.operator.sh(`curl -sk ${get(AGENT1)} ${get(AGENT1)} ${get('10.99.0.1')}`);
    await gateway.sh(
      `mv ${ACCESS} ${ACCESS}.1; nginx -s reopen; until [ -e ${ACCESS} ]; do sleep 0.05; done`,
    );
    await lab.operator.sh(`curl -sk ${get(AGENT1)} ${get(AGENT2)}`);
    // nginx writes once a second: five requests and the viewer's three WebSockets, and something in each of the files
    const counted = `cat ${ACCESS} ${ACCESS}.1 | grep -c '"client":"10.213.0.10".*"ua":"[^"]*"'`;
    await eventually(async () => {
      expect(Number(await gateway.sh(`[ -s ${ACCESS} ] && ${counted}`))).toBeGreaterThanOrEqual(8);
    });
    await gateway.sh(`gzip ${ACCESS}.1`);
    await append(gateway, `${ACCESS}.2`, accessLine({ agent: AGENT1, status: 200, ago: 50 }));
    await gateway.sh(`gzip ${ACCESS}.2; touch -d '50 hours ago' ${ACCESS}.2.gz`);

    const { stdout, code } = await lab.dcvops(['logs', 'summary', '--since', since, '--json']);
    expect(code).toBe(0);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({
      requests: 8,
      clients: { count: 1, isAtLeast: false },
      sessions: { count: 1, webSockets: 2 },
      statusClasses: { '1xx': 3, '2xx': 4, '4xx': 1 },
      agents: [
        { agent: AGENT2, requests: 4, sessions: { count: 1 }, failures: 0 },
        { agent: AGENT1, requests: 3, sessions: { count: 0 }, failures: 0 },
      ],
      refusedAddresses: { total: 1, top: [{ name: '10.99.0.1', count: 1 }] },
    });

    const table = await lab.dcvops(['logs', 'summary', '--since', since, '--utc']);
    expect(table.stdout).toMatch(
      /^20[-\d]{8} [\d:]{8} to 20[-\d]{8} [\d:]{8} UTC\n8 requests from 1 client\n/,
    );
    expect(table.stdout).toMatch(/^agent1 {2}10\.150\.248\.180 +3 +0 /m);
    expect(table.stdout).toMatch(/^agent2 {2}10\.150\.248\.136 +4 +1 /m);
    expect(Math.max(...table.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);

    const days = new Date(Date.now() - 72 * 3_600_000).toISOString();
    const [day, three] = await Promise.all(
      [[], ['--since', days]].map((args) => lab.dcvops(['logs', 'summary', '--json', ...args])),
    );
    const requests = [day, three].map((run) => (JSON.parse(run?.stdout ?? '') as Summary).requests);
    expect(requests[1]).toBe((requests[0] ?? 0) + 1);
  });

  it('tells of a proxy that is dead, sums up the others, and says nothing of nothing', async () => {
    await append(gateway, ACCESS, accessLine({ agent: AGENT1, status: 200 }));
    const args = ['logs', 'summary', '-i', wider, '--connect-timeout', '2'];
    const [all, dead] = await Promise.all([lab.dcvops(args), lab.dcvops([...args, 'gateway2'])]);
    expect(all.stdout).toContain('1 request from 1 client\n');
    expect(all.stderr).toContain('✖ gateway2: ');
    expect(all.code).toBe(4);
    expect({ ...dead, stderr: '' }).toEqual({ stdout: '', stderr: '', code: 4 });
  });
});

describe('dcvops logs watch', () => {
  it('ends with 0 for cron while nothing is anomalous, and with 1 for an alert', async () => {
    await append(
      gateway,
      ACCESS,
      ...scan({ ago: 2 }),
      accessLine({ client: '10.213.0.10', agent: AGENT1, status: 200 }),
    );
    const once = ['logs', 'watch', '--once', '--since', '1h'];
    expect(await lab.dcvops(once)).toEqual({ code: 0, stdout: '', stderr: '' });

    await append(gateway, ACCESS, ...scan());
    const alert = await lab.dcvops(once);
    expect(alert.code).toBe(1);
    expect(alert.stdout).toMatch(
      /^! 20[-\d]{8} [\d:.]{12} {2}gateway {2}agents\n {2}10\.213\.9\.9 tried 20 agents’ addresses, 20 of them /,
    );
    expect(alert.stdout).toContain('    10.213.9.9 502 10.150.248.29 / 3 ms 150 B\n');
    expect(alert.stdout).toMatch(/\n {2}→ dcvops logs --client 10\.213\.9\.9\n$/);

    const json = await lab.dcvops([...once, '--json']);
    expect(json.code).toBe(1);
    expect(
      json.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Alert),
    ).toMatchObject([{ rule: 'agents', subject: '10.213.9.9', proxy: 'gateway', count: 20, threshold: 20 }]);
  });

  it('tells somebody at a terminal that there was nothing, and whom it watches', async () => {
    const once = lab.dcvopsOnTerminal(['logs', 'watch', '--once']);
    await once.waitFor('nothing anomalous');
    expect((await once.ended).code).toBe(0);
    const following = lab.dcvopsOnTerminal(['logs', 'watch', '-v']);
    await following.waitFor('watching gateway; Ctrl-C ends');
    await following.waitFor(`follow ${ACCESS} (`);
    following.write('\x03');
    expect((await following.ended).code).toBe(130);
  });

  it('tells an alert as it happens, to a command too, whose failure stops nothing; leaves no process', async () => {
    const told = path.join(lab.home, `alerts-${Date.now()}`);
    const exec = `cat >>${told}; echo said by the command; exit 3`;
    const program = lab.startDcvops(['logs', 'watch', '--json', '-v', '--exec', exec]);
    await eventually(() => program.stderr().includes(`follow ${ACCESS} (`));
    await append(gateway, ACCESS, ...scan({ client: '10.213.9.1' }));
    await program.waitFor('the command of --exec failed with exit code 3');
    await append(gateway, ACCESS, ...scan({ client: '10.213.9.2' }));
    await program.waitFor('the command of --exec failed with exit code 3');
    program.kill('SIGINT');
    expect((await program.ended).code).toBe(130);
    const alerts = program
      .stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Alert);
    expect(alerts).toMatchObject([
      { rule: 'agents', subject: '10.213.9.1' },
      { rule: 'agents', subject: '10.213.9.2' },
    ]);
    expect(await readFile(told, 'utf8')).toBe(program.stdout());
    expect(program.stderr()).toContain('said by the command\n');
    await eventually(async () => (await leftRunning(gateway)).length === 0);
  });
});

describe('dcvops logs bundle', () => {
  const CONF = '/etc/dcv/dcv.conf';

  /** Secrets, wherever people leave them; all of them have this word. */
  const WORD = 'hunter2';

  beforeEach(async () => {
    const query = `/${AGENT1}/ws?authToken=${WORD}`;
    await append(gateway, ACCESS, accessLine({ uri: query }));
    const error = '2026/11/25 12:00:00 [error] 1#1: *1 upstream timed out';
    await append(gateway, ERROR, `${error}, client: 10.213.0.10, request: "GET ${query} HTTP/1.1"`);
    await agent1.sh(`cp -p ${CONF} ${CONF}.before`);
    const verifier = `auth-token-verifier="https://dcv:${WORD}@10.0.0.5:8444/verify?key=${WORD}"`;
    await append(agent1, CONF, '[security]', verifier, `admin-password='${WORD}'`);
    await agent1.sh(`mkdir -p /var/log/app; printf 'from the app\\ntoken=${WORD}\\n' >/var/log/app/one.log
      for key in /var/log/dcv/dcv.log.key /etc/nginx/conf.d/site.key /var/log/app/key.log.pem; do
        mkdir -p "\${key%/*}"; printf -- '-----BEGIN PRIVATE KEY-----\\n${WORD}\\n' >"$key"
      done`);
  });

  afterAll(async () => {
    await agent1.sh(
      `mv ${CONF}.before ${CONF}; rm -rf /var/log/app /var/log/dcv/dcv.log.key /etc/nginx/conf.d/site.key`,
    );
  });

  it('holds what its manifest says and no secret, tells of a host that is missing, and replaces nothing', async () => {
    const file = path.join(lab.home, 'case-7.tar.gz');
    await rm(file, { force: true });
    const args = ['logs', 'bundle', '-i', wider, '--connect-timeout', '2'];
    const { stdout, stderr, code } = await lab.dcvops([...args, '--output', 'case-7.tar.gz']);
    expect(stdout).toMatch(/^case-7\.tar\.gz {2}[\d.]+ [kM]B\n$/);
    expect(stderr).toMatch(/^✔ agent1 {2}\d+ files, .*\n/m);
    expect(stderr).toContain('✖ gateway2: ');
    expect(code).toBe(4);
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    const files = await unpack(file);
    const manifest = JSON.parse(files.get('case-7/manifest.json')?.toString() ?? '') as Manifest;
    expect(manifest.hosts.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'gateway complete',
      'gateway2 missing',
      'agent1 complete',
      'agent2 complete',
    ]);
    const told = manifest.hosts.flatMap(({ pieces }) => pieces);
    const found = [...files].filter(
      ([name]) => !/^case-7\/(?:manifest\.json|README\.txt|doctor\/.*)$/.test(name),
    );
    expect(Object.fromEntries(told.map(({ name, sha256 }) => [`case-7/${name}`, sha256]))).toEqual(
      Object.fromEntries(found.map(([name, content]) => [name, sha256Of(content)])),
    );

    for (const [name, content] of files) {
      expect(content.includes(WORD), name).toBe(false);
      expect(content.includes('PRIVATE KEY'), name).toBe(false);
    }
    const textOf = (name: string): string => files.get(`case-7/${name}`)?.toString() ?? `no ${name}`;
    expect(textOf('agent1/config/etc/dcv/dcv.conf')).toContain('https://***@10.0.0.5:8444/verify?***');
    expect(textOf('agent1/logs/var/log/app/one.log')).toBe('from the app\ntoken=***\n');
    expect(textOf('agent1/journal/cron.service.txt')).toMatch(/cron/);
    expect(textOf('agent1/versions/dcv.txt')).toContain('DCV');
    const facts = JSON.parse(textOf('doctor/facts.json')) as FactSet;
    expect(facts.hosts.map(({ name, reach }) => `${name} ${reach.ok}`)).toContain('agent1 true');
    expect(textOf('doctor/report.txt')).toContain('agent/token-verifier');
    expect(textOf(`gateway/logs${ACCESS}`)).toContain(`/${AGENT1}/ws?***`);
    expect(textOf(`gateway/logs${ERROR}`)).toContain(`/${AGENT1}/ws?*** HTTP/1.1`);
    expect(textOf('gateway/config/etc/nginx/conf.d/dcv-gateway.conf')).toContain('listen');
    for (const host of [gateway, agent1]) {
      expect(await host.sh("find /run /tmp -maxdepth 1 -name 'dcvops.????????'")).toBe('');
    }

    const before = await readFile(file);
    const again = await lab.dcvops([...args, '-o', 'case-7.tar.gz']);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('case-7.tar.gz is there already');
    expect((await readFile(file)).equals(before)).toBe(true);
  });
});

async function unpack(file: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const archive = createReadStream(file).pipe(createGunzip()).pipe(extract());
  for await (const entry of archive) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    files.set(entry.header.name, Buffer.concat(chunks));
  }
  return files;
}

function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
