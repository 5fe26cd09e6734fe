/** The end of one log file of an agent. */
export interface SessionLog {
  /** Its path on the agent. */
  readonly file: string;
  readonly text: string;
}

/** The line that says best why a session ended, and the file it is in. */
export interface TellingLine {
  readonly file: string;
  readonly line: string;
}

/** DCV's own line format: `2021-08-10 05:32:44,161016 [  3517:3517  ] WARN  component - message`. */
const DCV_LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \[[^\]]*\] (?<level>[A-Z]+)\s+(?<message>.*)$/;

/** What programs of a desktop that ends too early print: the X server, the session script, the shell. */
const COMPLAINT =
  /fatal|segfault|killed by signal|core dumped|cannot|could not|no such file|not found|permission denied|failed/i;

/** Says that something ended, which is known already. */
const EMPTY_WORDS = /xio:|x connection to .* broken|after \d+ requests/i;

/**
 * Finds the line that tells most about a session's early end: errors and warnings in DCV's logs first (the last one that
 * is about this session, when the log is the server's), then complaints of the desktop's own programs. Pure.
 */
export function tellingLine(logs: readonly SessionLog[], id: string): TellingLine | undefined {
  return (
    lastLine(logs, id, (line) => levelOf(line) === 'ERROR') ??
    lastLine(
      logs,
      id,
      (line) => levelOf(line) === undefined && COMPLAINT.test(line) && !EMPTY_WORDS.test(line),
    ) ??
    lastLine(logs, id, (line) => levelOf(line)?.startsWith('WARN') === true)
  );
}

function lastLine(
  logs: readonly SessionLog[],
  id: string,
  says: (line: string) => boolean,
): TellingLine | undefined {
  for (const { file, text } of logs) {
    const isOfSession = file.endsWith(`.${id}.log`);
    const line = text
      .split('\n')
      .map((one) => one.trim())
      .filter((one) => says(one) && (isOfSession || one.includes(`'${id}'`)))
      .at(-1);
    if (line !== undefined) return { file, line: DCV_LINE.exec(line)?.groups?.['message'] ?? line };
  }
  return undefined;
}

function levelOf(line: string): string | undefined {
  return DCV_LINE.exec(line)?.groups?.['level'];
}
