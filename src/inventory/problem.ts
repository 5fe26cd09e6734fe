/** A place in the inventory: `['agents', 1, 'ssh', 'port']`. */
export type Path = readonly (string | number)[];

/** Something wrong in an inventory, at a place that has been looked up already. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly path: Path;
  /** What is wrong, in a few words: "unknown key". */
  readonly what: string;
  /** What stands there, as text to show. */
  readonly found?: string;
  readonly allowed?: string;
  /** The next command to type. */
  readonly hint?: string;
}

/** `agents[1].ssh.port`; a key that is no plain word is shown in quotes. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const plain = /^[A-Za-z0-9_<-]{1,40}$/.test(part);
      return plain ? `${index === 0 ? '' : '.'}${part}` : `[${showValue(part)}]`;
    })
    .join('');
}

/** `hosts.yaml:6:11: wrong value (agents[1].ssh.port): found 99999, allowed: a port, 1 to 65535`. */
export function formatProblem(file: string, problem: Problem): string {
  const { line, column, path, what } = problem;
  const where = path.length === 0 ? '' : ` (${formatPath(path)})`;
  return `${file}:${line}:${column}: ${what}${where}${details(problem)}`;
}

function details({ found, allowed }: Problem): string {
  if (found === undefined) return allowed === undefined ? '' : `: needs ${allowed}`;
  if (allowed === undefined) return `: found ${found}`;
  return found.endsWith('?')
    ? `: found ${found} Allowed: ${allowed}`
    : `: found ${found}, allowed: ${allowed}`;
}

/** By position in the file; each place and complaint once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [formatProblem('', problem), problem]));
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** A value from the file as messages show it: one line, nothing that a terminal obeys, cut where it is long. */
export function showValue(text: string, longest = 60): string {
  const shown = JSON.stringify(text).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return shown.length <= longest ? shown : `${shown.slice(0, longest - 2)}…"`;
}

/** The same for text that is no value, without quotes around it. */
export function showPlain(text: string): string {
  return showValue(text, 200).slice(1, -1).replaceAll('\\"', '"');
}
