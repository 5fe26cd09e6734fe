import { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { action, type CliContext, type Display } from '../../../src/cli/context.ts';
import { DcvopsError } from '../../../src/errors.ts';
import type { OutcomeEvent } from '../../../src/report/events.ts';

interface Ran {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a handler as the command `work` of a program with the given global options. */
async function run(
  handler: (context: CliContext) => Promise<number | undefined>,
  { flags = [], display, aborted = false }: { flags?: string[]; display?: Display; aborted?: boolean } = {},
): Promise<Ran> {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text: string | Uint8Array) => {
      printed[stream] += String(text);
      return true;
    }),
  );
  const program = new Command('dcvops')
    .option('--json')
    .option('-q, --quiet')
    .option('-y, --yes')
    .option('--no-color')
    .option('-v, --verbose', '', (_, level: number) => level + 1, 0);
  const signal = aborted ? AbortSignal.abort() : new AbortController().signal;
  program.setOptionValue('processContext', {
    signal,
    finishWhoeverReads: () => undefined,
    passedOn: undefined,
  });
  program.command('work').action(action(handler, display));
  try {
    await program.parseAsync(['--no-color', ...flags, 'work'], { from: 'user' });
    return { code: program.getOptionValue('exitCode'), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function outcome(kind: OutcomeEvent['outcome'], host = 'agent1'): OutcomeEvent {
  return { type: 'outcome', host, outcome: kind, message: kind };
}

const EVENTS: Display = { json: 'events', steps: true };

describe('the exit code of a command: cron and CI see nothing else', () => {
  it.each<[OutcomeEvent['outcome'][], number | undefined, number]>([
    [[], undefined, 0],
    [['done', 'unchanged'], 0, 0],
    [['done', 'unreachable'], 0, 4],
    [['failed', 'unreachable'], 0, 1],
    [['undone', 'failed', 'done'], 0, 3],
    [['interrupted', 'undone'], 0, 130],
    [['not-started'], 0, 1],
    [['done'], 1, 1],
  ])('outcomes %j and a result of %s give %i', async (outcomes, result, code) => {
    const ran = await run((context) => {
      for (const kind of outcomes) context.emit(outcome(kind));
      return Promise.resolve(result);
    });
    expect(ran.code).toBe(code);
  });

  it.each([
    [new DcvopsError('inventory', 'x'), 2],
    [new DcvopsError('unreachable', 'x'), 4],
    [new TypeError('x'), 1],
  ])('is that of what was thrown: %s', async (error, code) => {
    const ran = await run(() => Promise.reject(error));
    expect(ran.code).toBe(code);
  });

  it('is the worst of what was thrown and what came before', async () => {
    const ran = await run((context) => {
      context.emit(outcome('undone'));
      return Promise.reject(new DcvopsError('unreachable', 'x'));
    });
    expect(ran.code).toBe(3);
  });

  it('is 130 after Ctrl-C, whatever was done until then', async () => {
    expect((await run(() => Promise.resolve(0), { aborted: true })).code).toBe(130);
  });
});

describe('what a command prints', () => {
  const handler = (context: CliContext): Promise<number> => {
    context.emit(outcome('failed'));
    context.emit(outcome('done', 'agent2'));
    if (context.json) context.printJson({ rows: [] });
    else context.print('a table\n');
    return Promise.resolve(0);
  };

  it.each([
    [[], 'a table\n', '✖ agent1: failed\n✔ agent2  done\n'],
    [['-q'], 'a table\n', '✖ agent1: failed\n'],
    // a program that reads the document must be able to read nothing else
    [['--json'], '{\n  "rows": []\n}\n', '✖ agent1: failed\n'],
  ])('with %j: its result on stdout, how it went on stderr', async (flags, stdout, stderr) => {
    expect(await run(handler, { flags })).toEqual({ code: 1, stdout, stderr });
  });

  it('is its events, one a line, under --json where the command says so', async () => {
    const { stdout, stderr } = await run(
      (context) => {
        context.emit(outcome('done'));
        return Promise.resolve(0);
      },
      { flags: ['--json'], display: EVENTS },
    );
    expect(JSON.parse(stdout)).toMatchObject(outcome('done'));
    expect(stderr).toBe('');
  });

  it('is an error as JSON on stderr under --json', async () => {
    const { stderr } = await run(() => Promise.reject(new DcvopsError('login', 'refused', { host: 'a' })), {
      flags: ['--json'],
    });
    expect(JSON.parse(stderr)).toMatchObject({ type: 'error', code: 'login', exitCode: 4, host: 'a' });
  });
});

describe('a question under --json', () => {
  it('is never asked, also on a terminal: a program reads the output', async () => {
    const { code, stderr } = await run(
      async (context) => {
        await context.ask.confirm({ text: 'Sure?', flag: '--sure' });
        return 0;
      },
      { flags: ['--json'] },
    );
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'usage', hint: 'answer it with --sure' });
  });
});
