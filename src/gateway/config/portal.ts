import type { AgentHost, GatewaySettings } from '../../inventory/types.ts';
import { NOTHING, type NginxText, identifier, nginx, path, quoted } from '../nginx-text.ts';
import { PORTAL_POLICY } from '../portal/portal-page.ts';
import { GATEWAY_DIRECTORY } from '../state.ts';
import { closedAgents } from './access.ts';
import type { Action } from './actions.ts';

const NAME = identifier('portal');
const STATE = nginx`/state/agents.json`;

/** Which no file has: then no agent is said to be out of service. */
const NO_STATE = nginx`/no-agents.json`;

/** The file of agents that are out of service tells of all; so nobody gets it where not everybody may know of each. */
function stateFile(agents: readonly AgentHost[]): NginxText {
  return closedAgents(agents).length === 0 ? STATE : NO_STATE;
}

/** Is `/` nobody's, so that it can lead to the portal? */
export function leadsToPortal({ portal, default: agents }: GatewaySettings): boolean {
  return portal && agents.length === 0;
}

/** What is below `/portal/`: these files and no others, by their exact paths. */
export function portalMaps({ portal }: GatewaySettings, agents: readonly AgentHost[]): NginxText {
  if (!portal) return NOTHING;
  return nginx`
    # ---- The portal
    map $request_uri $dcv_portal_file {
        default /none;
        "~^/portal/(?:\?|$)" /pages/portal.$dcv_language.html;
        "~^/portal/agents\.json(?:\?|$)" ${stateFile(agents)};
    }
  `;
}

/** The portal's part of what the gateway does with requests; it comes before the default agent. */
export function portalActions(gateway: GatewaySettings, agents: readonly AgentHost[]): Action[] {
  if (!gateway.portal) return [];
  return [
    {
      name: NAME,
      when: [nginx`"~^portal\|[^|]*\|[^|]*\|[^|]*\|[^|]*\|/"`],
      answer: nginx`
        set $dcv_stage ${NAME};
        if ($request_method !~ "^(?:GET|HEAD)$") {
            return 405;
        }
        root ${path(GATEWAY_DIRECTORY)};
        open_file_cache off;
        types {
            "text/html; charset=utf-8" html;
            application/json json;
        }
        add_header Cache-Control no-cache;
        add_header Vary Accept-Language;
        add_header Content-Security-Policy ${quoted(PORTAL_POLICY)};
        add_header X-Content-Type-Options nosniff;
        add_header Referrer-Policy no-referrer;
        try_files $dcv_portal_file @dcv_portal_none;
      `,
      reasons: [],
    },
    {
      // No agent is known to be out of service as long as nobody has written it down.
      name: identifier('portal_none'),
      when: [],
      answer: nginx`
        default_type application/json;
        add_header Cache-Control no-cache;
        if ($dcv_portal_file = ${stateFile(agents)}) {
            return 200 "{}\n";
        }
        return 404;
      `,
      reasons: [],
    },
    {
      name: identifier('portal_slash'),
      when: [nginx`"~^portal\|"`, ...(leadsToPortal(gateway) ? [nginx`"~^front\|"`] : [])],
      answer: nginx`
        set $dcv_stage ${NAME};
        return 302 /portal/;
      `,
      reasons: [],
    },
  ];
}
