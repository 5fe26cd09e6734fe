import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { allOptions } from '../../../src/cli/logs/flags.ts';
import { dcvops } from './dcvops.ts';

/** What `dcvops logs summary` gets of a command line, built as the real one is. */
function optionsOf(...words: string[]): object {
  let options: object = {};
  const program = new Command('dcvops').option('--json');
  const logs = program.command('logs').argument('[host...]').option('--since <when>').option('--utc');
  logs.action(() => undefined);
  const summary = logs.command('summary').argument('[proxy...]');
  summary.option('--since <when>', '', '24h').option('--utc').option('--until <when>');
  summary.action((_: string[], given: object) => {
    options = allOptions(summary, given);
  });
  program.parse(words, { from: 'user' });
  return options;
}

describe('options that logs and its sub-command both have', () => {
  it.each([
    ['logs summary', { since: '24h' }],
    ['logs summary --since 1h', { since: '1h' }],
    ['logs summary gateway --utc --since 1h --json --until 5m', { since: '1h', utc: true, until: '5m' }],
    ['logs --since 1h summary', { since: '1h' }],
  ])('are the sub-command’s: %s', (line, options) => {
    expect(optionsOf(...line.split(' '))).toEqual(options);
  });

  it.each([
    ['summary --grep x', "unknown option '--grep'"],
    ['summary -f', "unknown option '--follow'"],
    ['watch --output x', "unknown option '--output'"],
    ['bundle --since 1h', "unknown option '--since'"],
  ])('are refused when they are not: logs %s', async (line, message) => {
    const [command = ''] = line.split(' ');
    const { code, stderr } = await dcvops('logs', ...line.split(' '));
    expect(stderr).toContain(message);
    expect(stderr).toContain(`dcvops logs ${command} --help`);
    expect(code).toBe(2);
  });
});
