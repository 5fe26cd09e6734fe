import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult } from './command.ts';
import { inventoryVariant, servedRelease } from './support/gateway.ts';
import type { TestHost } from './support/host.ts';
import { type TestLab, useLab } from './support/lab.ts';

let lab: TestLab;
let gateway: TestHost;
let file: string;

beforeAll(async () => {
  lab = await useLab();
  gateway = lab.host('gateway');
  await lab.reset();
  file = await inventoryVariant(lab, 'agents', (text) => `${text}# the end\n`);
  expect((await dcvops('agent', 'remove', 'agent2', '--yes')).code).toBe(0);
  expect((await dcvops('deploy')).code).toBe(0);
});

function dcvops(...args: string[]): Promise<CommandResult> {
  return lab.dcvops(['-i', file, ...args]);
}

/** The status of a page, as somebody on the operator's side gets it; redirects are followed. */
async function statusOf(path: string): Promise<string> {
  const { stdout } = await lab.operator.sh(
    `curl -skL -o /dev/null -w '%{http_code}' --max-time 10 'https://10.213.66.188:8443${path}'`,
  );
  return stdout;
}

describe('an agent inside of agent_networks', () => {
  it('is reachable when it is added, without a deploy, and the inventory is as somebody would write it', async () => {
    const release = await servedRelease(lab);
    const run = await dcvops('agent', 'add', 'agent2', '10.150.248.136', '--tag', 'second');
    expect(run.stderr).toContain(
      'no deploy is needed for https://10.213.66.188:8443/10.150.248.136/, since gateway.agent_networks holds it',
    );
    expect(run.stderr).toMatch(/gateway: agent2 answers through the gateway: 200 from DCV/);
    expect(run.code).toBe(0);
    expect(await statusOf('/10.150.248.136/')).toBe('200');
    expect(await servedRelease(lab)).toBe(release);
    expect(await readFile(file, 'utf8')).toMatch(
      /\n.*name: agent1[^]*\n.*name: agent2, host: 10\.150\.248\.136, tags: \[second\]/,
    );
  });

  it('is told to be served still where the live release cannot know that it is in maintenance', async () => {
    const run = await dcvops('agent', 'maintenance', 'agent2');
    expect(run.stderr).toContain('agent2 is served still: the live release does not know it');
    expect(await statusOf('/10.150.248.136/')).toBe('200');
    expect((await dcvops('agent', 'resume', 'agent2')).code).toBe(0);
  });
});

describe('an agent in maintenance', () => {
  it('is answered for with 503 by name, by address and by the default route, and is back at once', async () => {
    const paths = ['/10.150.248.180/', '/agent1/', '/10.150.248.180/version?a=b', '/'];
    const workers = (await gateway.processes(/nginx: worker/)).map(({ pid }) => pid);
    const run = await dcvops('agent', 'maintenance', 'agent1');
    expect(run.code).toBe(0);
    expect(await Promise.all(paths.map(statusOf))).toEqual(paths.map(() => '503'));
    expect((await dcvops('agent', 'resume', 'agent1')).code).toBe(0);
    expect(await Promise.all(paths.map(statusOf))).toEqual(paths.map(() => '200'));
    expect(
      (await gateway.processes(/nginx: worker/)).map(({ pid }) => pid),
      'nginx was not reloaded',
    ).toEqual(workers);
  });
});

describe('a session of which only the id is known', () => {
  it('is found on its agent', async () => {
    expect((await dcvops('session', 'create', 'agent2/render')).code).toBe(0);
    const found = await dcvops('session', 'url', '--session', 'render');
    expect(found.stdout).toBe('https://10.213.66.188:8443/10.150.248.136/#render\n');
    expect(found.code).toBe(0);
    const nowhere = await dcvops('session', 'url', '--session', 'rendr');
    expect(nowhere.stderr).toMatch(/no agent has a session "rendr"; there are .*agent2\/render/);
    expect(nowhere.code).toBe(1);
  });
});
