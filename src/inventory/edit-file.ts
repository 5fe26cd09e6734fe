import { chmod, chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DcvopsError } from '../errors.ts';
import { type Edit, editInventory } from './edit.ts';
import { plainText } from './edit-text.ts';
import { parseInventory } from './load.ts';
import { withPins } from './pins.ts';
import type { InventoryFile } from './schema.ts';
import type { Inventory } from './types.ts';
import { readYaml } from './yaml-source.ts';

/** An inventory's file that is about to be edited. */
export interface InventoryText {
  /** As the user named it. */
  readonly file: string;
  /** Where it is: links are followed. */
  readonly path: string;
  /** In octal digits. */
  readonly mode: string;
  readonly text: string;
  /** What is written, before defaults and names are filled in. */
  readonly content: InventoryFile;
}

/** An edit that has been worked out and checked, and is not written yet. */
export interface PlannedEdit {
  readonly before: InventoryText;
  readonly text: string;
  /** What the file means afterwards. */
  readonly inventory: Inventory;
}

/**
 * Reads the file of an inventory that has been loaded.
 * @throws DcvopsError `inventory` when it is gone, or has a problem by now
 */
export async function openInventoryText(file: string): Promise<InventoryText> {
  try {
    const where = await realpath(file);
    const [text, { mode }] = await Promise.all([readFile(where, 'utf8'), stat(where)]);
    await checkedInventory(text, file);
    const content = readYaml(plainText(text)).value as InventoryFile;
    return { file, path: where, mode: (mode & 0o7777).toString(8), text, content };
  } catch (error) {
    if (error instanceof DcvopsError) throw error;
    throw new DcvopsError('inventory', `${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Works out what edits make of the file, and checks the result as every command does that reads it. Writes nothing.
 * @throws DcvopsError `inventory` where the file has to be edited by hand, or would have a problem afterwards
 */
export async function planEdit(before: InventoryText, edits: readonly Edit[]): Promise<PlannedEdit> {
  const { file } = before;
  const edited = editInventory(before.text, edits);
  if (edited.kind === 'by-hand') {
    throw new DcvopsError(
      'inventory',
      `${file}:${edited.line} is written in a way that dcvops does not edit. Nothing changed.`,
      { hint: `by hand: ${edited.what}` },
    );
  }
  const inventory = await checkedInventory(edited.text, file).catch((error: unknown) => {
    if (!(error instanceof DcvopsError)) throw error;
    throw new DcvopsError(
      'inventory',
      `Nothing changed, for then there would be a problem:\n${error.message}`,
      {
        cause: error,
      },
    );
  });
  return { before, text: edited.text, inventory: await withPins(inventory) };
}

/** What a text means as the inventory's file; nobody logs in with its keys here. @throws DcvopsError `inventory` */
function checkedInventory(text: string, file: string): Promise<Inventory> {
  return parseInventory(plainText(text), file, {
    folder: path.dirname(path.resolve(file)),
    home: process.env['HOME'] ?? os.homedir(),
    inspectKey: undefined,
  });
}

/**
 * Writes a planned edit: the file is there as a whole, before or after, with its mode and its owner, and a link to it stays
 * a link.
 * @throws DcvopsError `failed` when it was changed meanwhile, another dcvops is editing it, or it can't be written
 */
export async function writeEdit({ before, text }: PlannedEdit): Promise<void> {
  const { file, path: where } = before;
  // one name for all: whoever has it is the only one who edits
  const candidate = path.join(path.dirname(where), `.${path.basename(where)}.dcvops-edit`);
  const handle = await open(candidate, 'wx', 0o600).catch((error: unknown) => {
    throw cannotBegin(file, candidate, error as NodeJS.ErrnoException);
  });
  try {
    const facts = await stat(where);
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    // the owner first: changing it takes away some bits of the mode
    await chown(candidate, facts.uid, facts.gid).catch(() => undefined);
    await chmod(candidate, facts.mode & 0o7777);
    if ((await readFile(where, 'utf8')) !== before.text) {
      throw new DcvopsError('failed', `${file} was changed by somebody else meanwhile. Nothing changed.`, {
        hint: 'the same command again',
      });
    }
    await rename(candidate, where);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(candidate, { force: true });
    if (error instanceof DcvopsError) throw error;
    throw cannotWrite(file, error as Error);
  }
}

function cannotBegin(file: string, candidate: string, error: NodeJS.ErrnoException): DcvopsError {
  if (error.code !== 'EEXIST') return cannotWrite(file, error);
  return new DcvopsError('failed', `${file} is being edited by another dcvops. Nothing changed.`, {
    hint: `the same command again; if no other runs (one was killed): rm ${candidate}`,
    cause: error,
  });
}

function cannotWrite(file: string, error: Error): DcvopsError {
  return new DcvopsError('failed', `${file} cannot be written: ${error.message}. Nothing changed.`, {
    cause: error,
  });
}
