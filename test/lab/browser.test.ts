import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempt, type CommandResult } from './command.ts';
import { down } from './down.ts';
import { labFile, REPOSITORY } from './paths.ts';
import { type Browser, openBrowser } from './support/browser.ts';
import { eventually } from './support/eventually.ts';
import { takeLab, type TestLab, useLab } from './support/lab.ts';

// What a newcomer does first: npm run demo, then the printed address in a browser.

const AGENTS = [
  ['agent1', '10.150.248.180'],
  ['agent2', '10.150.248.136'],
] as const;

let name = '';
let first: CommandResult;
let lab: TestLab;
let browser: Browser;
let gateway = '';

beforeAll(async () => {
  name = await takeLab('demo');
  first = await demo();
  gateway = /https:\/\/127\.0\.0\.1:\d+\//.exec(first.stdout)?.[0] ?? '';
  lab = await useLab({ kind: 'demo' });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await down(name, () => undefined);
});

/** `npm run demo` without npm, and without building what is tested anew. */
function demo(...args: readonly string[]): Promise<CommandResult> {
  const demo = [process.execPath, '--import', 'tsx', labFile('demo.ts')];
  return attempt([...demo, '--name', name, '--no-build', ...args], { cwd: REPOSITORY });
}

/** Opens an address of the gateway and waits until the page has made up its mind. */
async function open(address: string): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(gateway + address);
  await page.waitForFunction('document.body.dataset.state !== "connecting"', undefined, { timeout: 20_000 });
  return page;
}

describe('npm run demo', () => {
  it('says what is real, shows each command and its outcome, the addresses to open and how to stop', () => {
    expect(first, first.stderr).toMatchObject({ code: 0, stderr: '' });
    const text = first.stdout
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
      .replaceAll(/[0-9a-f]{12}/g, 'RELEASE')
      .replaceAll(/\d+\.\d s$/gm, 'N s');
    expect(text).toContain('nginx: real. Amazon DCV: a stand-in, with a real desktop behind it.\n');
    expect(text).toContain('✔ 3 hosts  N s\n$ dcvops deploy\n✔ gateway  release RELEASE live');
    expect(text).toMatch(
      /\$ dcvops session create agent1 agent2\n(✔ agent[12] {2}desktop-session\n){2}\$ dcvops session list\n/,
    );
    expect(text).toContain('$ dcvops check\n✔ gateway  9 of 9\n');
    for (const [, address] of AGENTS) {
      expect(text).toContain(`https://127.0.0.1:PORT/${address}/#desktop-session\n`);
    }
    expect(text).toContain(`npm run lab -- down --name ${name}\n`);
    expect(text.split('\n').length).toBeLessThan(25);
  });
});

describe('the desktop in a browser, through the gateway', () => {
  it.each(AGENTS)('is there, and what is typed into it happens on %s', async (host, address) => {
    const page = await open(`${address}/#desktop-session`);
    const { dataset, title } = await page.evaluate<{ dataset: Record<string, string>; title: string }>(
      '({ dataset: { ...document.body.dataset }, title: document.title })',
    );
    expect({ ...dataset, title }).toEqual({
      state: 'connected',
      host,
      session: 'desktop-session',
      title: `${host}: desktop-session`,
    });
    const file = `/tmp/typed-by-browser-${Date.now()}`;
    await page.locator('canvas').click();
    await page.keyboard.type(`uname -n; touch ${file}\n`);
    await eventually(async () => {
      expect(await lab.host(host).attempt(`stat -c %U ${file}`)).toMatchObject({ stdout: 'ec2-user\n' });
    });
    await screenshot(page, host);
    await page.close();
  });

  it('says so where there is no such session', async () => {
    const page = await open('10.150.248.180/#somebody-elses');
    expect(await page.locator('body').getAttribute('data-state')).toBe('no-session');
    expect(await page.locator('#message').textContent()).toMatch(/session/i);
    await page.close();
  });
});

describe('npm run demo, once more', () => {
  it('leaves what is there, and the address stays', async () => {
    const again = await demo();
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('✔ 3 hosts  up already\n');
    expect(again.stdout).toMatch(/release [0-9a-f]{12} is live; unchanged\n/);
    expect(again.stdout).toContain('✔ agent1  desktop-session is there already\n');
    expect(again.stdout).toContain(`Open ${gateway}`);
  });

  it('names the command that failed, in its own words', async () => {
    const agent = lab.host('agent2');
    await agent.sh('systemctl stop dcvserver');
    const { code, stderr } = await demo();
    expect(code).toBe(1);
    expect(stderr).toContain('✖ dcvops session create agent1 agent2 failed (exit 1):\n');
    expect(stderr).toMatch(/✖ agent2: .*dcvserver/);
    expect(stderr).toContain('--start-service');
  });
});

/** For a person who wants to see it: DCVOPS_SCREENSHOTS names a folder. */
async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['DCVOPS_SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
