import { sessionPath } from '../../inventory/session-path.ts';
import type { AgentHost } from '../../inventory/types.ts';
import type { Language } from '../languages.ts';
import { type Html, html, inline } from './html.ts';
import { PORTAL_SCRIPT } from './portal-script.ts';
import { PORTAL_TEXTS, type PortalTexts } from './portal-texts.ts';
import { PORTAL_STYLE, sourceHash } from './style.ts';

/** From so many desktops on there is a field to find one. */
const MANY = 13;

/** What the portal may load and do: itself, and questions to its own host. Goes out as a header. */
export const PORTAL_POLICY = [
  "default-src 'none'",
  `style-src ${sourceHash(PORTAL_STYLE)}`,
  `script-src ${sourceHash(PORTAL_SCRIPT)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * The page that lists the agents, each a link to its desktop: as it is, for a browser without JavaScript; the script adds
 * who answers. Links have no host name, so the page works under whichever name the gateway has. Pure; the same text in
 * whatever order the agents come.
 * @param session the id of the session that a link opens
 */
export function portalPage(language: Language, agents: readonly AgentHost[], session: string): string {
  const texts = PORTAL_TEXTS[language];
  return `${html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${texts.title}</title>
        ${inline('style', PORTAL_STYLE)}
      </head>
      <body>
        <header>
          <h1>${texts.title}</h1>
          <p>${texts.lead}</p>
        </header>
        <main>
          ${agents.length === 0 ? html`<p class="empty">${texts.empty}</p>` : desktops(texts, byName(agents), session)}
        </main>
        <footer>
          <p>${texts.help}</p>
        </footer>
        ${agents.length === 0 ? [] : inline('script', PORTAL_SCRIPT)}
      </body>
    </html>`.toString()}\n`;
}

function desktops(texts: PortalTexts, agents: readonly AgentHost[], session: string): Html {
  return html`<div class="tools">
      ${agents.length < MANY ? [] : html`<search hidden><label for="find">${texts.filter}</label><input id="find" type="search" autocomplete="off" spellcheck="false" /></search>`}
      <p id="summary" role="status"></p>
    </div>
    <ul
      id="desktops"
      role="list"
      ${Object.entries(texts.words).map(([name, word]) => html`data-${name}="${word}"`)}
    >
      ${agents.map((agent, index) => desktop(agent, index + 1, session))}
    </ul>`;
}

function desktop({ name, host, tags }: AgentHost, number: number, session: string): Html {
  return html`<li data-address="${host}" data-find="${[name, host, ...tags].join(' ').toLowerCase()}">
    <a href="${sessionPath({ host }, session)}" aria-describedby="d${number}">${name}</a>
    <div id="d${number}">
      <span class="address">${host}</span>
      ${
        tags.length === 0
          ? []
          : html`<ul class="tags" role="list">
              ${tags.map((tag) => html`<li>${tag}</li>`)}
            </ul>`
      }
      <span class="state" hidden></span>
    </div>
  </li>`;
}

/** As people count: gpu-2 before gpu-10. */
function byName(agents: readonly AgentHost[]): AgentHost[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...agents].sort((a, b) => compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
}
