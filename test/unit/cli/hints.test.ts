import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/program.ts';

const SOURCE = path.join(import.meta.dirname, '../../../src');

/** The files of src, each with its text. */
async function sourceFiles(): Promise<[file: string, text: string][]> {
  const files = (await readdir(SOURCE, { recursive: true })).filter((file) => file.endsWith('.ts'));
  return Promise.all(
    files.map(async (file): Promise<[string, string]> => [
      file,
      await readFile(path.join(SOURCE, file), 'utf8'),
    ]),
  );
}

/** Every string of src that begins, or has a line that begins, with "dcvops WORD": hints are written like this. */
async function commandsNamedInSource(): Promise<Map<string, string>> {
  const named = new Map<string, string>();
  for (const [file, text] of await sourceFiles()) {
    for (const [, word = ''] of text.matchAll(/(?:['"`]|\\n)dcvops ([a-z][a-z-]*)/g)) named.set(word, file);
  }
  return named;
}

describe('the commands that messages tell people to type', () => {
  it('all exist: nobody is sent to a command that is not there', async () => {
    const program = new Command();
    for (const register of COMMANDS) register(program);
    const known = new Set(program.commands.map((command) => command.name()));
    const unknown = [...(await commandsNamedInSource())].filter(([word]) => !known.has(word));
    expect(unknown).toEqual([]);
  });

  it('become root by exec --sudo, which can give sudo a password and does without sudo as root', async () => {
    const files = (await sourceFiles()).filter(([, text]) =>
      /dcvops exec [^\n'`]*-- sudo (?!-n true)/.test(text),
    );
    expect(files.map(([file]) => file)).toEqual([]);
  });
});
