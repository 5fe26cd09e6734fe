/** Where everything of this benchmark is, in a network of its own. */
export const GATEWAY = '10.213.66.188';
export const AGENTS = '10.150.248.0/24';
/** Answers HTTP. */
export const HTTP_AGENT = '10.150.248.180';
/** Takes WebSockets. */
export const WEBSOCKET_AGENT = '10.150.248.136';
const AGENT_PORT = 8443;

/** Who stands between the clients and the agents. */
export const PORTS = { ours: 9443, minimal: 9444, haproxy: 9445 } as const;
export type Contender = keyof typeof PORTS;

/** Files of a certificate, and the directory that a program may write to. */
export interface Place {
  readonly directory: string;
  readonly certificate: string;
  readonly key: string;
}

/** What people write by hand, from nginx's own page about WebSockets: everything else is nginx's default. */
export function minimalProxy({ directory, certificate, key }: Place): string {
  return `server {
    listen ${GATEWAY}:${PORTS.minimal} ssl;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    access_log ${directory}/access.log;
    location ~ "^/(?<agent>[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+)/(?<rest>.*)$" {
        proxy_pass https://$agent:${AGENT_PORT}/$rest$is_args$args;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_set_header Host $host;
    }
}
`;
}

/** The same routing: the path's first segment is the agent, if it is in the agents' network, and is taken off. */
export function haproxy({ bundle }: { readonly bundle: string }): string {
  return `defaults
    mode http
    timeout connect 5s
    timeout client 75s
    timeout server 75s
    timeout tunnel 1h
frontend gateway
    bind ${GATEWAY}:${PORTS.haproxy} ssl crt ${bundle} alpn h2,http/1.1
    http-request set-var(txn.agent) path,field(2,/)
    http-request deny deny_status 403 unless { var(txn.agent) -m ip ${AGENTS} }
    http-request replace-path /[^/]+(/.*) \\1
    http-request set-dst var(txn.agent)
    default_backend agents
backend agents
    server agent 0.0.0.0:${AGENT_PORT} ssl verify none
`;
}

/** An agent that answers any request with 1 KB, from memory, and keeps connections. */
export function httpAgent({ certificate, key }: Place): string {
  return `server {
    listen ${HTTP_AGENT}:${AGENT_PORT} ssl;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    access_log off;
    keepalive_requests 1000000;
    location / { return 200 "${'x'.repeat(1023)}\\n"; }
}
`;
}
