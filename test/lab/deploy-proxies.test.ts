import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIVE, eventsOf, forgetDeploys, inventoryAllowing, liveRelease } from './support/gateway.ts';
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
