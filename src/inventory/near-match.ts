/**
 * The candidates that a mistyped word may have meant, best first, three at most: few edits away, or the word is the
 * beginning of one of them. Capitals count for nothing.
 */
export function nearMatches(word: string, candidates: Iterable<string>): string[] {
  const typed = word.toLowerCase();
  const bearable = Math.max(1, Math.floor(typed.length / 3));
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, edits: editsAway(typed, candidate.toLowerCase(), bearable) }))
    .filter(({ edits }) => edits <= bearable)
    .sort((a, b) => a.edits - b.edits || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `, did you mean "agent1"?` ready to append, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearMatches(word, candidates);
  if (near.length === 0) return '';
  return `, did you mean ${near.map((candidate) => `"${candidate}"`).join(' or ')}?`;
}

function editsAway(typed: string, candidate: string, bearable: number): number {
  if (typed.length >= 2 && candidate.startsWith(typed)) return 1;
  if (Math.abs(typed.length - candidate.length) > bearable) return Infinity;
  return distance(typed, candidate);
}

/** Optimal string alignment distance: letters inserted, removed, replaced, or swapped with their neighbour. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
          ? cell(beforeLast, column - 2) + 1
          : Infinity;
      current.push(
        Math.min(
          cell(last, column) + 1,
          cell(current, column - 1) + 1,
          cell(last, column - 1) + (same ? 0 : 1),
          swapped,
        ),
      );
    }
    beforeLast = last;
    last = current;
  }
  return cell(last, b.length);
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
