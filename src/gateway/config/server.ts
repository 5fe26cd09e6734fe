import type { GatewaySettings } from '../../inventory/types.ts';
import { type NginxFacts, atLeast } from '../nginx-facts.ts';
import { NOTHING, type NginxText, checkedPort, endpoint, nginx, sections } from '../nginx-text.ts';
import { gatewayAccess, realIp } from './access.ts';
import { type Action, actionLocations } from './actions.ts';
import { limits } from './clients.ts';
import { errorLocations, errorPages } from './errors.ts';
import { issueLogin, login, loginStaysHere, usersOrNone } from './login.ts';
import { type LogFiles, logging } from './logs.ts';
import type { PinnedAgent } from './pins.ts';
import { proxying } from './proxying.ts';
import { tls } from './tls.ts';

export interface ServerInput {
  readonly gateway: GatewaySettings;
  readonly facts: NginxFacts;
  readonly actions: readonly Action[];
  /** The agents whose certificates are verified; undefined where none is. */
  readonly pinned: readonly PinnedAgent[] | undefined;
  /** Does an agent serve its pages below a path of its own? */
  readonly ownPaths: boolean;
  readonly logFiles: LogFiles;
  readonly releaseId: NginxText;
}

/** The server that people connect to. */
export function gatewayServer(input: ServerInput): NginxText {
  const { basic } = input.gateway.access;
  return nginx`
    # ---- The gateway
    server {
        ${listening(input.gateway.listen, input.facts)}
        ${realIp(input.gateway.access, input.facts)}
        server_name _;
        server_tokens off;
        absolute_redirect off;

        ${tls(input.gateway.tls, input.facts)}

        ${logging(input.logFiles)}

        client_header_timeout 15s;
        client_body_timeout 60s;
        send_timeout 60s;
        keepalive_timeout 75s;
        keepalive_requests 1000;
        large_client_header_buffers 4 16k;
        client_max_body_size 10g;
        reset_timedout_connection on;
        limit_req_status 429;
        limit_conn_status 429;

        ${proxying(input.ownPaths)}
        ${loginStaysHere(basic)}

        ${errorPages()}

        # Where a request ended: at who may connect, in one of the actions below, or with the agent.
        set $dcv_stage access;
        ${usersOrNone(basic)}

        # Open to everyone: it tells nothing but which release answers.
        location = /health {
            default_type application/json;
            add_header Cache-Control no-store always;
            add_header X-DCV-Release ${input.releaseId} always;
            return 200 '{"status":"ok","release":"${input.releaseId}"}\n';
        }

        # Who may connect and how much comes first, then the action. A "return" here would come before both: nginx runs it in
        # an earlier phase.
        location / {
            # all of it, whatever this host's other files say
            satisfy all;
            ${gatewayAccess(input.gateway)}
            ${limits(input.gateway.access)}
            ${login(basic)}
            try_files /.dcv-no-such-file @dcv_${input.pinned === undefined ? nginx`$dcv_action` : nginx`$dcv_place`};
        }

        ${sections(...actionLocations(input.actions, issueLogin(basic), input.pinned), ...errorLocations(input.gateway.portal))}
    }
  `;
}

/** http2 is a directive from 1.25.1, and a parameter of listen before. */
function listening(listen: GatewaySettings['listen'], { version, modules, hasIPv6 }: NginxFacts): NginxText {
  const directive = modules.http2 && atLeast(version, [1, 25, 1]);
  const options = [
    nginx`ssl`,
    modules.http2 && !directive ? nginx`http2` : NOTHING,
    nginx`default_server so_keepalive=60s:10s:6`,
  ];
  const port = checkedPort(listen.port);
  return nginx`
    ${listen.address === undefined ? nginx`listen ${port} ${options};` : nginx`listen ${endpoint(listen.address, port)} ${options};`}
    ${listen.address === undefined && hasIPv6 ? nginx`listen [::]:${port} ${options};` : NOTHING}
    ${directive ? nginx`http2 on;` : NOTHING}
  `;
}

/** What nginx says of itself, for this host only. */
export function statusServer(
  at: { readonly address: string; readonly port: number },
  facts: NginxFacts,
  releaseId: NginxText,
): NginxText {
  return nginx`
    # ---- Counters and the release that runs, for this host only
    server {
        listen ${endpoint(at.address, at.port)};
        access_log off;
        ${facts.modules.stubStatus ? nginx`location = /stub_status { stub_status; }` : NOTHING}
        location = /release {
            default_type application/json;
            return 200 '{"release":"${releaseId}","pid":$pid,"nginx":"$nginx_version"}\n';
        }
        location / { return 404; }
    }
  `;
}
