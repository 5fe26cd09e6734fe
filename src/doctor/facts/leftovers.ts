import * as z from 'zod/mini';

/* What earlier attempts left on a host: Session Manager Broker and agent, DCV Connection Gateway, session resolvers. */

export const leftoverFacts = z.object({
  /** DCV Connection Gateway's configuration; undefined: no file. */
  connectionGateway: z.optional(
    z.object({
      listen: z.array(z.string()),
      certificate: z.optional(z.string()),
      key: z.optional(z.string()),
      /** The address that `[resolver]` names. */
      resolver: z.optional(z.string()),
    }),
  ),
  /** What session-manager-broker.properties says; undefined: no file. */
  broker: z.optional(z.object({ ports: z.array(z.number()) })),
  /** What the Session Manager agent's agent.conf says; undefined: no file. */
  sessionManagerAgent: z.optional(
    z.object({
      brokerHost: z.optional(z.string()),
      brokerPort: z.optional(z.number()),
      /** Path of the broker's certificate authority. */
      caFile: z.optional(z.string()),
    }),
  ),
  /** The custom resolver that the connection gateway's [resolver] names, where it runs on this host. */
  resolver: z.optional(
    z.object({
      port: z.number(),
      program: z.optional(z.string()),
      pid: z.optional(z.number()),
      /** Its systemd unit: `dcv-resolver.service`; undefined: it is no service of the system. */
      unit: z.optional(z.string()),
    }),
  ),
  /** Names of what `dcvops retire` has retired here, and can bring back. */
  retired: z.array(z.string()),
});
export type LeftoverFacts = z.infer<typeof leftoverFacts>;
