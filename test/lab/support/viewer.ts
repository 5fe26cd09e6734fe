import { labFile } from '../paths.ts';
import type { TestLab } from './lab.ts';
import type { RunningProgram } from './program.ts';

/** Somebody who looks at a session. */
export interface Viewer {
  /** "agent1 desktop-session": the host and session that the desktop itself says it is. */
  readonly desktop: string;
  /** Resolves when the connection is gone, by whoever's doing. */
  readonly gone: Promise<unknown>;
  /** Goes away, as a closed browser tab does. */
  leave(): Promise<void>;
}

/** Why a viewer was not let in: DCV's error code, or the HTTP status of a refused WebSocket. */
export interface Refusal {
  readonly error?: string;
  readonly message?: string;
  readonly status?: number;
}

interface ViewerEvent extends Refusal {
  readonly event: 'connected' | 'typed' | 'refused' | 'closed';
  readonly name?: string;
}

/**
 * Opens a session as the page does, from the operator's side. `url` is the page's: an agent's own, or the gateway's.
 * @throws Error with the refusal when it is not let in
 */
export async function openViewer(lab: TestLab, url: string, type = ''): Promise<Viewer> {
  const program = startViewer(lab, url, type);
  await program.waitFor(type === '' ? '"event":"connected"' : '"event":"typed"');
  const connected = eventsOf(program).find(({ event }) => event === 'connected');
  return {
    desktop: connected?.name ?? '',
    gone: program.ended,
    leave: async () => {
      program.endInput();
      await program.ended;
    },
  };
}

/** Tries to open a session that nobody is to get into. */
export async function refusedViewer(lab: TestLab, url: string): Promise<Refusal> {
  const program = startViewer(lab, url, '');
  await program.ended;
  const { event, ...refusal } = eventsOf(program)[0] ?? { event: 'closed' };
  if (event !== 'refused') throw new Error(`the viewer was not refused: ${program.output()}`);
  return refusal;
}

function startViewer(lab: TestLab, url: string, type: string): RunningProgram {
  return lab.operator.start([process.execPath, labFile('support', 'viewer-program.js'), url, type]);
}

function eventsOf(program: RunningProgram): ViewerEvent[] {
  return program
    .stdout()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ViewerEvent);
}
