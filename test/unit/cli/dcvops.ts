import { vi } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command line, in this process and without colours: what it printed and its exit code. */
export async function dcvops(...argv: string[]): Promise<CliResult> {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text: string | Uint8Array) => {
      printed[stream] += String(text);
      return true;
    }),
  );
  try {
    const code = await runCli(['--no-color', ...argv], {
      signal: new AbortController().signal,
      finishWhoeverReads: () => undefined,
    });
    return { code, ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
