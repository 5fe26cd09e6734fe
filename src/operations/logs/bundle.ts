import { createHash } from 'node:crypto';
import path from 'node:path';
import pLimit from 'p-limit';
import packageJson from '../../../package.json' with { type: 'json' };
import { diagnose } from '../../doctor/diagnose.ts';
import type { FactSet } from '../../doctor/facts/fleet.ts';
import { formatDiagnosis } from '../../doctor/format.ts';
import { DcvopsError } from '../../errors.ts';
import type { Host, Inventory } from '../../inventory/types.ts';
import { type Archive, createArchive } from '../../logs/bundle/archive.ts';
import { type Budget, createBudget } from '../../logs/bundle/budget.ts';
import { type Command, commands } from '../../logs/bundle/contents.ts';
import { LEFT_OUT, type PieceFrame, readFrames } from '../../logs/bundle/frames.ts';
import {
  type HostEntry,
  type LeftOutEntry,
  type Limits,
  type PieceEntry,
  formatManifest,
  summariseInventory,
} from '../../logs/bundle/manifest.ts';
import { type MaskLine, createConfigurationMasker } from '../../logs/bundle/mask-configuration.ts';
import { maskLines } from '../../logs/bundle/mask-lines.ts';
import { type NamePiece, createNames } from '../../logs/bundle/names.ts';
import { bundleReadme } from '../../logs/bundle/readme.ts';
import { collectScript } from '../../logs/bundle/script.ts';
import { mask } from '../../logs/mask.ts';
import type { Emit } from '../../report/events.ts';
import { formatBytes } from '../../report/quantity.ts';
import { createStyle } from '../../report/style.ts';
import type { Conversation, Remote } from '../../ssh/remote.ts';
import { outcomeOf } from '../outcome.ts';
import { fileExists } from '../write-new-file.ts';

export interface BundleContext {
  readonly connect: (host: Host) => Promise<Remote>;
  readonly emit: Emit;
  readonly concurrency: number;
  readonly inventory: Inventory;
  /** For the manifest: "anna@laptop". */
  readonly who: string;
  /** Aborted by Ctrl-C: no file is left then. */
  readonly signal?: AbortSignal;
  /** What `dcvops doctor` finds out, begun beside the logs; undefined: it is left out. */
  readonly survey?: () => Promise<FactSet>;
  /** A folder on the hosts that stands in for `/`, for tests. */
  readonly root?: string;
}

export interface BundleOptions {
  /** The `.tar.gz` to write; it must not be there yet. */
  readonly file: string;
  /** Bytes of the whole bundle before it is compressed, shared out evenly among the hosts. */
  readonly maxBytes: number;
  /** Entries of each journal; default 5000. */
  readonly lines?: number;
}

export interface BundleResult {
  /** undefined: no host gave anything, and no file was written. */
  readonly file: string | undefined;
  /** Size of the file. */
  readonly bytes: number;
  readonly hosts: readonly HostEntry[];
}

const DEFAULT_LINES = 5_000;
const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** Of pieces that are being read or wait to be written. */
const MAX_BYTES_IN_MEMORY = 4 * MAX_FILE_BYTES;

/**
 * Collects what a support case needs from hosts, side by side, into one file: logs, versions, unit states, facts, and
 * configurations without their secrets. A host that cannot be reached does not stop the others; the manifest says so.
 * @throws DcvopsError `usage` when the file is there already, `failed` when it cannot be written, `interrupted`; there is
 *   no file then
 */
export async function bundleLogs(
  context: BundleContext,
  hosts: readonly Host[],
  options: BundleOptions,
): Promise<BundleResult> {
  if (await fileExists(options.file)) throw alreadyThere(options.file);
  const created = new Date();
  const limits = limitsFor(hosts.length, options);
  const archive = await createArchive(options.file).catch(tellWriteError(options.file));
  try {
    const folder = path.basename(options.file).replace(/\.(?:tar\.gz|tgz)$/, '');
    const add: Add = (name, content, modified = created) =>
      archive.add(`${folder}/${name}`, content, modified);
    const about = { created: created.toISOString(), askedBy: context.who };
    const [entries, facts] = await Promise.all([
      collectAll({ ...context, limits, add }, hosts),
      context.survey?.(),
    ]);
    context.signal?.throwIfAborted();
    if (entries.every(({ pieces }) => pieces.length === 0)) {
      await archive.abandon();
      return { file: undefined, bytes: 0, hosts: entries };
    }
    await add('README.txt', Buffer.from(bundleReadme({ ...about, hosts: hosts.map(({ name }) => name) })));
    if (facts !== undefined) await addDiagnosis(add, facts);
    const inventory = summariseInventory(context.inventory);
    const manifest = {
      format: 1,
      dcvops: packageJson.version,
      ...about,
      limits,
      inventory,
      hosts: entries,
    } as const;
    await add('manifest.json', Buffer.from(formatManifest(manifest)));
    const bytes = await archive.finish();
    if (bytes === undefined) throw alreadyThere(options.file);
    return { file: options.file, bytes, hosts: entries };
  } catch (error) {
    await archive.abandon();
    if (context.signal?.aborted === true)
      throw new DcvopsError('interrupted', 'interrupted; no file was written');
    return tellWriteError(options.file)(error);
  }
}

type Add = (name: string, content: Buffer, modified?: Date) => ReturnType<Archive['add']>;

/** The doctor's facts, which `dcvops doctor --from` reads, and what it says of them. */
async function addDiagnosis(add: Add, facts: FactSet): Promise<void> {
  const report = formatDiagnosis(facts, diagnose(facts), createStyle(false), { all: true });
  await add('doctor/facts.json', Buffer.from(`${JSON.stringify(facts, undefined, 2)}\n`));
  await add('doctor/report.txt', Buffer.from(report));
}

interface Collecting extends BundleContext {
  readonly limits: Limits;
  readonly add: Add;
}

/** A quarter at most for one file: a log that is large leaves room for the others. */
function limitsFor(hosts: number, { maxBytes, lines = DEFAULT_LINES }: BundleOptions): Limits {
  const maxBytesPerHost = Math.floor(maxBytes / Math.max(hosts, 1));
  const maxBytesPerFile = Math.min(MAX_FILE_BYTES, Math.ceil(maxBytesPerHost / 4));
  return { maxBytes, maxBytesPerHost, maxBytesPerFile, journalLines: lines };
}

async function collectAll(context: Collecting, hosts: readonly Host[]): Promise<HostEntry[]> {
  const atOnce = pLimit(context.concurrency);
  const budget = createBudget(MAX_BYTES_IN_MEMORY);
  // all have ended before one that failed for good ends the bundle: nobody writes to it any more
  const settled = await Promise.allSettled(
    hosts.map((host) => atOnce(() => collectHost(context, host, budget))),
  );
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** What came from a host so far. */
interface Collected {
  readonly pieces: PieceEntry[];
  readonly leftOut: LeftOutEntry[];
}

async function collectHost(context: Collecting, host: Host, budget: Budget): Promise<HostEntry> {
  const { emit, connect } = context;
  const collected: Collected = { pieces: [], leftOut: [] };
  const entry = { name: host.name, address: host.host, role: host.role, ...collected };
  try {
    const remote = await connect(host);
    await collectFrom(remote, context, collected, budget);
    const bytes = collected.pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    emit({
      type: 'outcome',
      host: host.name,
      outcome: 'done',
      message: `${collected.pieces.length} files, ${formatBytes(bytes)}`,
    });
    return { ...entry, state: 'complete', reason: undefined };
  } catch (error) {
    const outcome = outcomeOf(error, host.name);
    emit(outcome);
    const state = collected.pieces.length === 0 ? 'missing' : 'incomplete';
    return { ...entry, state, reason: outcome.message };
  }
}

async function collectFrom(
  remote: Remote,
  context: Collecting,
  { pieces, leftOut }: Collected,
  budget: Budget,
): Promise<void> {
  const { limits, add, inventory, root = '' } = context;
  const own = inventory.logs.filter(({ hosts }) => hosts.includes(remote.name));
  const asked = commands(limits.journalLines, own);
  const namePiece = createNames(remote.name);
  const conversation = await remote.converse(
    collectScript({
      maxBytes: limits.maxBytesPerHost,
      maxFileBytes: limits.maxBytesPerFile,
      journalLines: limits.journalLines,
      own,
      root,
    }),
  );
  for await (const frame of readFrames(conversation.stdout, limits.maxBytesPerHost)) {
    context.signal?.throwIfAborted();
    if (frame.kind === 'end') {
      conversation.end();
      await conversation.finished;
      return;
    }
    const source = sourceOf(frame, asked);
    if (frame.kind === 'left-out') {
      leftOut.push({ source, reason: LEFT_OUT[frame.reason] });
      continue;
    }
    const giveBack = await budget.take(frame.size);
    try {
      const content = await readPiece(frame);
      if (content === undefined) break;
      const piece = describePiece(frame, content, namePiece, source);
      await add(piece.name, content, frame.modified);
      pieces.push(piece);
    } finally {
      giveBack();
    }
  }
  throw await endedTooEarly(conversation, remote.name);
}

/** The piece as it may be shown; undefined: it did not come whole. */
async function readPiece(frame: PieceFrame): Promise<Buffer | undefined> {
  let came = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of frame.content) {
      came += chunk.length;
      yield chunk;
    }
  }
  const masked: Buffer[] = [];
  const cut = frame.total > frame.size;
  for await (const chunk of maskLines(counted(), maskerFor(frame), cut)) masked.push(chunk);
  return came === frame.size ? Buffer.concat(masked) : undefined;
}

/** Logs are text for people; all else may be, or tell of, a configuration. */
function maskerFor({ folder }: PieceFrame): MaskLine {
  return folder === 'logs' || folder === 'journal' ? mask : createConfigurationMasker();
}

function describePiece(frame: PieceFrame, content: Buffer, namePiece: NamePiece, source: string): PieceEntry {
  const isFile = frame.name.startsWith('/');
  const cutBytes = Math.max(0, frame.total - frame.size);
  return {
    name: namePiece(frame.folder, frame.name),
    source,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    cut: cutBytes > 0,
    cutBytes,
    exitCode: isFile ? undefined : frame.exitCode,
    modified: frame.modified?.toISOString(),
  };
}

/** The path on the host, or the command line. */
function sourceOf(frame: Pick<PieceFrame, 'folder' | 'name'>, asked: readonly Command[]): string {
  const command = asked.find(({ folder, name }) => folder === frame.folder && name === frame.name);
  return command?.argv.join(' ') ?? frame.name;
}

async function endedTooEarly(conversation: Conversation, host: string): Promise<DcvopsError> {
  // rejects by itself when the connection was lost
  const { code, stderr } = await conversation.finished;
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return new DcvopsError(
    'failed',
    `the host stopped in the middle (exit ${code})${last === '' ? '' : `: ${last}`}`,
    { host, hint: `dcvops exec ${host} -- df -h /run /tmp` },
  );
}

function alreadyThere(file: string): DcvopsError {
  return new DcvopsError('usage', `${file} is there already`, { hint: 'name another file with -o' });
}

/** What the file system said of the bundle's file, in words; everything else is thrown as it is. */
function tellWriteError(file: string): (error: unknown) => never {
  return (error) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof DcvopsError || code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error;
    throw new DcvopsError('failed', `cannot write ${file}: ${message}`, {
      hint: 'name another file with -o',
      cause: error,
    });
  };
}
