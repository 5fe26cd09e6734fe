import type { Emit } from './events.ts';
import type { Style } from './style.ts';

/** Draws the events of one run of an operation. */
export interface Renderer {
  readonly emit: Emit;
  /** Leaves the terminal free for a question; drawing goes on with the next event. */
  readonly pause: () => Promise<void>;
  /** Ends the display; call it once, when the operation has ended. */
  readonly finish: () => Promise<void>;
}

export interface RendererOptions {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** For stderr, where progress goes. */
  readonly style: Style;
  /** Each `-v` adds one: 1 shows scripts and timings. */
  readonly verbosity: number;
  /** `-q`: only warnings and failures. */
  readonly quiet: boolean;
}
