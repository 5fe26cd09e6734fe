import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../../src/gateway/languages.ts';
import { PORTAL_POLICY, portalPage } from '../../../../src/gateway/portal/portal-page.ts';
import { PORTAL_TEXTS } from '../../../../src/gateway/portal/portal-texts.ts';
import { renderPages } from '../../../../src/gateway/portal/render-pages.ts';
import type { AgentHost } from '../../../../src/inventory/types.ts';
import { agent } from '../inventories.ts';

const agents = [
  agent('gpu-10', '10.150.248.10', { tags: ['gpu'] }),
  agent('gpu-2', '10.150.248.2', { tags: ['gpu', 'ubuntu-22.04'] }),
  agent('six', 'fd00:150::5'),
];
const many = Array.from({ length: 13 }, (_, index) => agent(`agent${index}`, `10.150.248.${index + 1}`));

const links = (page: string): string[] =>
  [...page.matchAll(/<a href="([^"]*)"/g)].map(([, href = '']) => href);

describe('the portal', () => {
  it('leads to each desktop with its session, under whatever name the gateway is reached, as people count', () => {
    expect(links(portalPage('en', agents, 'desktop-session'))).toEqual([
      '/10.150.248.2/#desktop-session',
      '/10.150.248.10/#desktop-session',
      '/fd00:150::5/#desktop-session',
    ]);
  });

  it('is the same whatever the order of the inventory', () => {
    expect(portalPage('ja', [...agents].reverse(), 's')).toBe(portalPage('ja', agents, 's'));
  });

  // A page whose style or script is not the one that its policy allows is a page without them.
  it.each(LANGUAGES)('in %s has the style and the script that its policy allows', (language) => {
    const page = portalPage(language, agents, 'desktop-session');
    const hash = (element: string): string => {
      const [, text = ''] = new RegExp(`<${element}>([^]*)</${element}>`).exec(page) ?? [];
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    };
    expect(PORTAL_POLICY).toContain(`style-src ${hash('style')};`);
    expect(PORTAL_POLICY).toContain(`script-src ${hash('script')};`);
  });

  it('loads nothing: no address in it leaves the gateway', () => {
    const page = portalPage('en', many, 's');
    expect(page.match(/https?:|url\(|@import|<(?:img|link|iframe)|\ssrc=/g)).toBeNull();
  });

  it.each([
    ['thirteen', many, true],
    ['twelve', many.slice(1), false],
  ])('with %s desktops has a field to find one: %s', (_, listed, expected) => {
    expect(portalPage('en', listed, 's').includes('type="search"')).toBe(expected);
  });

  it('of an inventory without agents says so', () => {
    for (const language of LANGUAGES) {
      const page = portalPage(language, [], 's');
      expect(page).toContain(PORTAL_TEXTS[language].empty);
      expect(page).not.toContain('<script');
    }
  });

  it('keeps tags text', () => {
    const page = portalPage('en', [agent('a1', '10.0.0.1', { tags: ['<img src=x onerror=alert(1)>'] })], 's');
    expect(page).not.toContain('<img');
  });
});

describe('the files of a release', () => {
  it('have the portal in each language, readable by nginx', () => {
    const files = renderPages({ gateway: { portal: true }, agents, sessionId: 'desktop-session' });
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([
      ['/etc/nginx/dcv-gateway/pages/portal.en.html', 0o644],
      ['/etc/nginx/dcv-gateway/pages/portal.ja.html', 0o644],
    ]);
    for (const [index, language] of LANGUAGES.entries()) {
      expect(files[index]?.content).toContain(`<html lang="${language}">`);
    }
  });

  // The page is the same for everybody, so it would tell of the agent whom its lists keep out.
  it('leave out agents with access lists of their own', () => {
    const closed = agent('lab', '10.150.248.7', { access: { allow: ['10.213.1.0/24'], deny: [] } });
    const denied = agent('lab2', '10.150.248.8', { access: { allow: 'any', deny: ['10.213.1.0/24'] } });
    const pages = (all: readonly AgentHost[]): unknown =>
      renderPages({ gateway: { portal: true }, agents: all, sessionId: 's' });
    expect(pages([...agents, closed, denied])).toEqual(pages(agents));
  });

  it('have none where it is off', () => {
    expect(renderPages({ gateway: { portal: false }, agents, sessionId: 's' })).toEqual([]);
  });
});
