import type { OperationEvent } from './events.ts';
import type { Renderer, RendererOptions } from './renderer.ts';

/** `--json`: one JSON document a line on stdout, each with the time in RFC 3339 (UTC, milliseconds). */
export function createNdjsonRenderer(options: RendererOptions): Renderer {
  function emit(event: OperationEvent): void {
    if (event.type === 'script' && options.verbosity === 0) return;
    options.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
  }
  return { emit, pause: () => Promise.resolve(), finish: () => Promise.resolve() };
}
