import type { AgentHost } from '../inventory/types.ts';
import { DcvopsError } from '../errors.ts';
import { agentAccess, claimsOfHost, entryOf, shutAction } from './config/access.ts';
import { actions, decision } from './config/actions.ts';
import { clientMaps, limitZones } from './config/clients.ts';
import { defaultRoute, pickMaps } from './config/default-agents.ts';
import { errorMaps } from './config/errors.ts';
import { cookieMaps, loginMaps, loginReasons } from './config/login.ts';
import { LOG_FILES, logFormat } from './config/logs.ts';
import { allowList } from './config/networks.ts';
import { leadsToPortal, portalActions, portalMaps } from './config/portal.ts';
import { pinnedAgents, places } from './config/pins.ts';
import { requestParsing } from './config/request.ts';
import { gatewayServer, statusServer } from './config/server.ts';
import { upstreams } from './config/upstreams.ts';
import { roomForVariables } from './config/variables.ts';
import { filesBeside } from './files-beside.ts';
import { unsupportedReason } from './nginx-facts.ts';
import { type NginxText, comment, nginx, sections } from './nginx-text.ts';
import { STATUS_ENDPOINT } from './ports.ts';
import { LIVE_FILE, STATE_DIRECTORY, fileLine, withReleaseId } from './release.ts';
import type { RenderInput, RenderedFile, RenderedGateway } from './rendered.ts';

/**
 * Renders the gateway's nginx configuration: a pure function of its input, the same text in whatever order the inventory
 * lists its hosts.
 * @throws DcvopsError `failed` when the proxy's nginx can't run it; `inventory` for what can't be written in nginx's
 * language (a path with `$`, control characters) or is never served (a loopback address as an agent)
 */
export function renderGateway(input: RenderInput): RenderedGateway {
  const unsupported = unsupportedReason(input.nginx);
  if (unsupported !== undefined) throw new DcvopsError('failed', unsupported, { host: input.proxy.name });
  const beside = filesBeside({ ...input, agents: sorted(input.agents) });
  const { releaseId, content } = withReleaseId((id) => configuration(input, id, beside).toString() + '\n');
  return { releaseId, config: content, files: [{ path: LIVE_FILE, mode: 0o644, content }, ...beside] };
}

function configuration(input: RenderInput, id: string, beside: readonly RenderedFile[]): NginxText {
  const { gateway, proxy } = input;
  const agents = sorted(input.agents);
  const releaseId = comment(id);
  const route = defaultRoute(gateway);
  const pinned = pinnedAgents(gateway, agents);
  const chosen = [
    ...shutAction(agents, gateway),
    ...portalActions(gateway, agents),
    ...actions(route, gateway.verifyAgents),
  ];
  return sections(
    header(releaseId, beside),
    roomForVariables(gateway, agents),
    requestParsing(
      agents,
      {
        front: leadsToPortal(gateway) || route.kind === 'redirect',
        portal: gateway.portal,
      },
      route,
    ),
    portalMaps(gateway, agents),
    allowList({ gateway, agents, proxy, ownAddresses: input.nginx.ownAddresses }),
    agentAccess(agents, gateway),
    claimsOfHost(agents, gateway),
    decision(chosen, entryOf(agents, gateway)),
    upstreams(agents, route),
    places(pinned),
    pickMaps(route),
    clientMaps(),
    limitZones(gateway.access),
    logFormat(),
    loginMaps(gateway.access.basic),
    cookieMaps(),
    errorMaps(chosen, loginReasons(gateway.access.basic)),
    gatewayServer({
      gateway,
      facts: input.nginx,
      actions: chosen,
      pinned,
      ownPaths: agents.some(({ webUrlPath }) => webUrlPath !== undefined),
      logFiles: input.logFiles ?? LOG_FILES,
      releaseId,
    }),
    statusServer(input.statusEndpoint ?? STATUS_ENDPOINT, input.nginx, releaseId),
  );
}

function header(releaseId: NginxText, beside: readonly RenderedFile[]): NginxText {
  return nginx`
    # Amazon DCV gateway: https://THIS-HOST:PORT/<agent's address>/… reaches the agent, HTTP and WebSocket alike.
    # release: ${releaseId}
    ${beside.map(({ path, content }) => comment(fileLine(path, content)))}
    #
    # Written by dcvops from its inventory; what is changed here is lost with the next "dcvops deploy".
    # Undo with "dcvops rollback", or by hand, as root on this host:
    ${UNDO_BY_HAND.map((line) => comment(`#   ${line}`))}
  `;
}

/** A kept release is its files and a manifest, which says where each goes and what is not there. */
const UNDO_BY_HAND = [
  `ls -t ${STATE_DIRECTORY}/releases`,
  `cd ${STATE_DIRECTORY}/releases/ID && while read -r kind mode name path; do case $kind in`,
  '  write) mkdir -p "${path%/*}" && cp "$name" "$path" && chmod "$mode" "$path" ;; remove) rm -f "$path" ;;',
  'esac; done <manifest',
  'nginx -t && nginx -s reload        (never a restart: it cuts every open desktop)',
];

/** By name, so that the order in the inventory doesn't matter. */
function sorted(agents: readonly AgentHost[]): AgentHost[] {
  return [...agents].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
