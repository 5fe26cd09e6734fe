import { describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { dcvops } from './dcvops.ts';

describe('a command line that cannot be right: exit code 2, why, and where to read on', () => {
  it.each([
    ['deplyo', "unknown command 'deplyo'; did you mean deploy?", 'dcvops --help'],
    ['frobnicate', "unknown command 'frobnicate'", 'dcvops --help'],
    ['session creat agent1', "unknown command 'creat'; did you mean create?", 'dcvops session --help'],
    [
      '--inventori x deploy',
      "unknown option '--inventori'; did you mean --inventory?",
      'dcvops deploy --help',
    ],
    ['deploy --dry-rum', "unknown option '--dry-rum'; did you mean --dry-run?", 'dcvops deploy --help'],
    ['deploy -i', "option '-i, --inventory <file>' argument missing", 'dcvops deploy --help'],
    [
      'session create',
      'on which agent?',
      'dcvops session create AGENT[/ID], or on every agent: dcvops session create --all',
    ],
    ['session close', "missing required argument 'agent[/id]'", 'dcvops session close --help'],
    ['render a b', "too many arguments for 'render'. Expected 1 argument but got 2.", 'dcvops render --help'],
    [
      'session create a --gl maybe',
      "option '--gl <on|off>' argument 'maybe' is invalid. Allowed choices are on, off.",
      'dcvops session create --help',
    ],
    [
      'deploy --batch 0',
      "option '--batch <n|%>' argument '0' is invalid. It must be 1 or more.",
      'dcvops deploy --help',
    ],
  ])('dcvops %s', async (line, message, hint) => {
    expect(await dcvops(...line.split(' '))).toEqual({
      code: 2,
      stdout: '',
      stderr: `✖ ${message}\n  Next: ${hint}\n`,
    });
    const json = await dcvops('--json', ...line.split(' '));
    expect({ ...json, stderr: JSON.parse(json.stderr) as unknown }).toEqual({
      code: 2,
      stdout: '',
      stderr: { type: 'error', code: 'usage', exitCode: 2, message, hint },
    });
  });

  it.each([
    ['--concurrency', '0', 'a whole number from 1 to 1000'],
    ['--concurrency', '1.5', 'a whole number from 1 to 1000'],
    ['--concurrency', 'many', 'a whole number from 1 to 1000'],
    ['--connect-timeout', '0', 'a number of seconds above 0'],
    ['--connect-timeout', '', 'a number of seconds above 0'],
    ['--connect-timeout', '1e9', 'a number of seconds above 0'],
    ['--command-timeout', '-1', 'a number of seconds above 0'],
    ['--command-timeout', 'NaN', 'a number of seconds above 0'],
  ])('%s "%s" says what is allowed', async (option, value, allowed) => {
    const { code, stderr } = await dcvops(`${option}=${value}`, 'deploy');
    expect(code).toBe(2);
    expect(stderr).toContain(`'${value}' is invalid. It must be ${allowed}`);
  });
});

describe('help', () => {
  it.each(['--help', 'help', 'help deploy', 'deploy --help', 'session create --help', 'help session'])(
    'dcvops %s goes to stdout and is no error',
    async (line) => {
      const { code, stdout, stderr } = await dcvops(...line.split(' '));
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Usage: dcvops/);
    },
  );

  it.each(['', 'session', 'inventory'])('is what "dcvops %s" prints, which does nothing', async (line) => {
    const { code, stdout, stderr } = await dcvops(...line.split(' ').filter((word) => word !== ''));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: dcvops/);
  });

  it('names the version', async () => {
    const version = { code: 0, stdout: `${packageJson.version}\n`, stderr: '' };
    expect(await dcvops('--version')).toEqual(version);
    expect(await dcvops('-V')).toEqual(version);
  });
});

describe('words behind --', () => {
  // `dcvops deploy -- spare` must not deploy everything
  it('are arguments, as everywhere', async () => {
    expect((await dcvops('render', '--', 'a', '--offline')).stderr).toContain(
      'Expected 1 argument but got 2',
    );
  });
});
