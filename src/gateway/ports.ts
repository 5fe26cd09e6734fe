/** The TCP port on which every agent's dcvserver listens (its default, `web-port`). */
export const AGENT_PORT = 8443;

/** Where nginx answers about itself, on loopback only: its counters, and the release it runs. */
export const STATUS_ENDPOINT = { address: '127.0.0.1', port: 18081 } as const;
