import type { AgentHost } from '../../inventory/types.ts';
import { closedAgents } from '../config/access.ts';
import { LANGUAGES } from '../languages.ts';
import { GATEWAY_DIRECTORY } from '../state.ts';
import { portalPage } from './portal-page.ts';

/** Where the pages of a release are. */
export const PAGES = `${GATEWAY_DIRECTORY}/pages`;

/** A page as a file of the release: everybody may read it. */
export interface PageFile {
  readonly path: string;
  readonly mode: 0o644;
  readonly content: string;
}

/**
 * The portal in each language; nothing where it is off. An agent with lists of its own is not in it: everybody sees the
 * same page, and whoever may not reach an agent shall learn nothing of it. Pure.
 */
export function renderPages(input: {
  readonly gateway: { readonly portal: boolean };
  readonly agents: readonly AgentHost[];
  readonly sessionId: string;
}): PageFile[] {
  if (!input.gateway.portal) return [];
  const closed = closedAgents(input.agents);
  const shown = input.agents.filter((agent) => !closed.includes(agent));
  return LANGUAGES.map((language) => ({
    path: `${PAGES}/portal.${language}.html`,
    mode: 0o644,
    content: portalPage(language, shown, input.sessionId),
  }));
}
