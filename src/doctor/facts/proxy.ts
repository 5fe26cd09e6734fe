import * as z from 'zod/mini';

/* What is true of an nginx host. */

export const workerFacts = z.object({
  pid: z.number(),
  /** How long it runs, in seconds. */
  elapsed: z.number(),
  /** An old worker that lives until its last connection closes. */
  shuttingDown: z.boolean(),
  /** Established TCP connections that it holds; undefined: not told. */
  connections: z.optional(z.number()),
  /** Soft limit of its open files; undefined: not told. */
  openFiles: z.optional(z.number()),
});
export type WorkerFacts = z.infer<typeof workerFacts>;

export const proxyFacts = z.object({
  /** undefined: nginx is not installed. */
  nginx: z.optional(
    z.object({
      version: z.tuple([z.number(), z.number(), z.number()]),
      openssl: z.optional(z.string()),
      modules: z.object({
        ssl: z.boolean(),
        http2: z.boolean(),
        stubStatus: z.boolean(),
        /** undefined: facts of before it was asked. */
        realip: z.optional(z.boolean()),
      }),
    }),
  ),
  /** What a program nginx said that did not tell its version: it lacks a library, or hangs. */
  nginxProblem: z.optional(z.string()),
  /** What `nginx -t` says of all files as they are on disk; undefined: it was not asked. */
  test: z.optional(z.object({ ok: z.boolean(), output: z.string() })),
  /** The gateway's file; undefined: there is none. */
  live: z.optional(
    z.object({
      path: z.string(),
      /** undefined: dcvops did not write it. */
      releaseId: z.optional(z.string()),
      /** Was it changed by hand since? */
      edited: z.boolean(),
      /** "644 root:root" */
      mode: z.string(),
      /** Who may connect, "any" alone for everybody; undefined: not told by the file. */
      allow: z.optional(z.array(z.string())),
      /** Does it ask for a login of the gateway? undefined: facts of before there was one. */
      basic: z.optional(z.boolean()),
      /** Who may not, whatever `allow` says. */
      deny: z.optional(z.array(z.string())),
      /** The agents it names, and who may connect to those of them that are not for everyone. */
      agents: z.array(
        z.object({ name: z.string(), address: z.string(), allow: z.optional(z.array(z.string())) }),
      ),
    }),
  ),
  /** Files that go with the gateway's and are not as it says; undefined: facts of before there were any. */
  filesAmiss: z.optional(z.array(z.object({ path: z.string(), isThere: z.boolean() }))),
  /** Names of the gateway's state files, such as `maintenance/dcv_10_150_248_180`; undefined: facts of before it was told. */
  state: z.optional(z.array(z.string())),
  /** The file of the pool's servers; undefined: the live release has no pool. */
  pool: z.optional(
    z.object({
      isThere: z.boolean(),
      /** Is it what the release has, but for who is marked? */
      asReleased: z.boolean(),
      /** Its agents, named as their state files are, and those of them that it passes by. */
      keys: z.array(z.string()),
      down: z.array(z.string()),
    }),
  ),
  /** Kept releases, newest first, and one that was neither kept nor undone. */
  releases: z.array(z.object({ id: z.string(), since: z.string(), who: z.string() })),
  pending: z.optional(z.string()),
  /** Other files of nginx that answer the gateway's port or route to addresses in their path. */
  rivals: z.array(z.object({ path: z.string(), why: z.enum(['port', 'routes']), active: z.boolean() })),
  /** Names of the gateway (variables of maps, zones, upstreams, log formats) that other files which nginx reads give, too. */
  overlaps: z.optional(z.array(z.object({ path: z.string(), names: z.array(z.string()) }))),
  workers: z.array(workerFacts),
  /** worker_connections of nginx.conf; undefined: not set, which means 512. */
  workerConnections: z.optional(z.number()),
  /** Established connections of people to the gateway's port, and of nginx to agents; undefined: no ss. */
  connections: z.optional(z.object({ people: z.number(), agents: z.number() })),
  logRotation: z.object({
    /** A logrotate file that covers /var/log/nginx; undefined: none. */
    file: z.optional(z.string()),
    /** Does something run logrotate: its timer is active, or a cron job is there? */
    scheduled: z.boolean(),
    /** The gateway's logs. */
    logs: z.array(z.object({ path: z.string(), sizeKiB: z.number(), mode: z.string() })),
  }),
  /** undefined: the file that gateway.tls names is not there. */
  certificate: z.optional(
    z.object({
      path: z.string(),
      /** Leaf first, in PEM; empty for a file without any. */
      chain: z.array(z.string()),
      mode: z.string(),
    }),
  ),
  /** undefined: the key file is not there. */
  key: z.optional(
    z.object({
      path: z.string(),
      /** "600 root:root" */
      mode: z.string(),
      /** Does it belong to the certificate? undefined: there is no openssl to tell. */
      pair: z.optional(z.boolean()),
    }),
  ),
  /** The users of the gateway's login; undefined: facts of before there was one. */
  login: z.optional(
    z.object({
      /** Names, and of each hash the beginning, which tells its kind. */
      users: z.array(z.object({ name: z.string(), hash: z.string() })),
      /** Those that are there of the users' file and the two that hold the cookie's secret: "640 root:www-data". */
      files: z.array(z.object({ path: z.string(), mode: z.string() })),
      /** Group of nginx's workers; undefined: none runs. */
      workerGroup: z.optional(z.string()),
      /** May a worker read the users? undefined: no worker runs, or there is no file. */
      readable: z.optional(z.boolean()),
    }),
  ),
  /** Lines of nginx's error logs of level emerg, alert and crit of the last 24 hours, masked, newest last. */
  errors: z.array(z.object({ at: z.optional(z.string()), level: z.string(), line: z.string() })),
  /** When nginx was last asked to reload, as far as its worker processes tell: the age of the youngest, in seconds. */
  youngestWorker: z.optional(z.number()),
  /** SELinux: may nginx open connections? undefined: no SELinux. */
  mayConnect: z.optional(z.boolean()),
});
export type ProxyFacts = z.infer<typeof proxyFacts>;
