import type { AccessSettings } from '../../inventory/types.ts';
import { NOTHING, type NginxText, nginx, zoneName } from '../nginx-text.ts';

/** Maps about who asks: WebSocket or not, the host name it uses, and the page it comes from. */
export function clientMaps(): NginxText {
  return nginx`
    # ---- WebSockets, origin
    # Only WebSocket upgrades are passed on (h2c is not).
    map $http_upgrade $dcv_upgrade {
        default "";
        "~*^websocket$" websocket;
    }
    map $dcv_upgrade $dcv_connection {
        default "";
        websocket upgrade;
    }

    # A browser's Origin has to be this very host and port: otherwise any page that a user visits could open a desktop with
    # what that user's browser knows. Native clients send none.
    map "$http_origin|$http_host" $dcv_own_page {
        default 0;
        "~^\|" 1;
        "~*^https://(?<dcv_mo>[^|/]+)\|\k<dcv_mo>$" 1;
    }
    map "$dcv_upgrade|$dcv_own_page" $dcv_foreign_page {
        default 0;
        "websocket|0" 1;
    }
  `;
}

const CLIENT = nginx`$binary_remote_addr`;
const CLIENT_OF_WEBSOCKET = nginx`$dcv_websocket_client`;
const AGENT = nginx`$dcv_agent`;

const GUESSER = nginx`$dcv_guesser`;

const REQUESTS = zoneName('dcv_requests', CLIENT);
const HANDSHAKES = zoneName('dcv_handshakes', CLIENT_OF_WEBSOCKET);
const CONNECTIONS = zoneName('dcv_connections', CLIENT);
const AGENT_CONNECTIONS = zoneName('dcv_agent_connections', AGENT);
const GUESSES = zoneName('dcv_guesses', GUESSER);

/** How much of a rate may come at once, in seconds. */
const BURST_SECONDS = 10;

/** Requests and WebSockets that one agent may have at a time, from whomever: an office whose browsers ask for everything at once. */
const AGENT_LIMIT = 8_000;

/**
 * Where limits count. A viewer loads some hundred files and opens about ten WebSockets; the limits let an office of 50
 * behind one address open its desktops in the same second, and stop what runs away.
 */
export function limitZones({ rate, basic }: Pick<AccessSettings, 'rate' | 'basic'>): NginxText {
  if (rate === 'off') return nginx`# access.rate is "off": nothing is limited`;
  return nginx`
    # ---- Limits
    # Zones carry a hash of what they count by: nginx can't change that in a running zone.
    map $dcv_upgrade ${CLIENT_OF_WEBSOCKET} {
        default "";
        websocket $binary_remote_addr;
    }
    limit_req_zone ${CLIENT} zone=${REQUESTS}:10m rate=${rate.requests}r/s;
    limit_req_zone ${CLIENT_OF_WEBSOCKET} zone=${HANDSHAKES}:10m rate=${rate.handshakes}r/s;
    limit_conn_zone ${CLIENT} zone=${CONNECTIONS}:10m;
    limit_conn_zone ${AGENT} zone=${AGENT_CONNECTIONS}:10m;
    ${basic ? guessZone() : NOTHING}
  `;
}

/** Passwords that one client's address may send, in a second. */
const PASSWORDS_A_SECOND = 5;

/** How many may come at once: 50 people who log in, each with a few requests before the first answer brings the cookie. */
const PASSWORDS_AT_ONCE = 250;

/** Right or wrong, nginx only knows later; so all requests count that bring a password and no cookie of a login. */
function guessZone(): NginxText {
  return nginx`
    map "$dcv_realm|$http_authorization" ${GUESSER} {
        default $binary_remote_addr;
        "~^off\|" "";
        "~\|$" "";
    }
    limit_req_zone ${GUESSER} zone=${GUESSES}:10m rate=${PASSWORDS_A_SECOND}r/s;
  `;
}

/** The limits themselves, for the location that every request but `/health` passes. */
export function limits({ rate, basic }: Pick<AccessSettings, 'rate' | 'basic'>): NginxText {
  if (rate === 'off') return NOTHING;
  return nginx`
    limit_req zone=${REQUESTS} burst=${rate.requests * BURST_SECONDS} nodelay;
    limit_req zone=${HANDSHAKES} burst=${rate.handshakes * BURST_SECONDS} nodelay;
    limit_conn ${CONNECTIONS} ${rate.connections};
    limit_conn ${AGENT_CONNECTIONS} ${AGENT_LIMIT};
    ${basic ? nginx`limit_req zone=${GUESSES} burst=${PASSWORDS_AT_ONCE} nodelay;` : NOTHING}
  `;
}
