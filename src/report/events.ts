/**
 * What an operation tells while it works. Operations emit these and print nothing; the renderers in this room draw
 * them on a terminal, as plain lines, or as NDJSON.
 */
export type OperationEvent =
  StepsEvent | StepEvent | NoteEvent | DiffEvent | OutputEvent | ScriptEvent | OutcomeEvent;

/**
 * These hosts, side by side, are about to go through these steps, each host in this order. A step that a host never
 * starts is shown as skipped once the host's `outcome` or the next `steps` event came.
 */
export interface StepsEvent {
  readonly type: 'steps';
  readonly hosts: readonly string[];
  readonly steps: readonly Step[];
}

export interface Step {
  /** Stable name for programs: `validate`. */
  readonly id: string;
  /** For people: "Validating with nginx -t". */
  readonly title: string;
}

export interface StepEvent {
  readonly type: 'step';
  readonly host: string;
  readonly step: string;
  readonly state: 'started' | 'progress' | 'done' | 'skipped' | 'failed';
  /** What came of it, in a few words: "agent1 200, agent2 502 (502 before, too)". */
  readonly detail?: string;
}

/** Something the user should read; a warning asks for thought. */
export interface NoteEvent {
  readonly type: 'note';
  readonly level: 'info' | 'warning';
  readonly host?: string;
  readonly message: string;
  /** The next command to type, where there is one. */
  readonly hint?: string;
}

/** What would change, or has changed, in one file of a host. */
export interface DiffEvent {
  readonly type: 'diff';
  readonly host: string;
  readonly path: string;
  /** "644 root:root", before and after; undefined where there is no file. */
  readonly modeBefore: string | undefined;
  readonly modeAfter: string | undefined;
  /** Unified diff. */
  readonly diff: string;
}

/** A line that a host's program printed (`exec`, a package manager). */
export interface OutputEvent {
  readonly type: 'output';
  readonly host: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** For `-v`: a script that was run, and how long it took in milliseconds. */
export interface ScriptEvent {
  readonly type: 'script';
  readonly host: string;
  readonly name: string;
  readonly command: string;
  readonly elapsedMs?: number;
}

/** How a host's part ended: one for each host, the last that is said of it. */
export interface OutcomeEvent {
  readonly type: 'outcome';
  readonly host: string;
  readonly outcome:
    'done' | 'unchanged' | 'failed' | 'undone' | 'unreachable' | 'interrupted' | 'not-started';
  readonly message: string;
  readonly hint?: string;
}

/** Where an operation sends its events. */
export type Emit = (event: OperationEvent) => void;
