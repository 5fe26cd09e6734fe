import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import { QUIET, onlyReaches } from '../../lab/support/browser.ts';
import { AUTHORITY, GATEWAY, type TestGateway } from './gateway.ts';

/** A page, and what must not happen on it. */
export interface Visit {
  readonly page: Page;
  /** What the browser complained of (blocked by the policy, errors in scripts), but for answers that are errors. */
  readonly complaints: readonly string[];
  /** Addresses of other hosts that the page asked for. */
  readonly outside: readonly string[];
}

export interface TestBrowser {
  /** Opens a path of the gateway as somebody whose browser is set up like this; `prepare` sees the page before it opens. */
  readonly visit: (
    target: string,
    options?: BrowserContextOptions,
    prepare?: (page: Page) => Promise<void>,
  ) => Promise<Visit>;
  readonly close: () => Promise<void>;
}

/** In milliseconds. */
const SETTLES_WITHIN = 3000;

/**
 * What Chromium learns of its network in its first seconds it takes for a change of it, and drops what is under way
 * (ERR_NETWORK_CHANGED): whoever opens a page waits until that is over.
 */
async function settle(browser: Browser): Promise<void> {
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  await page.goto(`https://${AUTHORITY}/health`).catch(() => undefined);
  await delay(SETTLES_WITHIN);
  await page.context().close();
}

/** Starts Debian's Chromium inside the gateway's network, where it sees nothing else. */
export async function openBrowser({ network }: TestGateway): Promise<TestBrowser> {
  const home = mkdtempSync(path.join(network.directory, 'browser-'));
  const program = path.join(home, 'chromium');
  const [command, args] = network.inside(['/usr/bin/chromium']);
  writeFileSync(program, `#!/bin/sh\nexec ${[command, ...args].join(' ')} "$@"\n`, { mode: 0o755 });
  mkdirSync(path.join(home, 'home'));
  const browser: Browser = await chromium.launch({
    executablePath: program,
    headless: true,
    chromiumSandbox: false, // it refuses root
    args: [...QUIET, onlyReaches(GATEWAY)],
    env: { PATH: process.env['PATH'] ?? '', HOME: path.join(home, 'home'), LANG: 'C.UTF-8' },
  });
  await settle(browser);
  return {
    async visit(target, options = {}, prepare) {
      const context = await browser.newContext({
        ignoreHTTPSErrors: true, // the certificate is self-signed
        viewport: { width: 1280, height: 800 },
        ...options,
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      const outside: string[] = [];
      page.on('console', (message) => {
        const text = message.text();
        if (message.type() === 'error' && !text.startsWith('Failed to load resource: the server responded')) {
          complaints.push(text);
        }
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (new URL(request.url()).host !== AUTHORITY) outside.push(request.url());
      });
      await prepare?.(page);
      await page.goto(`https://${AUTHORITY}${target}`);
      return { page, complaints, outside };
    },
    close: () => browser.close(),
  };
}
