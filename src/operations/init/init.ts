import path from 'node:path';
import { DcvopsError } from '../../errors.ts';
import { expandPath } from '../../inventory/expand-path.ts';
import { type InspectKey, inspectKeyFile } from '../../inventory/key-file.ts';
import { USUAL_FILES, parseInventory } from '../../inventory/load.ts';
import type { Ask } from '../../report/ask.ts';
import type { Emit } from '../../report/events.ts';
import { quote } from '../../shell/shell.ts';
import { fileExists, writeNewFile } from '../write-new-file.ts';
import { type InitFlags, gatherAnswers } from './answers.ts';
import { renderInventory } from './render.ts';

export interface InitRequest {
  /** The file to write, as the user named it; default: the first place where dcvops looks. */
  readonly file: string | undefined;
  /** Replace a file that is there; it is kept under another name. */
  readonly force: boolean;
  readonly flags: InitFlags;
  readonly cwd: string;
  readonly home: string;
  readonly ask: Ask;
  readonly emit: Emit;
  readonly inspectKey?: InspectKey;
}

export interface InitResult {
  readonly file: string;
  /** Where the file that was there before is now. */
  readonly backup: string | undefined;
  /** The next command to type. */
  readonly next: string;
}

/**
 * Writes an inventory from flags and questions. Nothing is written before every answer is right and the text reads as
 * an inventory without a problem.
 * @throws DcvopsError `usage` for a wrong answer, a question that cannot be asked, or a file that is there already
 */
export async function init(request: InitRequest): Promise<InitResult> {
  const file = request.file ?? USUAL_FILES[0];
  const absolute = path.resolve(request.cwd, file);
  const folder = path.dirname(absolute);
  if (!request.force && (await fileExists(absolute))) throw alreadyThere(file);

  const answers = await gatherAnswers(request.flags, request.ask, (key) => keyFrom(key, folder, request));
  const schema = (await fileExists(path.join(folder, SCHEMA_FILE))) ? `./${SCHEMA_FILE}` : undefined;
  const text = renderInventory(answers, schema);
  await parseInventory(text, file, { folder, home: request.home, inspectKey: undefined });

  const written = await writeNewFile(absolute, text, request.force ? 'replace' : 'refuse').catch(
    (error: unknown) => {
      const { message } = error as Error;
      throw new DcvopsError('failed', `${file} cannot be written: ${message}`, { cause: error });
    },
  );
  if (written === 'exists') throw alreadyThere(file);
  if (answers.key !== undefined) await warnOfKey(answers.key, folder, request);
  const backup = written.backup === undefined ? undefined : path.join(path.dirname(file), written.backup);
  return { file, backup, next: nextCommand(file) };
}

/** Beside the inventory it can be named in the file; an installed dcvops may move, so its copy cannot. */
const SCHEMA_FILE = 'dcvops.schema.json';

function alreadyThere(file: string): DcvopsError {
  return new DcvopsError('usage', `${file} is there already; nothing was written`, {
    hint: 'dcvops init --force   (keeps the old file beside it), or name another one: --inventory FILE',
  });
}

/**
 * How a key's path stands in the file: from `~` where it can, so that others can use the file as well. A relative path
 * was typed from where the user is; in the file it counts from the file's folder.
 */
function keyFrom(key: string, folder: string, { cwd, home }: InitRequest): string {
  if (key.startsWith('~')) return key;
  if (key.startsWith(`${home}/`)) return `~${key.slice(home.length)}`;
  return path.isAbsolute(key) ? key : path.relative(folder, path.resolve(cwd, key));
}

async function warnOfKey(key: string, folder: string, request: InitRequest): Promise<void> {
  const file = expandPath(key, { folder, home: request.home });
  const kind = await (request.inspectKey ?? inspectKeyFile)(file);
  if (kind === 'usable') return;
  const messages: Record<typeof kind, string> = {
    missing: `there is no ${key} yet`,
    unreadable: `${key} cannot be read`,
    'not-a-file': `${key} is not a file`,
    'public-key': `${key} is the public key; the private one is needed`,
    'no-key': `${key} holds no private key`,
    'open-to-others': `others can read the private key ${key}; nothing will log in with it`,
  };
  const hint = kind === 'open-to-others' ? { hint: `chmod 600 ${quote(file)}` } : {};
  const message = messages[kind];
  request.emit({ type: 'note', level: 'warning', message, ...hint });
}

function nextCommand(file: string): string {
  return (USUAL_FILES as readonly string[]).includes(file)
    ? 'dcvops trust'
    : `dcvops trust --inventory ${quote(file)}`;
}
