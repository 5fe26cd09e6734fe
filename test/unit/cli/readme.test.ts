import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { COMMANDS } from '../../../src/cli/program.ts';
import { EXIT_CODE } from '../../../src/errors.ts';
import { withGeneratedParts } from '../../readme.ts';
import { parse } from '../inventory/texts.ts';
import { dcvops } from './dcvops.ts';

// What a newcomer copies from the README has to be there.

const README = await readFile('README.md', 'utf8');
const BLOCK = /^```[a-z]*\n([^]*?)^```$/gm;
/** Code blocks, and code in running text, one a line; continued lines are joined. */
const CODE = [...README.matchAll(BLOCK), ...README.replaceAll(BLOCK, '').matchAll(/`([^`\n]+)`/g)]
  .map(([, code = '']) => code)
  .join('\n')
  .replaceAll(/\\\n\s*/g, '');

describe('the README', () => {
  const commands = [...CODE.matchAll(/(?:^|\s)dcvops ([a-z-](?:[^\s&]+ ?)*)/g)].map(([, words = '']) =>
    words.replace(/(?:^| )-- .*/, '').trim(),
  );

  it.each([...new Set(commands)])('names a command that exists: dcvops %s', async (line) => {
    const words = line.split(' ');
    const path = words.slice(0, pathLength(words));
    expect(path.length, 'a command').toBeGreaterThan(0);
    const help = await dcvops(...path, '--help');
    const options = words.filter((word) => /^--?[a-z]/.test(word));
    for (const option of options) expect(`${help.stdout} -v --help`).toContain(option);
  });

  it('leaves no command out', () => {
    const program = new Command();
    for (const register of COMMANDS) register(program);
    for (const command of program.commands) expect(CODE).toContain(`dcvops ${command.name()}`);
  });

  it('has the doctor’s catalogue as it is (npm run readme writes it)', async () => {
    expect(README).toBe(await withGeneratedParts(README));
  });

  it('names scripts that exist', () => {
    const scripts = [...CODE.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
    expect(scripts.length).toBeGreaterThan(3);
    for (const script of scripts) expect(Object.keys(packageJson.scripts)).toContain(script);
    expect(CODE).toContain(`dcvops-${packageJson.version}.tgz`);
  });

  it('shows an inventory without a problem', async () => {
    const yaml = /^```yaml\n([^]*?)^```$/m.exec(README)?.[1] ?? '';
    const { proxies, agents } = await parse(yaml);
    expect([...proxies, ...agents].map(({ name }) => name)).toEqual(['gateway', 'agent1', 'agent2']);
  });

  it('lists every exit code', () => {
    const listed = [...README.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
    expect(new Set(listed)).toEqual(new Set([0, ...Object.values(EXIT_CODE)]));
  });
});

/** How many of the words name a command and its sub-command. */
function pathLength(words: readonly string[]): number {
  let command = new Command();
  for (const register of COMMANDS) register(command);
  for (const [index, word] of words.entries()) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) return index;
    command = next;
  }
  return words.length;
}
