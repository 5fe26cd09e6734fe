/** How bad an entry is, in the words of syslog; what a log does not tell is undefined. */
export type Level = 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'critical';

/** Mildest first. */
export const LEVELS: readonly Level[] = ['debug', 'info', 'notice', 'warn', 'error', 'critical'];

/**
 * One entry of a log, as a parser understood it: the same shape for nginx, DCV, the journal and plain text. Texts are as
 * they stood in the log: not yet masked, not safe for a terminal.
 */
export interface LogEntry {
  /** Microseconds since 1970 UTC; undefined where the log tells no time (the entry before it in the same log did, perhaps). */
  readonly timeUs: number | undefined;
  readonly level: Level | undefined;
  /** Which part of the program speaks: `frontend-handler`, `sshd`. */
  readonly component: string | undefined;
  /** Further lines of the same entry follow behind `\n`. */
  readonly message: string;
  /** What else the log tells, by the log's own names. */
  readonly fields: Readonly<Record<string, LogValue>>;
  /** Set for requests to a web server; `message` says the same in words. */
  readonly access: Access | undefined;
}

export type LogValue = string | number | boolean | null;

/** One request as nginx logged it, when it ended: a WebSocket is one request, as long as the desktop was open. */
export interface Access {
  /** The client's address. */
  readonly client: string;
  /** Who logged in with Basic auth; '' for nobody. */
  readonly user: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** 0 for an aborted HTTP/2 stream (nginx prints 000). */
  readonly status: number;
  /** The agent's address as the URL had it, '' for the default route. */
  readonly agent: string;
  /** Where the request went: `10.150.248.180:8443`, several with commas when nginx tried another; '' for nowhere. */
  readonly upstream: string;
  /** What the gateway decided: `proxy`, `deny`, `noaddr`, `maint`, …; '' where a log does not tell. */
  readonly action: string;
  readonly stage: string;
  readonly webSocket: boolean;
  /** Milliseconds from the first byte of the request to the last of the answer. */
  readonly durationMs: number | undefined;
  /** Until the agent took the connection, in milliseconds. */
  readonly connectMs: number | undefined;
  /** Status that the agent gave; undefined when none did. */
  readonly upstreamStatus: number | undefined;
  /** Bytes to the client, and from the client to the agent. */
  readonly sentBytes: number | undefined;
  readonly receivedBytes: number | undefined;
  /** Set when a limit refused or delayed it: `REJECTED`, `DELAYED`. */
  readonly limited: string | undefined;
  readonly userAgent: string;
}

/** An entry with the place it comes from. */
export interface LogRecord extends LogEntry {
  /** The host's name in the inventory. */
  readonly host: string;
  /** `access`, `error`, `dcv`, `journal`, `session`, `auth`, or the inventory's own. */
  readonly source: string;
  /** The file on the host; undefined for the journal. */
  readonly file: string | undefined;
  /** The line as it came, without its end; further lines behind `\n`. */
  readonly raw: string;
}

/** Names of the formats that a source may have. */
export type LogFormat = 'nginx-json' | 'nginx-combined' | 'nginx-error' | 'dcv' | 'journal' | 'text';

/** What a parser has to know besides the line. */
export interface ParseContext {
  /** East of UTC, in minutes: nginx's error log and DCV write the host's local time and no zone. */
  readonly utcOffsetMinutes: number;
}

/**
 * Understands one line; undefined when it does not begin an entry: then it goes on with the one before it, or, where there
 * is none, is an entry of plain text.
 */
export type ParseLine = (line: string, context: ParseContext) => LogEntry | undefined;
