import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  LIVE,
  OLD_GATEWAY,
  eventsOf,
  forgetDeploys,
  inventoryAllowing,
  liveRelease,
  servedRelease,
} from './support/gateway.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';

let lab: TestLab;
let first: TestHost;
let second: TestHost;
let third: TestHost;

beforeAll(async () => {
  lab = await useLab({ kind: 'proxies', proxies: 3 });
  [first, second, third] = ['gateway', 'gateway2', 'gateway3'].map((name) => lab.host(name)) as [
    TestHost,
    TestHost,
    TestHost,
  ];
});

beforeEach(async () => {
  for (const proxy of [first, second, third]) await forgetDeploys(proxy);
});

describe('a deploy to several proxies', () => {
  it('goes one after another by default, the first one as canary', async () => {
    const run = await lab.dcvops(['deploy', '--json']);
    expect(run.code).toBe(0);
    const outcomes = eventsOf(run.stdout).filter((event) =>
      ['steps', 'outcome'].includes(String(event['type'])),
    );
    const order = outcomes.map((event) =>
      event['type'] === 'steps'
        ? `steps ${(event['hosts'] as string[]).join()}`
        : `outcome ${event['host'] as string}`,
    );
    expect(order.filter((line) => line.startsWith('outcome'))).toEqual([
      'outcome gateway',
      'outcome gateway2',
      'outcome gateway3',
    ]);
    expect(order.indexOf('steps gateway2')).toBeGreaterThan(order.indexOf('outcome gateway'));
    expect(order.indexOf('steps gateway3')).toBeGreaterThan(order.indexOf('outcome gateway2'));
  });

  it('stops at the first failure: the rest is untouched and says so', async () => {
    await second.write('/etc/nginx/conf.d/zz-other.conf', 'nonsense;\n', '644');
    const run = await lab.dcvops(['deploy']);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/✖ gateway2: nginx refuses the configuration/);
    expect(run.stderr).toContain('✖ gateway3: not started, since gateway2 failed');
    expect(await liveRelease(first)).toMatch(/^[0-9a-f]{12}$/);
    expect((await third.attempt(`test -e ${LIVE}`)).code).toBe(1);
  });

  it('--batch changes several at once after the canary', async () => {
    const run = await lab.dcvops(['deploy', '--batch', '2', '--json']);
    expect(run.code).toBe(0);
    const events = eventsOf(run.stdout);
    const at = (match: (event: Record<string, unknown>) => boolean): number => events.findIndex(match);
    const begun = at(
      (event) => event['type'] === 'steps' && (event['hosts'] as string[]).includes('gateway3'),
    );
    const ended = at((event) => event['type'] === 'outcome' && event['host'] === 'gateway2');
    expect(begun).toBeLessThan(ended);
  });

  it('a proxy that is down stops nothing that was asked of the others before it', async () => {
    await third.disconnect();
    try {
      const variant = await inventoryAllowing(lab, '192.0.2.1', 'again');
      const run = await lab.dcvops(['deploy', '-i', variant, '--connect-timeout', '2']);
      expect(run.code).toBe(4);
      expect(run.stderr).toMatch(/✔ gateway2 {2}release/);
      expect(run.stderr).toMatch(/✖ gateway3: .*no answer/);
    } finally {
      await third.reconnect();
    }
  });
});

/** Everything of nginx on a host, byte for byte, with owners and modes. */
function nginxFiles(proxy: TestHost): Promise<string> {
  return proxy.sh(
    "cd /etc/nginx && find . -printf '%p %y %m %u:%g %l\\n' | sort && find . -type f | sort | xargs sha256sum",
  );
}

describe('--all-or-nothing', () => {
  const CERTIFICATE = '/etc/dcv-connection-gateway/certs/dcv.crt';

  it('gives those that were changed back what they had when another fails', async () => {
    await lab.dcvops(['deploy', 'gateway']);
    const release = await liveRelease(first);
    await second.write('/etc/nginx/conf.d/dcv-dynamic-proxy.conf', OLD_GATEWAY, '640');
    const certificate = await third.read(CERTIFICATE);
    await third.write(CERTIFICATE, 'no certificate\n');
    const before = await Promise.all([first, second, third].map(nginxFiles));

    const wider = await inventoryAllowing(lab, '192.0.2.1', 'all');
    const all = ['--all-or-nothing', '--batch', '50%', '--take-over', '--yes'];
    const run = await lab
      .dcvops(['deploy', '-i', wider, ...all])
      .finally(() => third.write(CERTIFICATE, certificate));
    expect(run.stderr).toContain(
      `✖ gateway: undone, since gateway3 failed; release ${release ?? ''} is live again`,
    );
    expect(run.stderr).toContain(
      '✖ gateway2: undone, since gateway3 failed; the nginx files that were there before are live again',
    );
    expect(run.stderr).not.toContain('✔ gateway  release');
    expect(run.code).toBe(3);
    expect(await Promise.all([first, second, third].map(nginxFiles))).toEqual(before);
    expect(await servedRelease(lab)).toBe(release);
  });

  it('after Ctrl-C as well, and one that had nothing has nothing again', async () => {
    const before = await Promise.all([first, second, third].map(nginxFiles));
    const run = lab.startDcvops(['deploy', '--all-or-nothing']);
    await run.waitFor('gateway2: Reloading nginx');
    run.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain(
      '✖ gateway: undone, since the command was interrupted; no gateway is there, as before',
    );
    expect(ended.stderr).toMatch(/✖ gateway2: .*undone/);
    expect(ended.stderr).toContain('✖ gateway3: not started, since the command was interrupted');
    expect(await Promise.all([first, second, third].map(nginxFiles))).toEqual(before);
  });
});

describe('who runs what', () => {
  it('shows what somebody edited by hand, keeps it, and does not forget a proxy that is down', async () => {
    await lab.dcvops(['deploy', '--batch', '100%']);
    const release = (await liveRelease(first)) ?? '';
    expect((await lab.dcvops(['releases'])).stdout).toContain(`All 3 proxies run release ${release}.`);

    const edited = (await second.read(LIVE)).replace(
      'client_max_body_size 10g;',
      'client_max_body_size 99m;',
    );
    await second.write(LIVE, edited);
    const change = [/^-\s+client_max_body_size 10g;$/gm, /^\+\s+client_max_body_size 99m;$/gm];
    const refused = await lab.dcvops(['deploy', '--yes']);
    expect(refused.code).toBe(1);
    for (const line of change) expect(refused.stdout.match(line)).toHaveLength(1);
    expect(refused.stderr).toContain(`the live file was edited by hand since release ${release}`);
    expect(await second.read(LIVE)).toBe(edited);
    const shown = await lab.dcvops(['releases', '--diff']);
    for (const line of change) expect(shown.stdout.match(line)).toHaveLength(1);
    expect(shown.stderr).toContain(`gateway3: release ${release}, as dcvops wrote it`);

    await third.disconnect();
    try {
      const listed = await lab.dcvops(['releases', '--json', '--connect-timeout', '1']);
      expect(listed.code).toBe(4);
      expect(JSON.parse(listed.stdout)).toMatchObject([
        { proxy: 'gateway', live: { kind: 'release', id: release, edited: false, asInventory: true } },
        { proxy: 'gateway2', live: { kind: 'release', id: release, edited: true, asInventory: false } },
        { proxy: 'gateway3', releases: [], problem: expect.stringContaining('no answer') as string },
      ]);
    } finally {
      await third.reconnect();
    }
  });
});
