import { access, open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DcvopsError } from '../errors.ts';
import { checkCompleteness, checkContent, checkKeys } from './checks.ts';
import { type InspectKey, inspectKeyFile } from './key-file.ts';
import { type Path, type Problem, formatProblem, sortProblems } from './problem.ts';
import { resolveInventory } from './resolve.ts';
import { type Complaint, checkShape } from './shape.ts';
import { withPins } from './pins.ts';
import type { Inventory } from './types.ts';
import { type YamlSource, readYaml } from './yaml-source.ts';

/** Where an inventory is looked for when nothing names one. */
export const USUAL_FILES = ['inventory/hosts.yaml', 'dcvops.yaml'] as const;

export interface FindOptions {
  /** `--inventory`. */
  readonly flag: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/**
 * The inventory's file: what `--inventory` names, else DCVOPS_INVENTORY, else the first of {@link USUAL_FILES} that is
 * there. A name that was given is taken as it is; `loadInventory` says when it is wrong.
 * @throws DcvopsError `inventory` when there is none
 */
export async function findInventory({ flag, env, cwd }: FindOptions): Promise<string> {
  const named = flag ?? env['DCVOPS_INVENTORY'];
  if (named !== undefined && named !== '') return named;
  for (const file of USUAL_FILES) {
    if (await exists(path.resolve(cwd, file))) return file;
  }
  throw new DcvopsError('inventory', `no inventory here: neither ${USUAL_FILES.join(' nor ')}`, {
    hint: 'dcvops init   (or name one: --inventory FILE)',
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

export interface LoadOptions {
  /** For HOME, which `~` stands for. Default: the process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where a relative `file` begins. Default: the process's working directory. */
  readonly cwd?: string;
  /** How a private key's file is looked at; `undefined` leaves the keys alone (nothing will log in). */
  readonly inspectKey?: InspectKey | undefined;
}

/**
 * Reads and checks an inventory.
 * @throws DcvopsError `inventory` that lists every problem, each with file, line and column, in the file's order
 */
export async function loadInventory(file: string, options: LoadOptions = {}): Promise<Inventory> {
  const absolute = path.resolve(options.cwd ?? process.cwd(), file);
  const inventory = await parseInventory(await readInventoryText(absolute, file), file, {
    folder: path.dirname(absolute),
    home: homeOf(options.env ?? process.env),
    inspectKey: 'inspectKey' in options ? options.inspectKey : inspectKeyFile,
  });
  return withPins(inventory, options.cwd);
}

function homeOf(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'] ?? '';
  return home === '' ? os.homedir() : home;
}

export interface ParseOptions {
  /** Where relative paths begin. */
  readonly folder: string;
  readonly home: string;
  readonly inspectKey: InspectKey | undefined;
}

/** The same for a text that is at hand; `file` is its name in messages. */
export async function parseInventory(text: string, file: string, options: ParseOptions): Promise<Inventory> {
  const source = readYaml(text);
  if (source.value === null && source.problems.length === 0) {
    throw new DcvopsError('inventory', `${file} is empty`, { hint: 'dcvops init --force' });
  }
  if (source.value === undefined) throw problemsError(file, source.problems);

  const lineOf = (place: Path): number => source.locate(place).line;
  const shape = checkShape(source.value);
  const complaints: Complaint[] = [
    ...shape.complaints,
    ...checkContent(shape.draft, lineOf),
    ...(shape.file === undefined ? [] : checkCompleteness(shape.file)),
    ...(options.inspectKey === undefined ? [] : await checkKeys(shape.draft, options, options.inspectKey)),
  ];
  const problems = [...source.problems, ...withoutEchoes(complaints, source)];
  if (problems.length > 0 || shape.file === undefined) throw problemsError(file, problems);
  return resolveInventory(shape.file, { ...options, file, lineOf });
}

/** Looks up places. A value that could not be read has been complained of once; the schema need not do it again. */
function withoutEchoes(complaints: readonly Complaint[], source: YamlSource): Problem[] {
  const unread = new Set(source.problems.map(({ path: place }) => JSON.stringify(place)));
  return complaints
    .filter((complaint) => !unread.has(JSON.stringify(complaint.path)))
    .map(({ path: place, at, what, found = source.found(place), allowed, hint }) => ({
      ...source.locate(place, at),
      path: place,
      what,
      ...(found === undefined ? {} : { found }),
      ...(allowed === undefined ? {} : { allowed }),
      ...(hint === undefined ? {} : { hint }),
    }));
}

const MOST_SHOWN = 50;

function problemsError(file: string, problems: readonly Problem[]): DcvopsError {
  const sorted = sortProblems(problems);
  const lines = sorted.slice(0, MOST_SHOWN).map((problem) => formatProblem(file, problem));
  const rest = sorted.length - lines.length;
  const message = [
    ...(sorted.length > 1 ? [`${file} has ${sorted.length} problems:`] : []),
    ...lines,
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ].join('\n');
  const hints = [...new Set(sorted.flatMap(({ hint }) => hint ?? []))];
  return new DcvopsError('inventory', message, {
    hint: hints.length > 0 ? hints.join('\n') : 'mend the file, then: dcvops inventory validate',
  });
}

/** Thousands of hosts fit; a larger file is something else, and would keep the parser busy for minutes. */
const MOST_BYTES = 512 * 1024;

/** Reads a file as UTF-8 text; never more than the limit, also from a device that has no end. */
async function readInventoryText(absolute: string, file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readUpTo(absolute, MOST_BYTES + 1);
  } catch (error) {
    throw cannotRead(file, error as NodeJS.ErrnoException);
  }
  if (bytes.length > MOST_BYTES) {
    const limit = `${MOST_BYTES / 1024} KiB`;
    throw new DcvopsError('inventory', `${file} is larger than ${limit}; that is no inventory`, {
      hint: 'name the right file with --inventory',
    });
  }
  const text = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n');
  const problem = encodingProblem(bytes, text);
  if (problem !== undefined) throw problemsError(file, [problem]);
  return text;
}

async function readUpTo(file: string, limit: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const pieces: Buffer[] = [];
    let length = 0;
    while (length < limit) {
      const piece = Buffer.alloc(Math.min(64 * 1024, limit - length));
      const { bytesRead } = await handle.read(piece, 0, piece.length);
      if (bytesRead === 0) break;
      pieces.push(piece.subarray(0, bytesRead));
      length += bytesRead;
    }
    return Buffer.concat(pieces);
  } finally {
    await handle.close();
  }
}

function cannotRead(file: string, error: NodeJS.ErrnoException): DcvopsError {
  const texts: Record<string, string> = {
    ENOENT: 'no such file',
    ENOTDIR: 'no such file',
    EISDIR: 'a folder, not a file',
    EACCES: 'you may not read it',
  };
  const why = texts[error.code ?? ''] ?? error.message;
  const hint = why === 'no such file' ? 'dcvops init, or the right name: --inventory FILE' : undefined;
  return new DcvopsError('inventory', `${file}: ${why}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

function encodingProblem(bytes: Buffer, text: string): Problem | undefined {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { line: 1, column: 1, path: [], what: 'saved as UTF-16, has to be UTF-8' };
  }
  const nul = text.indexOf('\0');
  if (nul !== -1) return { ...placeOf(text, nul), path: [], what: 'a NUL byte; this is no text file' };
  // a replacement character that the file holds itself is fine, one that decoding put there is not
  if (Buffer.compare(Buffer.from(bytes.toString('utf8')), bytes) === 0) return undefined;
  return { ...placeOf(text, text.indexOf('\ufffd')), path: [], what: 'not UTF-8 from here on' };
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
