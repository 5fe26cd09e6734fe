import { POOL_FILE, defaultRoute, poolServers } from './config/default-agents.ts';
import { pinnedAgents } from './config/pins.ts';
import { renderPages } from './portal/render-pages.ts';
import type { RenderInput, RenderedFile } from './rendered.ts';

/** What goes with the gateway's configuration on the proxy. Empty for a gateway that needs nothing but that one file. */
export function filesBeside(input: RenderInput): readonly RenderedFile[] {
  return [...renderPages(input), ...poolFile(input), ...pinFiles(input)];
}

function poolFile({ gateway }: RenderInput): RenderedFile[] {
  const content = poolServers(defaultRoute(gateway));
  return content === undefined ? [] : [{ path: POOL_FILE, mode: 0o644, content }];
}

function pinFiles({ gateway, agents }: RenderInput): RenderedFile[] {
  const pinned = pinnedAgents(gateway, agents) ?? [];
  return pinned.map(({ file, pin }) => ({ path: file, mode: 0o644, content: pin.pem }));
}
