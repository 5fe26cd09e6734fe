import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type ssh2 from 'ssh2';
import type { Secret } from '../shell/secret.ts';
import { type ChannelWindow, manageWindow, openWithWindow } from './window.ts';

/** How many channels may be open at once on a connection; those who come later wait. */
export interface Slots {
  readonly take: () => Promise<void>;
  readonly release: () => void;
  /** Lets all who wait go on: the connection is gone, as they will find out. */
  readonly open: () => void;
}

export function createSlots(initialLimit: number): Slots {
  const waiting: (() => void)[] = [];
  let limit = initialLimit;
  let taken = 0;
  const admit = (): void => {
    while (taken < limit) {
      const next = waiting.shift();
      if (next === undefined) return;
      taken++;
      next();
    }
  };
  return {
    take: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        admit();
      }),
    release() {
      taken--;
      admit();
    },
    open() {
      limit = Infinity;
      admit();
    },
  };
}

/** A command that was started. */
export interface Running {
  readonly channel: ssh2.ClientChannel;
  readonly ending: Ending;
  /** Where the channel has a window of its own. */
  readonly window: ChannelWindow | undefined;
}

/**
 * Asks for a channel and starts a command in it; what went wrong comes back as a value. A short command may
 * have ended before a promise's reader wakes up, so the ending is watched from within the callback.
 */
export function exec(client: ssh2.Client, command: string, windowBytes?: number): Promise<Running | Error> {
  return new Promise((resolve) => {
    // ssh2 forgets the callback when the connection ends between a channel's opening and the answer to its request
    const onClose = (): void => {
      resolve(new Error('the connection is closed'));
    };
    client.setMaxListeners(LISTENERS).once('close', onClose);
    const start = (): void => {
      client.exec(command, {}, (error: Error | undefined, channel) => {
        client.off('close', onClose);
        if (error === undefined) channel.on('error', () => undefined);
        const window =
          error === undefined && windowBytes !== undefined
            ? manageWindow(client, channel, windowBytes)
            : undefined;
        resolve(error ?? { channel, ending: watchEnding(channel), window });
      });
    };
    try {
      if (windowBytes === undefined) start();
      else openWithWindow(client, windowBytes, start);
    } catch (error) {
      client.off('close', onClose);
      resolve(error as Error);
    }
  });
}

/** Requests under way at once on one connection each listen for its end: more than Node's warning allows for. */
const LISTENERS = 64;

/** The end of a channel. */
export interface Ending {
  /**
   * The exit code (128 + number for a signal), or undefined when the channel was cut off before there was
   * one.
   */
  readonly closed: Promise<number | undefined>;
  /** To be called with each piece of output, so that a channel in use is not taken for one left over. */
  readonly heard: () => void;
}

/**
 * A script's channel closes with it, unless a daemon that it started holds its output: silence for so long
 * ends that.
 */
const CLOSE_GRACE_MS = 2_000;

function watchEnding(channel: ssh2.ClientChannel): Ending {
  let code: number | undefined;
  let grace: NodeJS.Timeout | undefined;
  const stderrRead = new Promise((resolve) => channel.stderr.on('end', resolve));
  const closed = new Promise<number | undefined>((resolve) => {
    channel.on('exit', (exitCode: number | null, signal?: string) => {
      code = exitCode ?? 128 + signalNumber(signal);
      grace = setTimeout(() => {
        if (channel.readableLength > 0) grace?.refresh();
        else channel.close();
      }, CLOSE_GRACE_MS);
    });
    channel.on('close', () => {
      clearTimeout(grace);
      void stderrRead.then(() => {
        resolve(code);
      });
    });
  });
  return { closed, heard: () => grace?.refresh() };
}

/** As shells count: 128 + this. A signal that this system does not know counts as 0. */
function signalNumber(name: string | undefined): number {
  return new Map<string | undefined, number>(Object.entries(constants.signals)).get(name) ?? 0;
}

export interface ToMark {
  readonly found: boolean;
  /** What came before the mark, or instead of it. */
  readonly before: string;
}

/** Start-up files can print a lot; nobody reads more of it than this. */
const MAX_BEFORE = 64 * 1024;

/**
 * Reads a stream up to and including the line that is the mark; what comes after it stays in the stream,
 * which is paused.
 * @param hear called with everything that came so far, each time
 */
export function readToMark(
  stream: Readable,
  mark: string,
  hear: (soFar: string) => void = () => undefined,
): Promise<ToMark> {
  const line = Buffer.from(`${mark}\n`);
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const done = (found: boolean, length: number): void => {
      stream.off('data', listen);
      stream.off('end', ended);
      stream.off('close', ended);
      resolve({ found, before: seen.toString('utf8', 0, length) });
    };
    const listen = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const at = seen.indexOf(line);
      if (at === -1) {
        seen = seen.subarray(-MAX_BEFORE);
        hear(seen.toString('utf8'));
        return;
      }
      stream.pause();
      const rest = seen.subarray(at + line.length);
      done(true, at);
      if (rest.length > 0) stream.unshift(rest);
    };
    const ended = (): void => {
      done(false, seen.length);
    };
    stream.on('data', listen);
    stream.on('end', ended);
    stream.on('close', ended);
  });
}

/** The talk with sudo before the script begins. */
export interface SudoTalk {
  readonly hear: (soFar: string) => void;
  /** sudo did ask. */
  readonly asked: () => boolean;
  /** It asked again: the password was wrong. */
  readonly refused: () => boolean;
}

/**
 * Gives sudo the password when it asks, and only then. At a second question it is given nothing: stdin ends,
 * and with it sudo, so that one wrong password is one attempt.
 */
export function answerPrompt(channel: ssh2.ClientChannel, prompt: string, password: Secret): SudoTalk {
  let state: 'silent' | 'asked' | 'refused' = 'silent';
  return {
    hear(soFar) {
      const questions = soFar.split(prompt).length - 1;
      // PAM modules may ask in their own words
      const asks = questions > 0 || /(password|passcode)[^\n]*: ?$/i.test(soFar);
      if (state === 'silent' && asks) {
        state = 'asked';
        channel.write(`${password.reveal()}\n`);
      } else if (state === 'asked' && (questions > 1 || /try again|incorrect password/i.test(soFar))) {
        state = 'refused';
        channel.end();
      }
    },
    asked: () => state !== 'silent',
    refused: () => state === 'refused',
  };
}

/** So much is taken from a channel before it is read; beyond that the channel is paused. */
const MOST_QUEUED = 256 * 1024;

/** A channel's stdout as a program reads it: at its own pace. Stopping early lets the channel run dry. */
export async function* output({ channel, ending, window }: Running): AsyncGenerator<Uint8Array> {
  // the stream's own iterator would join all that is there to one piece, each time
  const queue: Buffer[] = [];
  let queued = 0;
  let closed = channel.destroyed;
  let wake: () => void = () => undefined;
  const take = (chunk: Buffer): void => {
    ending.heard();
    queue.push(chunk);
    queued += chunk.length;
    if (queued >= MOST_QUEUED) channel.pause();
    wake();
  };
  const end = (): void => {
    wake();
  };
  const close = (): void => {
    closed = true;
    wake();
  };
  channel.on('data', take).on('end', end).on('close', close);
  channel.resume();
  try {
    for (;;) {
      const chunk = queue.shift();
      if (chunk !== undefined) {
        queued -= chunk.length;
        if (queued < MOST_QUEUED && channel.isPaused()) channel.resume();
        window?.giveBack(chunk.length);
        yield chunk;
      } else if (channel.readableEnded || (closed && channel.readableLength === 0)) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    channel.off('data', take).off('end', end).off('close', close);
    window?.open();
    channel.resume();
  }
}
