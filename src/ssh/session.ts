import { randomBytes } from 'node:crypto';
import type { Duplex, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import type ssh2 from 'ssh2';
import { DcvopsError } from '../errors.ts';
import { type Script, commandLine } from '../shell/script.ts';
import type { Secret } from '../shell/secret.ts';
import { within } from '../within.ts';
import { type Running, answerPrompt, createSlots, exec, output, readToMark } from './channel.ts';
import { type Connection, openThrough } from './connect.ts';
import { type Carriage, HEARTBEAT, conversationCommand, guardedCommand, promptOf } from './guard.ts';
import type { Conversation, FollowOptions, Following, Remote, RunOptions, RunResult } from './remote.ts';
import { type SudoPassword, type SudoTrial, readSudoAnswer } from './sudo.ts';
import { showAddress } from './target.ts';

/** A script that was run, for `-v`. */
export interface ScriptInfo {
  readonly host: string;
  readonly name: string;
  readonly command: string;
  readonly elapsedMs: number;
}

export interface SessionOptions {
  readonly commandTimeoutMs: number | undefined;
  readonly sudoPassword: SudoPassword;
  readonly onScript: (info: ScriptInfo) => void;
  readonly onChannel: () => void;
}

/** A connection as several names may use it: its channels are shared, and what is known of its sudo. */
export interface Session {
  readonly remote: (name: string) => Remote;
}

/** What the start of a script takes. */
interface Starting {
  /** When to give up a host that does not begin, in milliseconds; a minute at most. */
  readonly timeoutMs?: number | undefined;
  /** Writes the script's stdin. */
  readonly feed?: (channel: ssh2.ClientChannel) => void;
  readonly windowBytes?: number | undefined;
}

/** sshd allows ten sessions a connection (MaxSessions); two stay free for whoever else uses it. */
const MAX_CHANNELS = 8;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** What is kept of a conversation's stderr: its end. */
const MAX_CONVERSATION_STDERR = 64 * 1024;
/** What a script gets to clean up: the guard kills it after five seconds. */
const END_GRACE_MS = 7_000;
/** A host whose sessions are all in use: how long to wait for one. */
const SESSION_WAIT_MS = 30_000;
/** A script that is followed is told so often that somebody listens, and ends itself after so much silence. */
const HEARTBEAT_MS = 15_000;
const SILENCE_SECONDS = 50;
/** For the login shell and sudo, before the script itself begins. */
const START_TIMEOUT_MS = 60_000;

export function createSession(connection: Connection, options: SessionOptions): Session {
  const slots = createSlots(MAX_CHANNELS);
  connection.onLost(slots.open);
  const { user } = connection.target;
  /** Learned from the first script that needs root. */
  let sudo: 'untried' | 'without-password' | 'with-password' = 'untried';

  return {
    remote: (name) => ({
      name,
      run: (script, runOptions = {}) => run(name, script, runOptions),
      converse: (script) => converse(name, script),
      follow: (script, followOptions) => follow(name, script, followOptions),
      tunnel: (address, port) => tunnel(name, address, port),
      close: connection.end,
    }),
  };

  async function run(host: string, script: Script, runOptions: RunOptions): Promise<RunResult> {
    const stdin = Buffer.from(runOptions.stdin ?? '');
    const timeoutMs = runOptions.timeoutMs ?? options.commandTimeoutMs;
    // the host's own limit is for when this side cannot tell it any more
    const limitSeconds = timeoutMs === undefined ? undefined : Math.ceil((timeoutMs + END_GRACE_MS) / 1000);
    const startedAt = performance.now();
    try {
      const started = await begin(
        host,
        script,
        (carriage) => guardedCommand(script, { ...carriage, stdinSize: stdin.length, limitSeconds }),
        {
          timeoutMs,
          feed: (channel) => {
            if (stdin.length > 0) channel.write(stdin);
          },
        },
      );
      return await collect(host, script, started, runOptions, timeoutMs);
    } finally {
      report(host, script, startedAt);
    }
  }

  async function converse(host: string, script: Script): Promise<Conversation> {
    const startedAt = performance.now();
    const started = await begin(host, script, (carriage) => conversationCommand(script, carriage));
    let told = false;
    const tell = (): void => {
      if (!told) report(host, script, startedAt);
      told = true;
    };
    // a run that is over does not wait for the script's last breath
    const forget = connection.onLost(tell);
    void started.ending.closed.then(tell).finally(forget);
    return talk(host, started);
  }

  async function follow(
    host: string,
    script: Script,
    { windowBytes }: FollowOptions = {},
  ): Promise<Following> {
    const startedAt = performance.now();
    const started = await begin(
      host,
      script,
      (carriage) =>
        guardedCommand(script, {
          ...carriage,
          ...{ stdinSize: 0, limitSeconds: undefined, silenceSeconds: SILENCE_SECONDS },
        }),
      { windowBytes },
    );
    report(host, script, startedAt);
    const heartbeat = setInterval(() => {
      started.channel.write(HEARTBEAT);
    }, HEARTBEAT_MS);
    const stop = (): void => {
      clearInterval(heartbeat);
    };
    const forget = connection.onLost(stop);
    void started.ending.closed.then(stop).finally(forget);
    let wanted = true;
    const { stdout, finished } = talk(host, started);
    return {
      stdout: whileWanted(stdout, () => wanted),
      finished,
      end() {
        wanted = false;
        stop();
        endOnHost(started.channel);
        started.window?.open();
        started.channel.resume(); // a channel that is not read to its end never closes
      },
    };
  }

  async function tunnel(host: string, address: string, port: number): Promise<Duplex> {
    try {
      options.onChannel();
      return await openThrough(connection, { address, port });
    } catch (error) {
      if (connection.lost() !== undefined) throw lost(host);
      const where = showAddress({ address, port });
      const said = (error as Error).message.replace(/^.*Channel open failure: */, '');
      throw new DcvopsError('failed', `no connection from the host to ${where}: ${said}`, {
        host,
        cause: error,
      });
    }
  }

  /** Starts a script, as root when it asks for it, whatever the host's sudo needs for that. */
  async function begin(
    host: string,
    script: Script,
    command: (carriage: Carriage) => string,
    starting: Starting = {},
  ): Promise<Running> {
    if (script.root !== true || user === 'root') {
      const result = await start(host, command, 'as-is', starting);
      if ('channel' in result) return result;
      throw new DcvopsError('failed', `the login of ${user} does not run commands: ${shown(result.said)}`, {
        host,
      });
    }
    const who = { host, user };
    if (sudo === 'without-password' || (sudo === 'untried' && !options.sudoPassword.isKnown())) {
      const result = await start(host, command, 'sudo', starting);
      if ('channel' in result) {
        sudo = 'without-password';
        return result;
      }
      const answer = readSudoAnswer(result.said, who);
      if (answer.kind === 'refused') throw answer.error;
    }
    return options.sudoPassword.lend(who, async (password): Promise<SudoTrial<Running>> => {
      const result = await start(host, command, 'sudo-with-password', starting, password);
      if ('channel' in result) {
        sudo = result.asked ? 'with-password' : 'without-password';
        return { kind: 'started', value: result, asked: result.asked };
      }
      if (result.refused) return { kind: 'wrong-password' };
      const answer = readSudoAnswer(result.said, who);
      throw answer.kind === 'refused'
        ? answer.error
        : new DcvopsError('sudo', `sudo did not take the password: ${shown(result.said)}`, { host });
    });
  }

  /** One try: opens a channel and waits for the script's mark, or for whatever came instead. */
  async function start(
    host: string,
    command: (carriage: Carriage) => string,
    root: Carriage['root'],
    { feed = () => undefined, windowBytes, timeoutMs = START_TIMEOUT_MS }: Starting,
    password?: Secret,
  ): Promise<(Running & { asked: boolean }) | { said: string; refused: boolean }> {
    const mark = `dcvops-${randomBytes(8).toString('hex')}`;
    const running = await openChannel(host, command({ mark, root }), windowBytes);
    const { channel, ending } = running;
    const sudoTalk = password === undefined ? undefined : answerPrompt(channel, promptOf(mark), password);
    if (password === undefined) feed(channel);

    const limitMs = Math.min(timeoutMs, START_TIMEOUT_MS);
    const began = await within(
      limitMs,
      Promise.all([readToMark(channel, mark), readToMark(channel.stderr, mark, sudoTalk?.hear)]),
    );
    if (began === undefined) {
      // sshd tells the end of a channel only when the program that hangs has ended: nobody waits for that
      channel.close();
      throw new DcvopsError(
        'unreachable',
        `the host did not begin to run anything in ${limitMs / 1000} s: its login shell or sudo hangs`,
        { host, hint: `dcvops ssh ${host} -- true` },
      );
    }
    const [stdout, stderr] = began;
    if (stdout.found && stderr.found) {
      if (password !== undefined) {
        channel.write(`${mark}\n`);
        feed(channel);
      }
      return { ...running, asked: sudoTalk?.asked() === true };
    }
    await ending.closed;
    if (connection.lost() !== undefined) throw lost(host);
    return {
      said: `${stdout.before}\n${stderr.before}`.replaceAll(promptOf(mark), ''),
      refused: sudoTalk?.refused() === true,
    };
  }

  async function openChannel(host: string, command: string, windowBytes?: number): Promise<Running> {
    const giveUpAt = performance.now() + SESSION_WAIT_MS;
    for (let attempt = 1; ; attempt++) {
      await slots.take();
      options.onChannel();
      const result = await exec(connection.client, command, windowBytes);
      if (!(result instanceof Error)) {
        void result.ending.closed.then(slots.release);
        return result;
      }
      slots.release();
      if (connection.lost() !== undefined) throw lost(host);
      const noneFree = 'reason' in result;
      if (!noneFree || performance.now() > giveUpAt) {
        throw new DcvopsError('failed', `the host opens no session: ${result.message}`, {
          host,
          hint: 'MaxSessions in the sshd_config of the host',
          cause: result,
        });
      }
      // a lower MaxSessions than sshd's default; and sshd counts a session a moment longer than it lasts
      await delay(Math.min(500, 10 * 2 ** attempt));
    }
  }

  function collect(
    host: string,
    script: Script,
    { channel, ending }: Running,
    { maxOutputBytes = MAX_OUTPUT_BYTES, onOutput, discardOutput = false }: RunOptions,
    timeoutMs: number | undefined,
  ): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      let given = false;
      const giveUp = (code: 'unreachable' | 'failed', message: string): void => {
        if (given) return;
        given = true;
        endOnHost(channel);
        reject(new DcvopsError(code, message, { host }));
      };
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              giveUp(
                'unreachable',
                `"${script.name}" did not end in ${timeoutMs / 1000} s; the host ends it now`,
              );
            }, timeoutMs);
      const read = (stream: Readable, name: 'stdout' | 'stderr'): Buffer[] => {
        const chunks: Buffer[] = [];
        const decoder = new StringDecoder('utf8');
        let size = 0;
        stream.on('data', (chunk: Buffer) => {
          ending.heard();
          size += chunk.length;
          if (size > maxOutputBytes && !discardOutput) {
            giveUp('failed', `"${script.name}" prints more than ${maxOutputBytes} bytes on ${name}`);
          }
          if (given) return;
          if (!discardOutput) chunks.push(chunk);
          if (onOutput !== undefined) emitText(decoder.write(chunk));
        });
        stream.on('end', () => {
          emitText(decoder.end());
        });
        // readToMark left it paused
        stream.resume();
        return chunks;

        function emitText(text: string): void {
          if (text !== '') onOutput?.(name, text);
        }
      };
      const stdout = read(channel, 'stdout');
      const stderr = read(channel.stderr, 'stderr');
      void ending.closed.then((code) => {
        clearTimeout(timer);
        if (code === undefined) reject(lost(host));
        else resolve({ code, stdout: text(stdout), stderr: text(stderr) });
      });
    });
  }

  function talk(host: string, running: Running): Conversation {
    const { channel, ending, window } = running;
    let stderr = Buffer.alloc(0);
    channel.stderr.on('data', (chunk: Buffer) => {
      window?.giveBack(chunk.length);
      stderr = Buffer.concat([stderr, chunk]).subarray(-MAX_CONVERSATION_STDERR);
    });
    channel.stderr.resume();
    const finished = new Promise<{ code: number; stderr: string }>((resolve, reject) => {
      void ending.closed.then((code) => {
        if (code === undefined) reject(lost(host));
        else resolve({ code, stderr: stderr.toString('utf8') });
      });
      const forget = connection.onLost(() => {
        reject(lost(host));
      });
      void ending.closed.finally(forget);
    });
    // whoever only reads stdout must not be struck by an unhandled rejection
    finished.catch(() => undefined);
    return {
      stdout: output(running),
      write: (data) =>
        new Promise((resolve, reject) => {
          // ssh2 never calls back for a channel that is closed
          const cut = (): void => {
            reject(lost(host));
          };
          finished.then(cut, cut);
          channel.write(data, () => {
            resolve();
          });
        }),
      end: () => channel.end(),
      finished,
    };
  }

  function report(host: string, script: Script, startedAt: number): void {
    const how =
      user === 'root' ? undefined : sudo === 'with-password' ? 'password-on-stdin' : 'without-password';
    options.onScript({
      host,
      name: script.name,
      command: commandLine(script, how),
      elapsedMs: performance.now() - startedAt,
    });
  }

  function lost(host: string): DcvopsError {
    const why = connection.lost()?.message ?? 'the channel was closed';
    const where = showAddress(connection.target);
    return new DcvopsError('unreachable', `connection to ${where} lost: ${why}`, { host });
  }
}

/** What comes after the reader wanted no more may have holes, and is not given. */
async function* whileWanted(
  stream: AsyncIterable<Uint8Array>,
  isWanted: () => boolean,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    if (!isWanted()) return;
    yield chunk;
  }
}

/**
 * Has the host end a guarded script: its stdin ends. The output stays open for a while, since a shell that
 * may not print (dash says "Terminated") dies before it could clean up.
 */
function endOnHost(channel: ssh2.ClientChannel): void {
  channel.end();
  const timer = setTimeout(() => {
    channel.close();
  }, END_GRACE_MS);
  channel.on('close', () => {
    clearTimeout(timer);
  });
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

/** For a message: what a login shell or sudo printed, without the prompt that dcvops made up. */
function shown(said: string): string {
  const trimmed = said.trim();
  return trimmed === '' ? 'it said nothing' : `"${trimmed.slice(-500)}"`;
}
