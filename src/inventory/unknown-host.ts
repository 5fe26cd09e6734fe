import { didYouMean } from './near-match.ts';
import { type Path, showValue } from './problem.ts';
import type { Complaint } from './shape.ts';

/** The complaint about a name that nothing has; the candidates, which it may have meant, are told. */
export function unknownHost(
  name: string,
  path: Path,
  candidates: readonly string[],
  noun: string,
): Complaint {
  const some = candidates.slice(0, 8).join(', ') + (candidates.length > 8 ? ', …' : '');
  return {
    path,
    what: 'unknown name',
    found: `${showValue(name)}${didYouMean(name, candidates)}`,
    allowed: candidates.length === 0 ? noun : `${noun}: ${some}`,
  };
}
