import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OperationEvent } from '../../../src/report/events.ts';
import { createTerminalRenderer } from '../../../src/report/terminal.ts';
import { type Capture, capture } from './capture.ts';
import { RUN } from './events.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The terminal: listr2 draws on the process's own stderr, everything else goes through the options. */
function terminal(given: Parameters<typeof capture>[0] = {}): Capture {
  const captured = capture(given);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => captured.options.stderr.write(text));
  return captured;
}

async function draw(events: readonly OperationEvent[], captured: Capture): Promise<string> {
  const renderer = createTerminalRenderer(captured.options);
  for (const event of events) renderer.emit(event);
  await renderer.finish();
  return stripVTControlCharacters(captured.both());
}

/** The last picture of the board with this first line, and all that was printed below it. */
function lastFrame(screen: string, firstLine: string): string {
  return screen.slice(screen.lastIndexOf(firstLine));
}

describe('the live display', () => {
  it('ends with every step settled, and only then prints the texts that were held back, in their order', async () => {
    const screen = await draw(RUN, terminal());
    expect(lastFrame(screen, '✔ gateway\n')).toBe(
      [
        '✔ gateway',
        '  ✔ Reading the host: nginx 1.22.1',
        '  ↓ Swapping in',
        '⚠ spare',
        '  ✖ Reading the host: no answer',
        '  ↓ Swapping in',
        '! gateway: two',
        '  lines',
        '  Next: dcvops check',
        '  worth knowing',
        'gateway:/etc/x.conf  (no file → 644 root:root)',
        '+new',
        '-old',
        ' same',
        'gateway  installed \\x1b[1mnginx',
        'gateway  a warning of apt',
        '✔ gateway  release 3f9a1c live',
        '  Next: dcvops check',
        '✖ spare: no answer in 10 s',
        '  Next: dcvops ssh spare',
        '',
      ].join('\n'),
    );
  });

  it('steps aside for a question: what is drawn is finished before it is asked', async () => {
    const captured = terminal();
    const renderer = createTerminalRenderer(captured.options);
    for (const event of RUN.slice(0, 6)) renderer.emit(event);
    await renderer.pause();
    const before = captured.both();
    expect(stripVTControlCharacters(before)).toMatch(/worth knowing\n$/);
    await new Promise(setImmediate);
    expect(captured.both()).toBe(before);
    renderer.emit({ type: 'outcome', host: 'gateway', outcome: 'unchanged', message: 'unchanged' });
    await renderer.finish();
    expect(captured.both().slice(before.length)).toBe('✔ gateway  unchanged\n');
  });

  it('draws one board after another, each whole', async () => {
    const steps = (title: string): OperationEvent[] => [
      { type: 'steps', hosts: ['a'], steps: [{ id: 'x', title }] },
      { type: 'step', host: 'a', step: 'x', state: 'started' },
      { type: 'step', host: 'a', step: 'x', state: 'done' },
      { type: 'outcome', host: 'a', outcome: 'done', message: `after ${title}` },
    ];
    const screen = await draw([...steps('First'), ...steps('Second')], terminal());
    const settled = screen.split('\n').filter((line) => /✔ (First|Second)|after/.test(line));
    expect([...new Set(settled)]).toEqual([
      '  ✔ First',
      '✔ a  after First',
      '  ✔ Second',
      '✔ a  after Second',
    ]);
  });

  it('is not there with -q: only what matters is printed', async () => {
    expect(await draw(RUN, terminal({ quiet: true }))).not.toContain('Swapping in');
  });
});
