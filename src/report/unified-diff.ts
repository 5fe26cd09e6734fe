import { createTwoFilesPatch } from 'diff';

/** What is said beside the two names of a diff, and how many unchanged lines stand around a change. */
export interface DiffNotes {
  readonly from?: string;
  readonly to?: string;
  /** Default: 4, as the library has it. */
  readonly context?: number;
}

/** Two texts as a unified diff that begins with its `---` line. Pure. */
export function unifiedDiff(
  [from, before]: readonly [name: string, text: string],
  [to, after]: readonly [name: string, text: string],
  notes: DiffNotes = {},
): string {
  const { context } = notes;
  return createTwoFilesPatch(
    from,
    to,
    before,
    after,
    notes.from,
    notes.to,
    context === undefined ? undefined : { context },
  ).replace(/^(?:Index: .*\n)?=+\n/, '');
}
