import { type WriteOptions, writeConfScript } from '../dcv/dcv-conf-file.ts';
import { DcvopsError } from '../errors.ts';
import { sanitiseLine } from '../report/sanitise.ts';
import { parseRecords } from '../shell/records.ts';
import type { ReadyAgent } from './dcv-config-change.ts';

/** What the host told of a dcv.conf that was written. */
export interface WrittenConf {
  /** Where the file before is kept; undefined where there was none, or nothing was written. */
  readonly kept: string | undefined;
  readonly restarted: boolean;
}

/**
 * Has an agent write its dcv.conf, and restart dcvserver where that was decided.
 * @throws DcvopsError `undone` when dcvserver did not start with it and everything is as it was, `failed` for the rest,
 *   `unreachable` when the connection was lost: the host finishes without us
 */
export async function writeConf(
  { agent, remote, change, command }: Pick<ReadyAgent, 'agent' | 'remote' | 'change' | 'command'>,
  options: Omit<WriteOptions, 'restart'>,
): Promise<WrittenConf> {
  const script = writeConfScript(change.before, change.after, {
    ...options,
    restart: change.restart === 'now',
  });
  const { stdout, stderr, code } = await remote.run(script, { stdin: Buffer.from(change.after, 'latin1') });
  const records = parseRecords(stdout);
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  if (value('written') !== undefined) {
    return { kept: value('kept'), restarted: value('restarted') !== undefined };
  }
  const failed = (message: string): DcvopsError =>
    new DcvopsError('failed', sanitiseLine(oneLine(message)), { host: agent.name, hint: command });
  const undone = value('undone');
  if (undone !== undefined) {
    throw new DcvopsError('undone', sanitiseLine(`${oneLine(undone)}; undone: dcv.conf is as it was`), {
      host: agent.name,
      hint: `dcvops doctor ${agent.name}`,
    });
  }
  const notUndone = value('not-undone');
  if (notUndone !== undefined) throw failed(`${notUndone}; it could not be undone`);
  const holder = value('locked');
  if (holder !== undefined) {
    throw failed(`another command is at work here${holder === '' ? '' : ` (${holder})`}. Nothing changed.`);
  }
  if (value('changed') !== undefined) {
    throw failed('dcv.conf was changed by somebody else meanwhile. Nothing changed.');
  }
  const problem = value('failed');
  if (problem !== undefined) throw failed(`${problem}. Nothing changed.`);
  throw failed(`the script on the host ended early (exit ${code}${stderr === '' ? '' : `: ${stderr}`})`);
}

function oneLine(text: string): string {
  return text
    .trim()
    .split(/\s*\n\s*/)
    .join('; ')
    .slice(0, 300);
}
