import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/program.ts';

/** Every string of src that begins, or has a line that begins, with "dcvops WORD": hints are written like this. */
async function commandsNamedInSource(): Promise<Map<string, string>> {
  const root = path.join(import.meta.dirname, '../../../src');
  const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const named = new Map<string, string>();
  for (const file of files) {
    const text = await readFile(path.join(root, file), 'utf8');
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
});
