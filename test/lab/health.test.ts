import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetDeploys, inventoryVariant } from './support/gateway.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';

let lab: TestLab;
let gateway: TestHost;
let agent: TestHost;

beforeAll(async () => {
  lab = await useLab();
  gateway = lab.host('gateway');
  agent = lab.host('agent1');
  await leaveNothing();
});
afterAll(() => leaveNothing());

async function leaveNothing(): Promise<void> {
  await forgetDeploys(gateway);
  await agent.sh('systemctl start dcvserver');
}

/** Where `/` leads a browser on the operator's machine. */
async function front(): Promise<string> {
  const ask = "curl -sk -o /dev/null -w '%{http_code} %{redirect_url}' https://10.213.66.188:8443/";
  return (await lab.operator.sh(ask)).stdout.trim();
}

/** A reload starts others. */
function newestWorker(): Promise<string> {
  return gateway.sh('pgrep -n -P "$(cat /run/nginx.pid)"');
}

async function apply(inventory: string, ...more: string[]): Promise<string> {
  const run = await lab.dcvops(['-i', inventory, 'health', 'apply', ...more]);
  return `${run.code} ${run.stdout}${run.stderr}`;
}

function withPool(): Promise<string> {
  return inventoryVariant(lab, 'pool', (text) =>
    text.replace('default: agent1', 'default: [agent1, agent2]'),
  );
}

const TO_AGENT_1 = '302 https://10.213.66.188:8443/10.150.248.180/';
const TO_AGENT_2 = '302 https://10.213.66.188:8443/10.150.248.136/';

// A dead agent that nobody takes out costs people their desktops until somebody notices; one that nobody puts back stands idle.
describe('an agent that dies', () => {
  it('is passed by by the redirect without a reload, and led to again once it answers', async () => {
    const inventory = await inventoryVariant(lab, 'redirect', (text) =>
      text.replace('default: agent1', 'default: { redirect: [{ agent: agent1, weight: 100 }, agent2] }'),
    );
    expect((await lab.dcvops(['-i', inventory, 'deploy', '--yes'])).code).toBe(0);
    const workers = await newestWorker();
    expect(await front()).toBe(TO_AGENT_1);
    await agent.sh('systemctl stop dcvserver');
    expect(await apply(inventory)).toMatch(
      /^0 gateway: agent1 \(10\.150\.248\.180\) is down: TCP: connection refused\n/,
    );
    expect(await front()).toBe(TO_AGENT_2);
    await agent.sh('systemctl start dcvserver');
    expect(await apply(inventory)).toMatch(
      /^0 gateway: agent1 \(10\.150\.248\.180\) answers again: HTTP 200\n/,
    );
    expect(await front()).toBe(TO_AGENT_1);
    expect(await newestWorker()).toBe(workers);
  });

  it('leaves the pool by a reload that waits for its time, and a deploy keeps the mark', async () => {
    const inventory = await withPool();
    expect((await lab.dcvops(['-i', inventory, 'deploy', '--yes'])).code).toBe(0);
    await agent.sh('systemctl stop dcvserver');
    expect(await apply(inventory)).toMatch(
      /agent1 marked down; the pool follows with the next reload, in [0-9]/,
    );
    expect(await apply(inventory, '--now')).toMatch(/the pool follows \(nginx reloaded\)/);
    const marked = await gateway.sh("grep ' down;' /etc/nginx/dcv-gateway/state/pool.conf");
    expect(marked).toMatch(/^server 10\.150\.248\.180:8443 .* down;  # dcv_10_150_248_180$/);
    expect((await lab.dcvops(['-i', inventory, 'deploy'])).stderr).toContain('unchanged');
    await agent.sh('systemctl start dcvserver');
    expect(await apply(inventory, '--now')).toMatch(/agent1 put back; the pool follows \(nginx reloaded\)/);
  });

  it('is told by a watch, also after its connection was lost, until Ctrl-C', async () => {
    const inventory = await withPool();
    expect((await lab.dcvops(['-i', inventory, 'deploy', '--yes'])).code).toBe(0);
    const watch = lab.startDcvops([
      ...['-i', inventory, 'health', 'apply', '--watch', '--interval', '1'],
      ...['--down-after', '1', '--up-after', '1'],
    ]);
    await agent.sh('systemctl stop dcvserver');
    await watch.waitFor('agent1 (10.150.248.180) is down: TCP: connection refused');
    // a login that ends between two rounds is replaced without a word: nobody may log in for a moment
    await gateway.sh('systemctl stop ssh');
    try {
      const logins = await gateway.processes(/^sshd(?:-session)?: \S+@/);
      await gateway.sh(`kill ${logins.map(({ pid }) => pid).join(' ')}`);
      await watch.waitFor('Trying again every 1 s');
    } finally {
      await gateway.sh('systemctl start ssh');
    }
    await watch.waitFor('well again');
    await agent.sh('systemctl start dcvserver');
    await watch.waitFor('agent1 (10.150.248.180) answers again');
    watch.kill('SIGINT');
    expect((await watch.ended).code).toBe(130);
  });
});
