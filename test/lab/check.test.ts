import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProxyCheck } from '../../src/operations/check.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';

let lab: TestLab;
let gateway: TestHost;
let agent2: TestHost;

beforeAll(async () => {
  lab = await useLab();
  gateway = lab.host('gateway');
  agent2 = lab.host('agent2');
  await lab.reset();
  const deployed = await lab.dcvops(['deploy']);
  expect(deployed.code).toBe(0);
});

afterAll(async () => {
  await gateway.openPorts();
});

/** The table's rows without their times. */
function rowsOf(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => /^[✔✖]/.test(line))
    .map((line) => line.replace(/\d+ ms/, '').replace(/ {2,}/g, '  '));
}

describe('dcvops check', () => {
  it('finds the way to every desktop', async () => {
    const run = await lab.dcvops(['check']);
    expect(rowsOf(run.stdout)).toEqual(
      [
        /^✔ {2}health {2}release [0-9a-f]{12}, TLSv1\.3$/,
        /^✔ {2}certificate {2}valid until .*$/,
        /^✔ {2}http\/2 {2}200$/,
        /^✔ {2}agent agent1 {2}200 from DCV$/,
        /^✔ {2}websocket agent1 {2}open, subprotocol dcv$/,
        /^✔ {2}agent agent2 {2}200 from DCV$/,
        /^✔ {2}websocket agent2 {2}open, subprotocol dcv$/,
        /^✔ {2}default route {2}200 from DCV$/,
        /^✔ {2}forbidden address {2}192\.0\.2\.1 refused$/,
      ].map((pattern) => expect.stringMatching(pattern) as string),
    );
    expect(run.stderr).toContain('✔ gateway  9 of 9');
    expect(run.code).toBe(0);
  });

  it('is data under --json', async () => {
    const run = await lab.dcvops(['check', '--json']);
    const [result] = JSON.parse(run.stdout) as ProxyCheck[];
    expect(result).toMatchObject({ proxy: 'gateway', way: 'direct' });
    expect(result?.rows.every((row) => row.ok)).toBe(true);
  });

  it('goes through SSH where the port is closed from here, and says so', async () => {
    await gateway.closePort(8443);
    const run = await lab.dcvops(['check']);
    await gateway.openPorts();
    expect(run.stderr).toMatch(
      /! gateway: \S+:8443 is out of reach from here \(no answer in 5 s\), fine on the host/,
    );
    expect(run.stderr).toContain('open TCP 8443 for your network');
    expect(run.stderr).toContain('✔ gateway  9 of 9 (through SSH)');
    expect(run.code).toBe(0);
  });

  it('places a dead agent, and fails', async () => {
    await agent2.sh('systemctl stop dcvserver');
    const run = await lab.dcvops(['check']);
    await agent2.sh('systemctl start dcvserver');
    expect(rowsOf(run.stdout).filter((row) => row.startsWith('✖'))).toEqual([
      '✖  agent agent2  502: the agent refuses the connection (dcvserver not running?), or its TLS handshake failed',
    ]);
    expect(run.stdout).toContain('Next: dcvops service status agent2');
    expect(run.code).toBe(1);
  });

  it('says that nginx is down', async () => {
    await gateway.sh('systemctl stop nginx');
    const run = await lab.dcvops(['check']);
    await gateway.sh('systemctl start nginx');
    expect(rowsOf(run.stdout)).toEqual([
      expect.stringMatching(/^✖ {2}health {2}no answer from here \(connection refused\), nor through SSH \(/),
    ]);
    expect(run.stdout).toContain('Next: dcvops service status gateway');
    expect(run.code).toBe(1);
  });
});

describe('dcvops render', () => {
  it('prints what deploy put on the proxy, to the byte', async () => {
    const run = await lab.dcvops(['render']);
    expect(run.stdout).toBe(await gateway.read('/etc/nginx/conf.d/dcv-gateway.conf'));
    expect(run.code).toBe(0);
  });

  it('asks nobody with --offline, and says what it assumed', async () => {
    await gateway.disconnect();
    const run = await lab.dcvops(['render', '--offline']);
    await gateway.reconnect();
    expect(run.stdout).toContain('# release: ');
    expect(run.stderr).toContain('rendered for nginx 1.22.1 with OpenSSL 3.0.0; no proxy was asked');
    expect(run.code).toBe(0);
  });
});
