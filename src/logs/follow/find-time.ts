/** Gives a piece of a file from a byte on, as text. */
export type ReadPiece = (offset: number, bytes: number) => Promise<string>;

/** The time of a line in microseconds since 1970; undefined for a line without one. */
export type TimeOfLine = (line: string) => number | undefined;

const PIECE_BYTES = 64 * 1024;

/**
 * Finds where to begin reading a file whose lines are in the order of time, so that every line from `sinceUs` on comes:
 * an offset that may be too early by some lines, in the middle of a line, and is never too late. Looks at the end first, for what is wanted is there as
 * a rule: a few small pieces for a file of gigabytes.
 */
export async function findTime(
  size: number,
  sinceUs: number,
  readPiece: ReadPiece,
  timeOfLine: TimeOfLine,
): Promise<number> {
  const isBefore = async (offset: number): Promise<boolean> => {
    const [, ...lines] = (await readPiece(offset, PIECE_BYTES)).split('\n');
    for (const line of lines) {
      const time = timeOfLine(line);
      if (time !== undefined) return time < sinceUs;
    }
    return false;
  };
  let late = size;
  let early = 0;
  for (let back = PIECE_BYTES; back < size; back *= 4) {
    if (await isBefore(size - back)) {
      early = size - back;
      break;
    }
    late = size - back;
  }
  while (late - early > PIECE_BYTES * 2) {
    const middle = early + Math.floor((late - early) / 2);
    if (await isBefore(middle)) early = middle;
    else late = middle;
  }
  return early;
}
