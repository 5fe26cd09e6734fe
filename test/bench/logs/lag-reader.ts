import { quantile } from '../measure.ts';

/** Times from a line's writing to its arrival, in milliseconds. */
export interface Lags {
  readonly p50: number;
  readonly p99: number;
  /** Of the last line. */
  readonly last: number;
}

/** Reads what `dcvops logs` prints, and takes the time of the last whole line of each piece that comes. */
export interface LagReader {
  readonly read: (piece: Buffer) => void;
  /** Whole lines so far. */
  readonly lines: () => number;
  /** NaN when nothing came. */
  readonly lags: () => Lags;
}

const NEWLINE = 10;
/** A line is shorter; what came before it in the piece need not be looked at. */
const LINE_BYTES = 1024;

export function createLagReader(now = (): number => performance.timeOrigin + performance.now()): LagReader {
  const lags: number[] = [];
  let lines = 0;
  let rest = '';
  return {
    read(piece) {
      const arrivedMs = now();
      for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) lines++;
      const lastEnd = piece.lastIndexOf(NEWLINE);
      if (lastEnd !== -1) {
        const text = rest + piece.toString('latin1', Math.max(0, lastEnd - LINE_BYTES), lastEnd);
        const writtenUs = / at (\d+)/.exec(text.slice(text.lastIndexOf('\n') + 1))?.[1];
        if (writtenUs !== undefined) lags.push(arrivedMs - Number(writtenUs) / 1000);
      }
      rest =
        (lastEnd === -1 ? rest : '') +
        piece.toString('latin1', Math.max(lastEnd + 1, piece.length - LINE_BYTES));
    },
    lines: () => lines,
    lags() {
      const sorted = [...lags].sort((a, b) => a - b);
      return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), last: lags.at(-1) ?? Number.NaN };
    },
  };
}
