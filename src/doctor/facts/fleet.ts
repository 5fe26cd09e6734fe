import * as z from 'zod/mini';
import { agentFacts } from './agent.ts';
import { leftoverFacts } from './leftovers.ts';
import { operatorFacts } from './operator.ts';
import { gatewaySightFacts, pathFacts } from './path.ts';
import { proxyFacts } from './proxy.ts';
import { systemFacts } from './system.ts';

/* Everything that a diagnosis is made of. It is JSON as it stands: `doctor --facts` prints it, `doctor --from` reads it. */

const accessFacts = z.object({
  /** "any" alone for everybody. */
  allow: z.array(z.string()),
  deny: z.array(z.string()),
});

/** A session that people are to find, as the inventory has it. */
export const wantedSessionFacts = z.object({
  id: z.string(),
  type: z.enum(['virtual', 'console']),
  /** As whom its desktop runs; the console's runs as whoever logs in there. */
  user: z.optional(z.string()),
  owner: z.string(),
});
export type WantedSession = z.infer<typeof wantedSessionFacts>;

/** What the checks need of the inventory, so that a saved set can be read without it. */
export const inventoryFacts = z.object({
  file: z.string(),
  proxies: z.array(z.object({ name: z.string(), address: z.string() })),
  agents: z.array(
    z.object({
      name: z.string(),
      address: z.string(),
      /** Where it is not in service. */
      state: z.optional(z.enum(['draining', 'maintenance'])),
      /** The certificate that is pinned for it, in PEM, where the gateway verifies agents. */
      pinned: z.optional(z.string()),
      /** Where it is not for everyone whom the gateway lets in. */
      access: z.optional(accessFacts),
      /** The path below which the gateway asks for its pages; absent for `/`. */
      webUrlPath: z.optional(z.string()),
      /** Its declared sessions, and the fingerprint of what creates them by itself; absent where none are declared. */
      declared: z.optional(z.object({ sessions: z.array(wantedSessionFacts), fingerprint: z.string() })),
    }),
  ),
  gateway: z.object({
    address: z.optional(z.string()),
    port: z.number(),
    url: z.optional(z.string()),
    certificate: z.string(),
    key: z.string(),
    selfSigned: z.boolean(),
    /** Names of the agents that answer paths without an address. */
    default: z.array(z.string()),
    agentNetworks: z.array(z.string()),
    /** "any" alone for everybody. */
    allow: z.array(z.string()),
    /** Wins over `allow`. */
    deny: z.optional(z.array(z.string())),
    /** Load balancers that are believed about the client. */
    realIpFrom: z.optional(z.array(z.string())),
    workerConnections: z.number(),
    /** Does it take pinned certificates alone? undefined: facts of before it could. */
    verifyAgents: z.optional(z.boolean()),
  }),
  /** The usual one, of agents for which none are declared. */
  session: wantedSessionFacts,
});
export type InventoryFacts = z.infer<typeof inventoryFacts>;

/** How the operator came to a host. */
export const reachFacts = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    /** From nothing to logged in, in milliseconds. */
    elapsedMs: z.number(),
    /** "ec2-user@10.150.248.180:22" */
    target: z.string(),
    /** Names or addresses of the jump hosts, first one first. */
    via: z.array(z.string()),
  }),
  z.object({
    ok: z.literal(false),
    /** `sudo`: logged in, but not root. `script`: root, but the facts did not come. */
    stage: z.enum(['dns', 'tcp', 'host-key', 'login', 'jump', 'sudo', 'script']),
    target: z.string(),
    via: z.array(z.string()),
    message: z.string(),
    hint: z.optional(z.string()),
    /** A proxy that reaches the host's SSH port where this machine does not. */
    reachedBy: z.optional(z.string()),
  }),
]);
export type ReachFacts = z.infer<typeof reachFacts>;

export const hostFacts = z.object({
  name: z.string(),
  role: z.enum(['proxy', 'agent']),
  address: z.string(),
  reach: reachFacts,
  /** undefined: the host could not be asked. */
  system: z.optional(systemFacts),
  proxy: z.optional(proxyFacts),
  agent: z.optional(agentFacts),
  leftovers: z.optional(leftoverFacts),
  /** Commands that were ended because they hung, with their limit: "dcv list-sessions (20 s)". */
  hung: z.array(z.string()),
});
export type HostFacts = z.infer<typeof hostFacts>;

/** Goes up when a set of facts that is saved today could no longer be read. */
export const FACTS_FORMAT = 1;

export const factSet = z.object({
  format: z.literal(FACTS_FORMAT),
  dcvops: z.string(),
  /** ISO 8601, UTC. */
  collectedAt: z.iso.datetime(),
  inventory: inventoryFacts,
  operator: operatorFacts,
  /** Those that were asked for, in the inventory's order. */
  hosts: z.array(hostFacts),
  gateways: z.array(gatewaySightFacts),
  paths: z.array(pathFacts),
});
export type FactSet = z.infer<typeof factSet>;
