#!/usr/bin/env node
import module from 'node:module';

// Node 22.1 and later keep compiled code between runs; has to be asked for before anything is imported.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const { runCli } = await import('./cli/program.ts');

/** True once a change may be under way, which has to be kept or undone in order. */
let hasToFinish = false;

// A reader that went away (`dcvops … | head`) is no failure, and no reason to leave a change half-way.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!hasToFinish) process.exit(process.exitCode ?? 0);
  });
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first one asks the operation to end in order; a second one does not wait for it.
    if (interrupt.signal.aborted) process.exit(130);
    if (process.stderr.isTTY) process.stderr.write('\nending in order; once more to end at once\n');
    interrupt.abort();
  });
}

const exitCode = await runCli(process.argv.slice(2), {
  signal: interrupt.signal,
  finishWhoeverReads: () => {
    hasToFinish = true;
  },
});
process.exitCode = exitCode;
// whoever interrupts does not wait for a reader that does not read
if (interrupt.signal.aborted) setTimeout(() => process.exit(), 500).unref();
