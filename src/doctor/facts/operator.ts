import * as z from 'zod/mini';

/* What is true of the machine that dcvops runs on. */

export const keyFileFacts = z.object({
  path: z.string(),
  /** Names of the hosts that use it. */
  hosts: z.array(z.string()),
  state: z.enum(['ok', 'missing', 'unreadable', 'not-a-key']),
  /** Permission bits in octal, "600"; undefined when it is missing. */
  mode: z.optional(z.string()),
  encrypted: z.boolean(),
  /** Does the SSH agent hold it, so that no passphrase is asked? undefined: not encrypted. */
  inAgent: z.optional(z.boolean()),
  /** Why it cannot be used, and what to do about it, for every state but `ok` and `missing`. */
  reason: z.optional(z.string()),
  hint: z.optional(z.string()),
});
export type KeyFileFacts = z.infer<typeof keyFileFacts>;

export const operatorFacts = z.object({
  dcvops: z.string(),
  node: z.string(),
  platform: z.string(),
  inventory: z.object({
    file: z.string(),
    /** Permission bits in octal; undefined where there are none. */
    mode: z.optional(z.string()),
  }),
  keys: z.array(keyFileFacts),
  /** The SSH agent; undefined: SSH_AUTH_SOCK is not set. */
  sshAgent: z.optional(z.object({ answers: z.boolean(), keys: z.number() })),
  /** Is DCVOPS_KEY_PASSPHRASE set? */
  passphraseGiven: z.optional(z.boolean()),
  /**
   * known_hosts files that are used, and hosts of which they hold no key and whose key is not accepted by itself
   * (`host_keys: accept-new`).
   */
  knownHosts: z.array(
    z.object({
      path: z.string(),
      state: z.enum(['ok', 'missing', 'unreadable']),
      mode: z.optional(z.string()),
      unknown: z.array(z.string()),
    }),
  ),
  /**
   * What ~/.ssh/config says of hosts that dcvops does otherwise or cannot do: `ProxyCommand`, `ProxyJump`, `User` and `Port`
   * are not followed, `HostName` is, away from the inventory's address; `ssh_config`: it cannot be read, with ssh's words.
   */
  sshConfig: z.array(z.object({ host: z.string(), option: z.string(), value: z.string() })),
  /** `http_proxy`, `https_proxy`, `no_proxy` of the environment, lower case, without credentials. */
  forwardProxy: z.record(z.string(), z.string()),
});
export type OperatorFacts = z.infer<typeof operatorFacts>;
