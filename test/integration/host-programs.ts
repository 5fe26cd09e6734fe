import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Script, commandLine } from '../../src/shell/script.ts';

const run = promisify(execFile);

/** Makes a folder with programs in place of a host's own, by their names; the test removes it. */
export async function installPrograms(programs: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dcvops-programs-'));
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(path.join(folder, name), text, { mode: 0o755 });
  }
  return folder;
}

/** What a script (or its command line, changed) prints here, with the programs in this folder found first. */
export async function runWith(folder: string, script: Script | string): Promise<string> {
  const command = typeof script === 'string' ? script : commandLine(script);
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  return (await run('sh', ['-c', command], { env })).stdout;
}
