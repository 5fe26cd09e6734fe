import { Command } from 'commander';
import fc from 'fast-check';
import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/program.ts';
import { ROLE_WORDS } from '../../../src/inventory/host-patterns.ts';
import { NAME_PATTERN, RESERVED_NAMES, nameProblem } from '../../../src/inventory/names.ts';

describe('a host’s name', () => {
  it.each(['agent1', 'A', 'gpu-node-07', 'a'.repeat(63)])('may be %s', (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  it.each([
    ['a name that ends in a dash (nginx, DNS)', 'agent-'],
    ['a domain', 'agent1.example'],
    ['an address', '10.0.0.5'],
    ['a number', '7'],
    ['an option', '-x'],
    ['a path', 'a/b'],
    ['shell text', 'a;reboot'],
    ['a line break at the end', 'agent1\n'],
    ['a glob', 'agent*'],
    ['nothing', ''],
    ['more than DNS allows', 'a'.repeat(64)],
    ['other letters', 'büro'],
  ])('is not %s', (_, name) => {
    expect(nameProblem(name)).toContain('letters, digits and dashes');
  });

  it.each(['list', 'LIST', 'health', 'none', 'connection-gateway', 'resource', 'css', 'JS'])(
    'is not dcvops’s own word %s',
    (word) => {
      expect(nameProblem(word)).toContain('is a word of dcvops');
    },
  );

  it.each(Object.keys(ROLE_WORDS))('is not %s, which means all of them in logs[].hosts', (word) => {
    expect(nameProblem(word)).toContain('is a word of dcvops');
  });

  it('can never be taken for an address, which would lead a command to another host', () => {
    fc.assert(fc.property(fc.stringMatching(NAME_PATTERN), (name) => isIP(name) === 0));
  });

  it('is never a word that the command line knows, so that `dcvops session list` stays a command', () => {
    const program = new Command();
    for (const register of COMMANDS) register(program);
    const words = wordsOf(program);
    expect(words).toContain('validate');
    expect(words.filter((word) => !RESERVED_NAMES.has(word))).toEqual([]);
  });
});

function wordsOf(command: Command): string[] {
  return command.commands.flatMap((inner) => [inner.name(), ...inner.aliases(), ...wordsOf(inner)]);
}
