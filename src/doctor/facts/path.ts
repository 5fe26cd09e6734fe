import * as z from 'zod/mini';

/* The way from a browser to a desktop, as far as this machine can go it. Times are in milliseconds. */

/** Why a connection could not be made. */
export const obstacle = z.enum([
  /** The name is unknown. */
  'dns',
  /** A machine answered that nothing listens there, or a firewall rejects. */
  'refused',
  /** No answer at all: a firewall drops, or nothing is there. */
  'filtered',
  /** No route, network or host unreachable. */
  'unreachable',
  /** Connected, but no TLS. */
  'tls',
  /** TLS, but no (whole) HTTP answer in time. */
  'silent',
  /** A forward proxy wants a login (407). */
  'forward-proxy',
  /** SSH forbids the tunnel (AllowTcpForwarding), so that it could not be tried. */
  'not-allowed',
  'other',
]);
export type Obstacle = z.infer<typeof obstacle>;

/** One question, from wherever it was asked. */
export const stepFacts = z.object({
  ok: z.boolean(),
  elapsedMs: z.number(),
  /** HTTP status; undefined: no answer. */
  status: z.optional(z.number()),
  /** The `Server` header. */
  server: z.optional(z.string()),
  /** The gateway's own refusal: `access`, `deny`, `upstream`, `nodefault`, … */
  refusal: z.optional(z.string()),
  obstacle: z.optional(obstacle),
  /** What was seen, in a few words. */
  detail: z.string(),
});
export type StepFacts = z.infer<typeof stepFacts>;

/** A gateway as it is seen from here and from its own host. */
export const gatewaySightFacts = z.object({
  proxy: z.string(),
  /** What people open. */
  url: z.url(),
  /** `/health`, asked directly. */
  direct: stepFacts,
  /** `/health`, asked on the host itself through SSH; undefined: not asked, for the direct way is open to us, or SSH failed. */
  tunnel: z.optional(stepFacts),
  /** Is this machine outside of gateway.access.allow? */
  refusedHere: z.boolean(),
  /** Did the gateway ask for a login? Then the agents are asked through SSH. */
  asksLogin: z.optional(z.boolean()),
  /** undefined: something else than a gateway of dcvops answers. */
  release: z.optional(z.string()),
  http2: z.optional(z.boolean()),
  /** The leaf of the certificate chain that is served, in PEM, and OpenSSL's word for why the chain is not trusted here. */
  certificate: z.optional(z.object({ chain: z.array(z.string()), chainError: z.optional(z.string()) })),
});
export type GatewaySightFacts = z.infer<typeof gatewaySightFacts>;

/** The way to one agent through one gateway; a step is there when the ones before it were passed. */
export const pathFacts = z.object({
  proxy: z.string(),
  agent: z.string(),
  /** `tunnel`: asked on the proxy itself, through SSH. */
  way: z.enum(['direct', 'tunnel', 'none']),
  /** GET /ADDRESS/version */
  route: z.optional(stepFacts),
  /** GET /ADDRESS/ */
  page: z.optional(stepFacts),
  /** WebSocket to /ADDRESS/auth */
  webSocket: z.optional(stepFacts),
  /** GET https://AGENT:PORT/version from the proxy, not through nginx; asked when the route fails. */
  fromProxy: z.optional(stepFacts),
  /** The same on the agent itself; asked when the route fails and the agent can be logged in to. */
  fromAgent: z.optional(stepFacts),
});
export type PathFacts = z.infer<typeof pathFacts>;
