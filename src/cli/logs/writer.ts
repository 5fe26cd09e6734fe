import { open, mkdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { explainLine } from '../../dcv/signatures.ts';
import { DcvopsError } from '../../errors.ts';
import type { Inventory } from '../../inventory/types.ts';
import { readPattern } from '../../logs/filter.ts';
import { formatJson } from '../../logs/format-json.ts';
import { createLineFormatter } from '../../logs/format-line.ts';
import { mask } from '../../logs/mask.ts';
import type { LogRecord } from '../../logs/record.ts';
import {
  type Deliver,
  FOR_READING,
  type HostFeeds,
  type LogsOptions,
  type PassOn,
} from '../../operations/logs/follow.ts';
import { createOutput } from '../../report/output.ts';
import { sanitise } from '../../report/sanitise.ts';
import { createStyle } from '../../report/style.ts';
import { agentNames } from '../agent-names.ts';
import type { CliContext } from '../context.ts';

export interface WriterFlags {
  readonly raw?: boolean;
  readonly utc?: boolean;
  readonly highlight?: readonly string[];
  readonly output?: string;
}

/** Shows records, or writes them into files. */
export interface LogWriter {
  readonly write: Deliver;
  /** For lines that nobody has to look at. */
  readonly passOn: PassOn | undefined;
  /** How the logs have to be read for it. */
  readonly reading: Pick<LogsOptions, 'maxLineBytes' | 'keepBytes'>;
  readonly end: () => Promise<void>;
}

/** Bytes that pass through cost nothing but this. */
const MOST_RAW_PENDING = 1024 * 1024;
/** What passes through as it is. */
const MOST_RAW_BYTES = 16 * 1024 * 1024;

/** @throws DcvopsError `usage` for a highlight that is no pattern or a folder that cannot be written to */
export async function createLogWriter(
  context: CliContext,
  inventory: Inventory,
  hosts: readonly HostFeeds[],
  flags: WriterFlags,
): Promise<LogWriter> {
  const raw = flags.raw === true;
  const toTerminal = process.stdout.isTTY && flags.output === undefined;
  const keepBytes = raw && !toTerminal;
  const format = formatter(context, inventory, hosts, flags, toTerminal);
  const encode = (records: readonly LogRecord[]): string | Uint8Array => {
    const text = records.map(format).join('');
    return keepBytes ? Buffer.from(text, 'latin1') : text;
  };
  const reading = { keepBytes, maxLineBytes: raw ? MOST_RAW_BYTES : FOR_READING.maxLineBytes };
  if (flags.output !== undefined) {
    const writer = await createFolderWriter(flags.output, context.json ? 'ndjson' : 'log', encode);
    return { ...writer, passOn: undefined, reading };
  }
  const output = createOutput(process.stdout, context.signal, keepBytes ? MOST_RAW_PENDING : undefined);
  return {
    write: (records) => output.write(encode(records)),
    passOn: keepBytes ? output.write : undefined,
    reading,
    end: () => Promise.resolve(),
  };
}

function formatter(
  context: CliContext,
  inventory: Inventory,
  hosts: readonly HostFeeds[],
  flags: WriterFlags,
  toTerminal: boolean,
): (record: LogRecord) => string {
  if (flags.raw === true) {
    return toTerminal ? ({ raw }) => `${sanitise(mask(raw))}\n` : ({ raw }) => `${raw}\n`;
  }
  if (context.json) return formatJson;
  return createLineFormatter({
    style: flags.output === undefined ? context.style : createStyle(false),
    hostWidth: Math.max(...hosts.map(({ host }) => host.name.length)),
    sourceWidth: Math.max(...hosts.flatMap(({ feeds }) => feeds.map(({ source }) => source.length))),
    utc: flags.utc === true,
    nameOfAgent: agentNames(inventory),
    highlight: (flags.highlight ?? []).map(highlightPattern),
    note: explain,
  });
}

function highlightPattern(text: string): RegExp {
  const reading = readPattern(text);
  if ('value' in reading) return reading.value;
  throw new DcvopsError('usage', `--highlight "${text}" is not understood; it has to be ${reading.allowed}`);
}

/** What a known sign of trouble means, and the command to type. */
function explain({ access, host, file, message }: LogRecord): string | undefined {
  if (access !== undefined) return undefined;
  const known = explainLine(message, { host, session: sessionOf(file) });
  return known === undefined ? undefined : `${known.meaning}: ${known.next}`;
}

/** The session whose log it is: `agent.USER.SESSION.log`. */
function sessionOf(file: string | undefined): string | undefined {
  return file === undefined
    ? undefined
    : /\/(?:agent|Xdcv|dcv-x?session)\.[^./]+\.([^/]+)\.log$/.exec(file)?.[1];
}

/** One file for each host and source (neither has a dot in its name), written as they come; nobody else may read them. */
async function createFolderWriter(
  folder: string,
  ending: string,
  encode: (records: readonly LogRecord[]) => string | Uint8Array,
): Promise<Pick<LogWriter, 'write' | 'end'>> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotWrite(folder, error as NodeJS.ErrnoException);
  }
  const files = new Map<string, Promise<FileHandle>>();
  // two hosts' records may come at the same time
  let turn: Promise<unknown> = Promise.resolve();
  const fileOf = ({ host, source }: LogRecord): { name: string; handle: Promise<FileHandle> } => {
    const name = path.join(folder, `${host}.${source}.${ending}`);
    const handle = files.get(name) ?? open(name, 'wx', 0o600);
    files.set(name, handle);
    return { name, handle };
  };
  const writeAll = async (records: readonly LogRecord[]): Promise<void> => {
    for (const group of runs(records)) {
      const [first] = group;
      if (first === undefined) continue;
      const { name, handle } = fileOf(first);
      try {
        await (await handle).appendFile(encode(group));
      } catch (error) {
        throw cannotWrite(name, error as NodeJS.ErrnoException);
      }
    }
  };
  return {
    write(records) {
      const done = turn.then(() => writeAll(records));
      turn = done.catch(() => undefined);
      return done;
    },
    async end() {
      await turn;
      const opened = await Promise.allSettled(files.values());
      for (const one of opened) if (one.status === 'fulfilled') await one.value.close();
    },
  };
}

/** Records that stand side by side and are for the same file. */
function runs(records: readonly LogRecord[]): LogRecord[][] {
  const groups: LogRecord[][] = [];
  for (const record of records) {
    const last = groups.at(-1);
    if (last?.[0]?.host === record.host && last[0].source === record.source) last.push(record);
    else groups.push([record]);
  }
  return groups;
}

function cannotWrite(file: string, error: NodeJS.ErrnoException): DcvopsError {
  const exists = error.code === 'EEXIST';
  return new DcvopsError(
    'usage',
    `${file} cannot be written: ${exists ? 'it is there already' : error.message}`,
    {
      hint: exists ? 'another folder, or move the file away' : 'another folder: --output FOLDER',
      cause: error,
    },
  );
}
