/** Makes lines of text that comes in pieces. */
export interface LineSplitter {
  readonly write: (text: string) => void;
  /** Gives what is left when the last line has no end. */
  readonly end: () => void;
}

/** A line longer than this is given in parts: a program that never ends its line must not fill the memory. */
const MAX_LINE = 64 * 1024;

/** CR LF ends a line as LF does. */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  let rest = '';
  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      while (rest.length > MAX_LINE) {
        onLine(rest.slice(0, MAX_LINE));
        rest = rest.slice(MAX_LINE);
      }
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
