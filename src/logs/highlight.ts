type Paint = (text: string) => string;

/** A part of a text that has a colour of its own. */
export interface PaintedRange {
  readonly from: number;
  /** Behind its last character. */
  readonly to: number;
  readonly paint: Paint;
}

/** Paints a text, with its own range if it has one. */
export type PaintText = (text: string, own?: PaintedRange) => string;

/**
 * Paints what matches one of the patterns. The text's own range keeps its colour unless a match touches it: colours of one
 * end those of the other.
 */
export function createHighlighter(patterns: readonly RegExp[], paint: Paint): PaintText {
  const all = patterns.map((pattern) => new RegExp(pattern.source, withGlobal(pattern.flags)));
  return (text, own) => {
    if (all.length === 0) return own === undefined ? text : paintRanges(text, [own]);
    const matches = joined(all.flatMap((pattern) => matchesOf(text, pattern, paint)));
    const isFree = own !== undefined && matches.every(({ from, to }) => to <= own.from || from >= own.to);
    return paintRanges(text, isFree ? inOrder([...matches, own]) : matches);
  };
}

function withGlobal(flags: string): string {
  return `${flags.replace(/[gy]/g, '')}g`;
}

/** Nothing is shown of a match with no characters in it; matchAll goes on behind one. */
function matchesOf(text: string, pattern: RegExp, paint: Paint): PaintedRange[] {
  return Array.from(text.matchAll(pattern), ({ index, 0: match }) => ({
    from: index,
    to: index + match.length,
    paint,
  })).filter(({ from, to }) => to > from);
}

function inOrder(ranges: readonly PaintedRange[]): PaintedRange[] {
  return ranges.toSorted((a, b) => a.from - b.from);
}

/** Matches of several patterns that overlap become one. */
function joined(matches: readonly PaintedRange[]): PaintedRange[] {
  const result: PaintedRange[] = [];
  for (const match of inOrder(matches)) {
    const last = result.at(-1);
    if (last === undefined || match.from > last.to) result.push(match);
    else if (match.to > last.to) result.splice(-1, 1, { ...last, to: match.to });
  }
  return result;
}

function paintRanges(text: string, ranges: readonly PaintedRange[]): string {
  let painted = '';
  let end = 0;
  for (const { from, to, paint } of ranges) {
    painted += text.slice(end, from) + paint(text.slice(from, to));
    end = to;
  }
  return painted + text.slice(end);
}
