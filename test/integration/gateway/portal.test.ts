import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agent } from '../../unit/gateway/inventories.ts';
import { type TestBrowser, type Visit, openBrowser } from './browser.ts';
import { AUTHORITY, DEAD_AGENT, STRANGER, type TestGateway, ask, startGateway } from './gateway.ts';

/** So many that the portal has a field to find one. They are on no host: nginx says so at once. */
const MORE = Array.from({ length: 9 }, (_, index) =>
  agent(`more-${index + 1}`, `10.150.248.${101 + index}`, { tags: ['spare'] }),
);

let gateway: TestGateway;
let browser: TestBrowser;
beforeAll(async () => {
  gateway = await startGateway(
    { portal: true },
    [],
    (config) => config.replace('proxy_connect_timeout 5s', 'proxy_connect_timeout 1s'),
    (agents) => [...agents, ...MORE],
  );
  browser = await openBrowser(gateway);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

/** What the gateway knows of agents, as `dcvops` writes it. */
function mark(marks: Record<string, string>): void {
  mkdirSync(path.join(gateway.own, 'state'), { recursive: true });
  writeFileSync(path.join(gateway.own, 'state', 'agents.json'), JSON.stringify(marks));
}

describe('over HTTP, the portal', () => {
  it.each([
    ['/portal/', 'en', 'en'],
    ['/portal/', 'ja,en;q=0.5', 'ja'],
    ['/portal/?from=mail', 'en', 'en'],
  ])('%s is a page for %s', async (target, accepted, language) => {
    const answer = await ask(gateway, target, { headers: { 'Accept-Language': accepted } });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain(`<html lang="${language}">`);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      vary: 'Accept-Language',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; .*frame-ancestors 'none'$/,
      ) as string,
    });
  });

  it('is sent again only when it changed', async () => {
    const { headers } = await ask(gateway, '/portal/');
    expect(
      (await ask(gateway, '/portal/', { headers: { 'If-None-Match': headers['etag'] ?? '' } })).status,
    ).toBe(304);
  });

  it('tells what is known of agents, at once and without a reload; nothing at first', async () => {
    expect(await ask(gateway, '/portal/agents.json')).toMatchObject({ status: 200, body: '{}\n' });
    for (const marks of [{ '10.150.248.136': 'maintenance' }, {}]) {
      mark(marks);
      const answer = await ask(gateway, '/portal/agents.json');
      expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
      expect(JSON.parse(answer.body)).toEqual(marks);
    }
  });

  // What lies beside its files are users and secrets.
  it.each([
    '/portal/x',
    '/portal//',
    '/portal/portal.en.html',
    '/portal/pages/portal.en.html',
    '/portal/agents.json/',
    '/portal/../state/users',
    '/portal/%2e%2e/state/users',
    '/portal/..%2fstate/users',
    '/portal/./agents.json',
  ])('has nothing else: %s', async (target) => {
    expect((await ask(gateway, target)).status).toBe(404);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    for (const target of ['/portal/', '/portal/agents.json', '/portal/x']) {
      expect((await ask(gateway, target, { method, headers: { 'Content-Length': '0' } })).status).toBe(405);
    }
  });

  it.each(['/portal', '/portal?x'])('is where %s leads', async (target) => {
    expect(await ask(gateway, target)).toMatchObject({ status: 302, headers: { location: '/portal/' } });
  });

  it.each(['/portal/', '/portal', '/portal/agents.json'])('is closed to strangers: %s', async (target) => {
    expect((await ask(gateway, target, { from: STRANGER })).status).toBe(403);
  });

  it('is never asked of an agent, and takes no path but its own from the default agent', async () => {
    gateway.received();
    await ask(gateway, '/portal/');
    expect(gateway.received()).toEqual({});
    for (const target of ['/', '/portals/', '/portal.html', '/Portal/', '/portal%2F']) {
      expect((await ask(gateway, target)).headers).toMatchObject({ 'x-agent': 'agent1' });
    }
  });

  it('is where a gateway without a default agent leads who types its address', async () => {
    const door = await startGateway({ portal: true, default: [] });
    try {
      for (const target of ['/', '/?x']) {
        expect(await ask(door, target)).toMatchObject({ status: 302, headers: { location: '/portal/' } });
      }
      expect((await ask(door, '/', { from: STRANGER })).status).toBe(403);
      expect((await ask(door, '/elsewhere')).status).toBe(404);
    } finally {
      await door.stop();
    }
  });
});

// Everybody gets the same page, so an agent that is not for everybody is not on it, and its state is nowhere.
it('the portal tells nothing of an agent with access lists of its own, nor of what it is doing', async () => {
  const some = await startGateway({ portal: true }, [], undefined, (agents) =>
    agents.map((one) =>
      one.name === 'agent2' ? { ...one, access: { allow: ['10.99.0.0/16'], deny: [] } } : one,
    ),
  );
  try {
    mkdirSync(path.join(some.own, 'state'), { recursive: true });
    writeFileSync(path.join(some.own, 'state', 'agents.json'), '{"10.150.248.136":"down"}');
    const page = await ask(some, '/portal/');
    expect(page.status).toBe(200);
    expect(page.body).toContain('agent1');
    expect(page.body).not.toMatch(/agent2|10\.150\.248\.136/);
    expect(await ask(some, '/portal/agents.json')).toMatchObject({ status: 200, body: '{}\n' });
  } finally {
    await some.stop();
  }
});

/** The card of an agent. */
function card({ page }: Visit, name: string): Locator {
  return page.getByRole('listitem').filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** Waits until the portal has asked all of them. */
async function whenChecked({ page }: Visit): Promise<void> {
  await page.locator('#summary:not(:empty)').waitFor();
}

async function end({ page, complaints, outside }: Visit): Promise<void> {
  expect({ complaints, outside }).toEqual({ complaints: [], outside: [] });
  await page.context().close();
}

describe('in a browser, the portal', () => {
  it.each([
    ['en-US', 'Answers', 'In maintenance', 'Does not answer', 'Answering: 2 of 14'],
    ['ja-JP', '応答あり', 'メンテナンス中', '応答なし', '14台中2台が応答しています'],
  ])('in %s says who answers', async (locale, answers, maintenance, silent, summary) => {
    mark({ '10.150.248.136': 'maintenance' });
    const visit = await browser.visit('/portal/', { locale });
    await whenChecked(visit);
    const state = (name: string): Promise<string | null> => card(visit, name).locator('.state').textContent();
    expect(await state('agent1')).toBe(answers);
    expect(await state('agent2')).toBe(maintenance);
    expect(await state('dead')).toBe(silent);
    expect(await state('silent')).toBe(silent);
    expect(await state('six')).toBe(answers);
    expect(await visit.page.getByRole('status').textContent()).toBe(summary);
    await end(visit);
  });

  it('asks again by itself, and says what changed', async () => {
    mark({ '10.150.248.136': 'maintenance' });
    const visit = await browser.visit('/portal/', { locale: 'en-US' }, (page) => page.clock.install());
    await whenChecked(visit);
    mark({ '10.150.248.180': 'draining', 'fd00:150::5': 'down' });
    await visit.page.clock.fastForward(30_000);
    await card(visit, 'agent2').getByText('Answers').waitFor();
    await card(visit, 'agent1').getByText('will soon be out of service').waitFor();
    await card(visit, 'six').getByText('Does not answer').waitFor();
    await end(visit);
  });

  it('is links without JavaScript, and claims nothing', async () => {
    const visit = await browser.visit('/portal/', { javaScriptEnabled: false });
    const { page } = visit;
    expect(await page.locator('#desktops a').count()).toBe(14);
    expect(await page.locator('.state, input').filter({ visible: true }).count()).toBe(0);
    await page.getByRole('link', { name: 'agent2' }).click();
    expect(page.url()).toBe(`https://${AUTHORITY}/10.150.248.136/#desktop-session`);
    expect(await page.textContent('body')).toContain('agent2 /');
    await end(visit);
  });

  it('needs no mouse: what is focused is seen, and Enter opens it', async () => {
    const visit = await browser.visit('/portal/');
    const { page } = visit;
    await page.keyboard.press('Tab');
    await page.keyboard.type('AGENT2');
    expect(await page.locator('#desktops > li').filter({ visible: true }).count()).toBe(1);
    expect(await page.getByRole('status').textContent()).toBe('Shown: 1 of 14');
    await page.keyboard.press('Tab');
    expect(await page.locator('a:focus').textContent()).toBe('agent2');
    const outline = 'getComputedStyle(document.activeElement.parentElement).outline';
    expect(await page.evaluate(outline)).toMatch(/ solid 3px$/);
    await page.keyboard.press('Enter');
    await page.waitForURL(`https://${AUTHORITY}/10.150.248.136/#desktop-session`);
    await end(visit);
  });

  it('finds desktops by tag as well, and shows all of them again', async () => {
    const visit = await browser.visit('/portal/');
    const shown = visit.page.locator('#desktops > li').filter({ visible: true });
    await visit.page.getByRole('searchbox').fill('spare');
    expect(await shown.count()).toBe(9);
    await visit.page.getByRole('searchbox').fill('');
    expect(await shown.count()).toBe(14);
    await end(visit);
  });
});

describe('an error page in a browser', () => {
  it('tries the same desktop again, its session included, and leads to the others', async () => {
    const visit = await browser.visit(`/${DEAD_AGENT}/#desktop-session`, { locale: 'en-US' });
    const { page } = visit;
    const number = await page.locator('code').textContent();
    await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: 'Try again' }).click()]);
    expect(page.url()).toBe(`https://${AUTHORITY}/${DEAD_AGENT}/#desktop-session`);
    expect(await page.locator('code').textContent()).not.toBe(number);
    await page.getByRole('link', { name: 'All desktops' }).click();
    await page.waitForURL(`https://${AUTHORITY}/portal/`);
    await end(visit);
  });

  it('without JavaScript tries the same address again', async () => {
    const visit = await browser.visit(`/${DEAD_AGENT}/?a=b`, { javaScriptEnabled: false });
    const number = await visit.page.locator('code').textContent();
    await visit.page.locator('#retry').click();
    expect(visit.page.url()).toBe(`https://${AUTHORITY}/${DEAD_AGENT}/?a=b`);
    expect(await visit.page.locator('code').textContent()).not.toBe(number);
    await end(visit);
  });
});

// Names, roles, landmarks, heading, language and contrast, as axe finds them; and nothing that has to be scrolled sideways.
describe.each(['/portal/', `/${DEAD_AGENT}/`])('%s is for everybody', (target) => {
  it.each([
    ['en-US', 'light', 'rgb(244, 246, 248)'],
    ['ja-JP', 'dark', 'rgb(17, 22, 28)'],
  ] as const)('in %s and %s, on a phone and on a desk', async (locale, colorScheme, background) => {
    mark({ '10.150.248.136': 'maintenance' });
    const phone = { width: 390, height: 844 };
    const visit = await browser.visit(target, { locale, colorScheme, viewport: phone });
    const { page } = visit;
    if (target === '/portal/') await whenChecked(visit);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(background);
    for (const width of [phone.width, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
    }
    await page.evaluate(axe.source);
    const { violations, passes } = await page.evaluate<axe.AxeResults>('axe.run({ preload: false })');
    expect(violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html)])).toEqual([]);
    expect(passes.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['color-contrast', 'html-has-lang', 'region']),
    );
    await end(visit);
  });
});
