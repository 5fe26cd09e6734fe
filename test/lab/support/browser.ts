import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

/** Nothing that a browser does by itself: no updates, no sync, no pings. */
export const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** No name and no address leads anywhere but this one. */
export function onlyReaches(address: string): string {
  return `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${address}`;
}

export interface Browser {
  readonly context: BrowserContext;
  readonly close: () => Promise<void>;
}

/** Starts Debian's Chromium without a window, as nobody in particular: settings and HOME are new and go with it. */
export async function openBrowser(): Promise<Browser> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'dcvops-browser-'));
  const context = await chromium.launchPersistentContext(path.join(home, 'profile'), {
    executablePath: '/usr/bin/chromium',
    headless: true,
    chromiumSandbox: false, // it refuses root
    args: [...QUIET, onlyReaches('127.0.0.1')],
    env: { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8' },
    ignoreHTTPSErrors: true, // the lab's certificate is self-signed
    viewport: { width: 1280, height: 800 },
  });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
