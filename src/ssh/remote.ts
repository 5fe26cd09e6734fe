import type { Duplex } from 'node:stream';
import type { Script } from '../shell/script.ts';

/**
 * One host, as the operations see it. The real one speaks SSH over a single connection (`connect.ts`); a dry
 * run is another implementation, not an `if`.
 * Every method throws `DcvopsError` with `host` set: `unreachable` when the connection is lost or a deadline
 * passes, `sudo` when root cannot be had, `failed` for the rest. A script's own exit code is a result, not an
 * error.
 */
export interface Remote {
  /** The host's name in the inventory. */
  readonly name: string;

  /**
   * Runs a script to its end. Its output is kept up to `maxOutputBytes` for each stream; more is an error.
   * Should the connection die, the host ends the script and what it started (its stdin closes; a guard
   * watches that).
   */
  run(script: Script, options?: RunOptions): Promise<RunResult>;

  /**
   * Starts a script to talk with: its stdout as bytes, its stdin to answer on. The guard is the script's own
   * affair.
   */
  converse(script: Script): Promise<Conversation>;

  /**
   * Starts a script whose output is read for as long as it comes: a log that is followed. The host ends it, and what it
   * started, when the connection dies, and within a minute when the network goes silent.
   */
  follow(script: Script, options?: FollowOptions): Promise<Following>;

  /**
   * Opens a TCP connection from the host to `address:port` (SSH direct-tcpip).
   * @throws DcvopsError `failed` when the host cannot connect there
   */
  tunnel(address: string, port: number): Promise<Duplex>;

  /** Ends the connection. Safe to call twice. */
  close(): void;
}

export interface RunOptions {
  /** Given to the script on its stdin, which ends after it. */
  stdin?: string | Uint8Array;
  /**
   * In milliseconds; default: the run's `--command-timeout`, or none. The host ends the script when it
   * passes.
   */
  timeoutMs?: number;
  /** Default 16 MiB for each stream. */
  maxOutputBytes?: number;
  /** Called with pieces of output as they come, UTF-8 never split. */
  onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
  /** Output goes to `onOutput` alone: it is not kept, and there is no limit to it. */
  discardOutput?: boolean;
}

export interface FollowOptions {
  /**
   * How much the host may send before it is read, default 2 MiB: less where many scripts are followed at once, more where the
   * way is long. 32 KiB at least.
   */
  readonly windowBytes?: number | undefined;
}

export interface RunResult {
  /** The script's exit code; 128 + signal number when a signal ended it, as shells say it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running script whose output is read as it comes. */
export interface Following {
  /**
   * What the script prints, in pieces as they come, at the reader's own pace: what is not read holds the script up. Ends
   * when the script closes its stdout, or with the connection. Whoever stops reading calls `end`.
   */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Has the host end the script. */
  end(): void;
  /** The exit code and stderr. Rejects with `unreachable` when the connection died first. */
  readonly finished: Promise<{ readonly code: number; readonly stderr: string }>;
}

/** A running script that is talked with. */
export interface Conversation extends Following {
  /** Writes to the script's stdin; resolves when the data is handed to the connection. */
  write(data: string | Uint8Array): Promise<void>;
  /** Closes the script's stdin. */
  end(): void;
}
