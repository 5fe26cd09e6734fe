import { describe, expect, it } from 'vitest';
import { createPlainRenderer } from '../../../src/report/plain.ts';
import { createStyle } from '../../../src/report/style.ts';
import { capture } from './capture.ts';
import { RUN } from './events.ts';

function rendered(given: Parameters<typeof capture>[0] = {}): ReturnType<typeof capture> {
  const captured = capture(given);
  const renderer = createPlainRenderer(captured.options);
  for (const event of RUN) renderer.emit(event);
  return captured;
}

describe('plain lines, for pipes and CI logs', () => {
  it('tell each event in a line that names its host; data is on stdout, the rest on stderr', () => {
    const { stdout, stderr } = rendered();
    expect(stderr()).toBe(
      [
        'gateway: Reading the host: waiting for anna@laptop',
        '✔ gateway: Reading the host: nginx 1.22.1',
        '! gateway: two',
        '  lines',
        '  Next: dcvops check',
        '  worth knowing',
        'gateway  a warning of apt',
        '✖ spare: Reading the host: no answer',
        '✔ gateway  release 3f9a1c live',
        '  Next: dcvops check',
        '✖ spare: no answer in 10 s',
        '  Next: dcvops ssh spare',
        '',
      ].join('\n'),
    );
    expect(stdout()).toBe(
      [
        'gateway:/etc/x.conf  (no file → 644 root:root)',
        '+new',
        '-old',
        ' same',
        'gateway  installed \\x1b[1mnginx',
        '',
      ].join('\n'),
    );
  });

  it('keep to warnings and failures with -q, and to data', () => {
    const { stdout, stderr } = rendered({ quiet: true });
    expect(stderr()).toBe(
      [
        '! gateway: two',
        '  lines',
        '  Next: dcvops check',
        'gateway  a warning of apt',
        '✖ spare: no answer in 10 s',
        '  Next: dcvops ssh spare',
        '',
      ].join('\n'),
    );
    expect(stdout()).toContain('+new\n');
  });

  it('show scripts and their time with -v', () => {
    expect(rendered({ verbosity: 1 }).stderr()).toContain(
      'gateway: read facts (12 ms)\n  | nginx -v\n  | true\n',
    );
  });

  it('obey nothing in the name of a file that a host has', () => {
    const { options, stdout } = capture();
    createPlainRenderer(options).emit({
      type: 'diff',
      host: 'gateway',
      path: '/etc/nginx/conf.d/\x1b[2J.conf',
      modeBefore: '644 \x1b[1mroot',
      modeAfter: undefined,
      diff: '',
    });
    expect(stdout()).toBe('gateway:/etc/nginx/conf.d/\\x1b[2J.conf  (644 \\x1b[1mroot → no file)\n');
  });

  it('paint a diff where there are colours', () => {
    const { stdout } = rendered({ style: createStyle(true) });
    expect(stdout()).toContain('\x1b[32m+new\x1b[39m\n\x1b[31m-old\x1b[39m\n same\n');
  });
});
