import { describe, expect, it } from 'vitest';
import { createNdjsonRenderer } from '../../../src/report/ndjson.ts';
import { capture } from './capture.ts';
import { RUN } from './events.ts';

function rendered(verbosity: number): { documents: Record<string, unknown>[]; stderr: string } {
  const { options, stdout, stderr } = capture({ verbosity });
  const renderer = createNdjsonRenderer(options);
  for (const event of RUN) renderer.emit(event);
  const lines = stdout().trimEnd().split('\n');
  return { documents: lines.map((line) => JSON.parse(line) as Record<string, unknown>), stderr: stderr() };
}

describe('events under --json', () => {
  it('are one document a line, whole, each with its time, and nothing else is printed', () => {
    const { documents, stderr } = rendered(1);
    const time: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(documents).toEqual(RUN.map((event) => ({ time, ...event })));
    expect(stderr).toBe('');
  });

  it('leave scripts out unless -v asks for them', () => {
    expect(rendered(0).documents.map(({ type }) => type)).not.toContain('script');
  });
});
