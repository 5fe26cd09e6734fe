import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inventoryVariant, servedRelease } from './support/gateway.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';

/** A proxy as it comes from the image: no nginx, no certificates; apt has the lab's own repository. */
let lab: TestLab;
let gateway: TestHost;
let selfSigned: string;

beforeAll(async () => {
  lab = await useLab({ kind: 'bare', bareProxy: true });
  gateway = lab.host('gateway');
  selfSigned = await inventoryVariant(lab, 'self-signed', (text) =>
    text.replace(/ {2}tls:\n.*certificate:.*\n.*key:.*\n/, '  tls: self-signed\n'),
  );
});

beforeEach(async () => {
  await lab.reset('gateway');
});

describe('a deploy to a bare host', () => {
  it('shows one plan and does nothing without a yes', async () => {
    const run = await lab.dcvops(['deploy', '-i', selfSigned]);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      /the host is not ready for a gateway\. To do:\n\s+- install nginx.* \(apt-get\)\n[^]*- create a self-signed certificate[^]*Nothing changed\./,
    );
    expect(run.stderr).toContain('Next: dcvops deploy --prepare-host');
    expect((await gateway.attempt('command -v nginx')).code).not.toBe(0);
  });

  it('does the plan after a yes at the prompt: nginx installed, enabled, serving, limits raised', async () => {
    const run = lab.dcvopsOnTerminal(['deploy', '-i', selfSigned]);
    await run.waitFor('Do it?');
    run.write('y\n');
    const { code } = await run.ended;
    expect(run.output()).toMatch(/release [0-9a-f]{12} live/);
    expect(code).toBe(0);
    expect(await servedRelease(lab)).toMatch(/^[0-9a-f]{12}$/);
    expect(await gateway.sh('systemctl is-enabled nginx')).toBe('enabled');
    expect(await gateway.read('/etc/nginx/nginx.conf')).toMatch(
      /worker_rlimit_nofile 32768;[^]*worker_connections 16384;/,
    );
    expect(await gateway.sh("stat -c '%a %U' /etc/nginx/dcv-gateway.key")).toBe('600 root');
  });

  it('--prepare-host needs no question, and a second deploy is unchanged', async () => {
    const run = await lab.dcvops(['deploy', '-i', selfSigned, '--prepare-host']);
    expect(run.code).toBe(0);
    const again = await lab.dcvops(['deploy', '-i', selfSigned, '--prepare-host']);
    expect(again.stderr).toContain('unchanged');
    expect(again.code).toBe(0);
  });

  it('certificates that the inventory names but are not there: the path is named, nothing changed', async () => {
    await gateway.sh('rm -f /etc/dcv-connection-gateway/certs/dcv.crt');
    const run = await lab.dcvops(['deploy', '--prepare-host']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(
      '/etc/dcv-connection-gateway/certs/dcv.crt is missing or empty on the host. Nothing changed.',
    );
    expect(run.stderr).toContain('tls: self-signed');
  });

  it('nginx.conf goes back with the transaction that changed it', async () => {
    await lab.dcvops(['deploy', '-i', selfSigned, '--prepare-host']);
    const run = await lab.dcvops(['rollback', '-i', selfSigned, '--to', 'before-dcvops', '--yes']);
    expect(run.code).toBe(0);
    expect(await gateway.read('/etc/nginx/nginx.conf')).toContain('worker_connections 768;');
  });
});
