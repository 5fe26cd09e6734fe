import fs from 'node:fs';
import { labPaths, LABS_DIRECTORY } from './paths.ts';
import type { LabHost, LabRequest } from './plan.ts';

/** What a lab's `lab.json` says; it is there once the lab's network is. */
export interface LabState {
  readonly name: string;
  readonly request: LabRequest;
  readonly hosts: readonly LabHost[];
}

/** The state of a lab, or undefined when it is not up (or its `up` was cut off before there was a network). */
export function readState(lab: string): LabState | undefined {
  try {
    return JSON.parse(fs.readFileSync(labPaths(lab).state, 'utf8')) as LabState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function writeState(state: LabState): void {
  const file = labPaths(state.name).state;
  fs.writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
  fs.renameSync(`${file}.new`, file);
}

/** Names of all labs on this machine, half made ones included. */
export function labNames(): string[] {
  try {
    const names = fs.readdirSync(LABS_DIRECTORY, { withFileTypes: true });
    return names.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  } catch {
    return [];
  }
}
