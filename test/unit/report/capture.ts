import { Writable } from 'node:stream';
import type { RendererOptions } from '../../../src/report/renderer.ts';
import { createStyle } from '../../../src/report/style.ts';

/** Streams that keep what is written, each on its own and both in order. */
export interface Capture {
  readonly options: RendererOptions;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly both: () => string;
}

/** Renderer options without colours, whose streams are kept. */
export function capture(given: Partial<RendererOptions> = {}): Capture {
  const text = { stdout: '', stderr: '', both: '' };
  const stream = (name: 'stdout' | 'stderr'): Writable =>
    new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        text[name] += chunk;
        text.both += chunk;
        done();
      },
    });
  return {
    options: {
      stdout: stream('stdout'),
      stderr: stream('stderr'),
      style: createStyle(false),
      verbosity: 0,
      quiet: false,
      ...given,
    },
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    both: () => text.both,
  };
}
