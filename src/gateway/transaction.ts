import { DcvopsError } from '../errors.ts';
import { type ScriptRecord, readRecords } from '../shell/records.ts';
import { words } from '../shell/shell.ts';
import type { Conversation, Remote } from '../ssh/remote.ts';
import { type FileChange, type ProxyFacts, parseProxyFacts } from './proxy-facts.ts';
import { LIVE_FILE } from './release.ts';
import { type TransactionArguments, transactionScript } from './transaction-script.ts';

/** The steps that the host takes by itself after it was told what to change. */
export type TransactionStep = 'stage' | 'validate' | 'swap' | 'reload';

/** What shall be changed. */
export interface Change {
  /** Id under which the written files are kept. */
  readonly release: string;
  readonly files: readonly FileChange[];
  /** Name under which what is replaced is kept, where no kept release holds it already. */
  readonly archive: string | undefined;
}

/** How the host answered a change before anything was put in place. */
export type Verdict =
  | { readonly kind: 'valid' }
  /** nginx refuses the candidate; its own words. The live tree was not touched. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** The host allows no private mount namespace: nothing could be tried. */
  | { readonly kind: 'unsupported'; readonly message: string };

export interface TransactionListener {
  /** A step began or ended. */
  readonly onStep: (step: TransactionStep, state: 'started' | 'done') => void;
  /** The host allows no private mount namespace; nginx judges the files once they are in place, before it reloads. */
  readonly onUnsupported: (why: string) => void;
  /** Another deploy holds the lock; the host waits for it. */
  readonly onWaiting: (holder: string) => void;
}

/** A change that is in place and waits for the word. The host undoes it when no word comes. */
export interface OpenTransaction {
  /**
   * Keeps the change. Resolves with nginx's `[emerg]` lines since the reload, and how many connections to agents are
   * open on the host.
   */
  readonly commit: () => Promise<{ readonly emerg: readonly string[]; readonly connections: number }>;
  /** Undoes it. Resolves when the host has put everything back, with nginx's `[emerg]` lines. */
  readonly rollback: (reason: string) => Promise<{ readonly emerg: readonly string[] }>;
}

/** The conversation with a proxy whose facts are known and which waits to be told what to do. */
export interface ProxyConversation {
  readonly facts: ProxyFacts;
  /** Nothing is to be done. */
  readonly quit: () => Promise<void>;
  /** Tries the change with `nginx -t` on the host and touches nothing. */
  readonly validate: (change: Change) => Promise<Verdict>;
  /** Reloads nginx as it is, for a renewed certificate. */
  readonly reload: (release: string) => Promise<void>;
  /**
   * Puts the change in place and reloads.
   * @throws DcvopsError `failed` when nothing was changed (refused candidate, no space, read-only, locked), or when a change
   *   could not be undone, `undone` when it was made and undone, `unreachable` when the connection was lost
   */
  readonly apply: (change: Change, listener: TransactionListener) => Promise<OpenTransaction>;
}

/** Something else changed the gateway between the facts and the change: start again. */
export class ChangedMeanwhile extends DcvopsError {
  constructor(host: string) {
    super('failed', 'the gateway was changed by somebody else meanwhile; nothing changed by this command', {
      host,
      hint: 'dcvops releases   (what is live), then the same command again',
    });
  }
}

/** Starts the transaction's script on a proxy and reads its facts: one round trip on an open connection. */
export async function converseWithProxy(
  remote: Remote,
  options: TransactionArguments,
): Promise<ProxyConversation> {
  const conversation = await remote.converse(transactionScript(options));
  const records = readRecords(conversation.stdout);
  const facts = parseProxyFacts(await recordsUntilReady(records, conversation, remote.name), LIVE_FILE);
  const host = remote.name;

  async function next(): Promise<ScriptRecord> {
    const { value, done } = await records.next();
    if (done === true) throw await endedTooEarly(conversation, host);
    return value;
  }

  async function ask(verb: string, change: Change): Promise<void> {
    await conversation.write(
      encodeChange(verb, change.release, facts.liveDigest, change.archive ?? '-', change.files),
    );
  }

  async function settle(
    expected: string,
    emerg: string[],
  ): Promise<{ emerg: readonly string[]; connections: number }> {
    let connections = 0;
    for (;;) {
      const record = await next();
      if (record.name === 'connections') connections = Number(record.value);
      if (record.name === 'emerg') emerg.push(...record.value.split('\n').filter((line) => line !== ''));
      if (record.name === expected) return { emerg, connections };
      throwIfFailed(record, host, emerg);
    }
  }

  return {
    facts,
    async quit() {
      await conversation.write('quit - - -\n');
      conversation.end();
      // a channel closes only when everything on it was read
      while ((await records.next()).done !== true);
      await conversation.finished;
    },
    async validate(change) {
      await ask('validate', change);
      const record = await next();
      if (record.name === 'valid') return { kind: 'valid' };
      if (record.name === 'invalid') return { kind: 'invalid', message: record.value };
      if (record.name === 'unsupported') return { kind: 'unsupported', message: record.value };
      throwIfFailed(record, host, []);
      throw misunderstood(record, host);
    },
    async reload(release) {
      await ask('reload', { release, files: [], archive: undefined });
      await settle('reloaded', []);
    },
    async apply(change, listener) {
      await ask('apply', change);
      const emerg: string[] = [];
      for (;;) {
        const record = await next();
        if (record.name === 'await') break;
        if (record.name === 'waiting') listener.onWaiting(record.value);
        if (record.name === 'unsupported') listener.onUnsupported(record.value);
        if (record.name === 'step' && isStep(record.value)) listener.onStep(record.value, 'started');
        if (record.name === 'did' && isStep(record.value)) listener.onStep(record.value, 'done');
        if (record.name === 'emerg') emerg.push(...record.value.split('\n').filter((line) => line !== ''));
        throwIfFailed(record, host, emerg);
      }
      return {
        async commit() {
          await conversation.write('commit\n');
          return settle('committed', emerg);
        },
        async rollback(reason) {
          await conversation.write(`rollback ${reason.replaceAll('\n', ' ')}\n`);
          return settle('undone', emerg).catch((error: unknown) => {
            if (error instanceof DcvopsError && error.code === 'undone') return { emerg };
            throw error;
          });
        },
      };
    },
  };
}

/**
 * What the script reads on its stdin: a line, the files (a line and the bytes), "end".
 * @throws DcvopsError `failed` for a file whose name such a line cannot hold; sh would take it for another file's
 */
export function encodeChange(
  verb: string,
  release: string,
  expected: string,
  archive: string,
  files: readonly FileChange[],
): Buffer {
  const parts = files.flatMap((file) => {
    if (/\n|\s$|\ufffd/.test(file.path)) throw unspeakable(file.path);
    if (file.kind === 'remove') return [Buffer.from(`remove - - ${file.path}\n`)];
    const content = Buffer.from(file.content);
    return [Buffer.from(`write ${file.mode} ${content.length} ${file.path}\n`), content];
  });
  return Buffer.concat([
    Buffer.from(`${verb} ${release} ${expected} ${archive}\n`),
    ...parts,
    Buffer.from('end\n'),
  ]);
}

function unspeakable(path: string): DcvopsError {
  return new DcvopsError(
    'failed',
    `the name of ${JSON.stringify(path)} cannot be passed on safely (a line break, a space at its end, or no UTF-8). Nothing changed.`,
    { hint: 'rename or remove that file on the host, then try again' },
  );
}

async function recordsUntilReady(
  records: AsyncGenerator<ScriptRecord, undefined>,
  conversation: Conversation,
  host: string,
): Promise<ScriptRecord[]> {
  const facts: ScriptRecord[] = [];
  for (;;) {
    const { value, done } = await records.next();
    if (done === true) throw await endedTooEarly(conversation, host);
    if (value.name === 'ready') return facts;
    throwIfFailed(value, host, []);
    facts.push(value);
  }
}

function throwIfFailed(record: ScriptRecord, host: string, emerg: readonly string[]): void {
  switch (record.name) {
    case 'failed':
      throw new DcvopsError('failed', `${record.value.trim()}. Nothing changed.`, {
        host,
        ...hintFor(record.value),
      });
    case 'invalid':
      throw new DcvopsError(
        'failed',
        `nginx refuses the configuration. Nothing changed.\n${record.value.trim()}`,
        { host, hint: hintForRefusal(record.value, host) },
      );
    case 'locked':
      throw new DcvopsError('failed', `another deploy is at work: ${record.value.trim()}. Nothing changed.`, {
        host,
        hint: 'wait until it has ended, then the same command again',
      });
    case 'changed':
      throw new ChangedMeanwhile(host);
    case 'undone':
      throw new DcvopsError('undone', [`${record.value.trim()}; undone.`, ...emerg].join('\n'), {
        host,
        hint: 'dcvops check   (what is live now)',
      });
    case 'not-undone':
      throw new DcvopsError(
        'failed',
        [`${record.value.trim()}. The change could not be undone and is still in place.`, ...emerg].join(
          '\n',
        ),
        {
          host,
          hint: 'mend what stands in the way, then dcvops releases   (every command tries the undo first)',
        },
      );
  }
}

/** What to type next when `nginx -t` refuses a candidate. @param said nginx's own words */
export function hintForRefusal(said: string, host: string): string {
  const [, directive] = /"(\w+)" directive is duplicate/.exec(said) ?? [];
  if (directive === undefined) {
    return 'dcvops deploy --dry-run   (shows the file and the lines that would change)';
  }
  // the gateway's own file never says one twice
  const look = words(['grep', '-rnw', directive, '/etc/nginx']).toString();
  return `take it out of the host's own files, for the gateway sets it: dcvops exec --sudo ${host} -- ${look}`;
}

function hintFor(problem: string): { hint?: string } {
  if (/No space left/i.test(problem))
    return { hint: 'make room on the host: dcvops exec HOST -- df -h / /var /run' };
  if (/Read-only file system/i.test(problem)) {
    return { hint: 'see why it is read-only: dcvops exec HOST -- dmesg' };
  }
  return {};
}

async function endedTooEarly(conversation: Conversation, host: string): Promise<DcvopsError> {
  // rejects by itself when the connection was lost
  const { code, stderr } = await conversation.finished;
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return new DcvopsError(
    'failed',
    `the deploy script ended too early (exit ${code})${last === '' ? '' : `: ${last}`}`,
    {
      host,
      hint: 'dcvops deploy -v   (shows the script)',
    },
  );
}

function misunderstood(record: ScriptRecord, host: string): DcvopsError {
  return new DcvopsError('failed', `the host said something unexpected: ${record.name}`, { host });
}

function isStep(text: string): text is TransactionStep {
  return ['stage', 'validate', 'swap', 'reload'].includes(text);
}
