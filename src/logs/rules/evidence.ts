/** The last few lines that led to an alert. */
export interface Evidence {
  readonly add: (line: string) => void;
  readonly lines: () => readonly string[];
}

const MOST_LINES = 3;
const LONGEST_LINE = 1000;

export function createEvidence(): Evidence {
  const lines: string[] = [];
  return {
    add: (line) => {
      lines.push(copyOf(line.slice(0, LONGEST_LINE)));
      if (lines.length > MOST_LINES) lines.shift();
    },
    lines: () => [...lines],
  };
}

/** Only lines this close before the threshold can be among the last ones: the others need not be kept. */
export function isNear(count: number, threshold: number): boolean {
  return count > threshold - MOST_LINES;
}

/** A part of a string keeps the whole of it in memory (in V8): here, what was read from the host at once. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
