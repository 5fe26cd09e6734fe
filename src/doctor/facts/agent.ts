import * as z from 'zod/mini';
import { processFacts } from './system.ts';

/* What is true of a DCV server. Times are in seconds since 1970 or of seconds, as each says. */

export const sessionFacts = z.object({
  id: z.string(),
  owner: z.string(),
  user: z.optional(z.string()),
  type: z.optional(z.enum(['virtual', 'console'])),
  name: z.string(),
  /** As DCV says it, lower case: `created`, …; undefined: not told. */
  status: z.optional(z.string()),
  /** How many viewers are connected; undefined: not told. */
  connections: z.optional(z.number()),
  /** ISO 8601. */
  createdAt: z.optional(z.string()),
  lastDisconnectedAt: z.optional(z.string()),
  /** Its X display, `:1`. */
  display: z.optional(z.string()),
  licences: z.array(z.object({ product: z.string(), status: z.string(), expiresAt: z.optional(z.string()) })),
});
export type SessionFacts = z.infer<typeof sessionFacts>;

export const accountFacts = z.object({
  name: z.string(),
  exists: z.boolean(),
  uid: z.optional(z.number()),
  home: z.optional(z.string()),
  /** undefined: there is no such folder. */
  homeOwnerUid: z.optional(z.number()),
  /** `unknown` for accounts of a directory service. */
  password: z.enum(['set', 'none', 'unknown']),
  /** Do the profile files put Anaconda or Miniconda before the system's programs? It breaks the desktop's D-Bus. */
  conda: z.boolean(),
});
export type AccountFacts = z.infer<typeof accountFacts>;

export const xLockFacts = z.object({
  /** `:1` */
  display: z.string(),
  /** The lock file; undefined: only the socket is there. */
  file: z.optional(z.string()),
  socket: z.boolean(),
  pid: z.optional(z.number()),
  /** Is there a process of that number that is an X server? */
  alive: z.boolean(),
});
export type XLockFacts = z.infer<typeof xLockFacts>;

/** A line of a log that is a known sign of trouble. */
export const signatureFacts = z.object({
  /** As `dcv/signatures.ts` names it: `licence-s3`. */
  id: z.string(),
  /** The file's path, or "journal of dcvserver". */
  log: z.string(),
  /** ISO 8601; undefined for a line without a time. */
  at: z.optional(z.string()),
  /** Masked, at most 300 characters. */
  line: z.string(),
  /** How many such lines there were; the last one is told. */
  count: z.number(),
});
export type SignatureFacts = z.infer<typeof signatureFacts>;

export const agentFacts = z.object({
  /** undefined: DCV is not installed. */
  dcv: z.optional(
    z.object({
      /** The first line of `dcv version`; empty when it says nothing. */
      text: z.string(),
      /** "2023.0", and the build behind it; undefined when they are not in the text. */
      release: z.optional(z.string()),
      build: z.optional(z.number()),
    }),
  ),
  /** What dcv.conf sets among the keys that matter here: `security/authentication` → its text, unquoted for strings. */
  conf: z.record(z.string(), z.string()),
  /** undefined: dcv did not answer, and `silence` says why. */
  sessions: z.optional(z.array(sessionFacts)),
  silence: z.optional(z.string()),
  /** Owners and users of the sessions that the inventory wants here, and of those that are there. */
  accounts: z.array(accountFacts),
  /** Processes of DCV, of X servers and of display managers. */
  processes: z.array(processFacts),
  /** undefined: no certificate file. */
  certificate: z.optional(
    z.object({
      /** The certificates in /etc/dcv/dcv.pem, leaf first, in PEM. */
      chain: z.array(z.string()),
      /** "600 dcv:dcv" */
      mode: z.string(),
      /** undefined: no key file. */
      keyMode: z.optional(z.string()),
      /** Does the key belong to the certificate? undefined: there is no openssl to tell. */
      pair: z.optional(z.boolean()),
    }),
  ),
  desktop: z.object({
    /** Names of /usr/share/xsessions/*.desktop and wayland-sessions, without the ending. */
    xSessions: z.array(z.string()),
    waylandSessions: z.array(z.string()),
    /** The program in /etc/X11/default-display-manager, else the unit behind display-manager.service; undefined: none. */
    displayManager: z.optional(z.string()),
    /** GDM's configuration file; undefined: no GDM. */
    gdmConf: z.optional(z.string()),
    /** What that file says of WaylandEnable in [daemon]; undefined: nothing, which means true. */
    waylandEnable: z.optional(z.boolean()),
    /** Is the program for virtual sessions there? */
    xdcv: z.boolean(),
    /** Is the web client there (/usr/share/dcv/www)? */
    webViewer: z.boolean(),
  }),
  x: z.object({
    locks: z.array(xLockFacts),
    /** What `xhost` says on the console's display, a line each; undefined: no X server there, or no xhost. */
    access: z.optional(z.array(z.string())),
    /** The display that was asked: `:0`. */
    consoleDisplay: z.optional(z.string()),
  }),
  gpu: z.object({
    /** Graphics devices as lspci names them; empty: none, or no lspci. */
    devices: z.array(z.string()),
    /** What nvidia-smi says; undefined: it is not installed. */
    nvidia: z.optional(z.object({ works: z.boolean(), text: z.string() })),
    nouveau: z.boolean(),
    /** What dcvgldiag says; undefined: it is not installed or was not asked (no GPU). */
    glTest: z.optional(z.enum(['success', 'error', 'unclear'])),
  }),
  logs: z.object({
    directory: z.string(),
    /** undefined: there is no such folder. */
    directoryOwner: z.optional(z.string()),
    /** Files whose owner is not the one that DCV writes them as: server.log is not dcv's, or the owner has no name. */
    foreign: z.array(z.object({ path: z.string(), owner: z.string() })),
  }),
  /** Signs of trouble in the logs of the last 24 hours, newest last, each kind once. */
  signatures: z.array(signatureFacts),
  /** The external token verifier that dcv.conf names; undefined: none. */
  verifier: z.optional(z.object({ url: z.string(), reachable: z.boolean(), reason: z.optional(z.string()) })),
  /** What creates declared sessions by itself: its fingerprint, and the state of its unit; undefined: nothing does. */
  persisted: z.optional(z.object({ fingerprint: z.string(), enabled: z.boolean(), active: z.string() })),
  /** Other remote-desktop servers that run or are enabled: "xrdp". */
  remoteDesktops: z.array(z.string()),
});
export type AgentFacts = z.infer<typeof agentFacts>;
