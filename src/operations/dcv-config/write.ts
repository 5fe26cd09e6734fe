import { type WriteOptions, writeConfScript } from '../../dcv/conf/file.ts';
import { DcvopsError } from '../../errors.ts';
import { oneLine } from '../../report/sanitise.ts';
import type { Script } from '../../shell/script.ts';
import { quote } from '../../shell/shell.ts';
import type { Remote } from '../../ssh/remote.ts';
import { type Talked, lostMidway, talkToEnd } from '../talk-to-end.ts';
import type { ReadyAgent } from './ready-agent.ts';

/** What the host told of a dcv.conf that was written. */
export interface WrittenConf {
  /** Where the file before is kept; undefined where there was none, or nothing was written. */
  readonly kept: string | undefined;
  readonly restarted: boolean;
}

/**
 * Has an agent write its dcv.conf, and restart dcvserver where that was decided.
 * @throws DcvopsError `undone` when dcvserver did not start with it and everything is as it was, `failed` for the rest,
 *   `unreachable` when the connection was lost: the host finishes or undoes it without us
 */
export async function writeConf(
  { agent, remote, change, command }: Pick<ReadyAgent, 'agent' | 'remote' | 'change' | 'command'>,
  options: Omit<WriteOptions, 'restart'>,
): Promise<WrittenConf> {
  const script = writeConfScript(change.before, change.after, {
    ...options,
    restart: change.restart === 'now',
  });
  const { records, stderr, code } = await carryOut(agent.name, remote, script, change.after);
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  if (value('written') !== undefined) {
    return { kept: value('kept'), restarted: value('restarted') !== undefined };
  }
  const again = change.restart === 'now' ? `${command} --restart` : command;
  const failed = (message: string): DcvopsError =>
    new DcvopsError('failed', oneLine(message), { host: agent.name, hint: again });
  const undone = value('undone');
  if (undone !== undefined) {
    throw new DcvopsError('undone', `${oneLine(undone)}; undone: dcv.conf is as it was`, {
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

async function carryOut(host: string, remote: Remote, script: Script, content: string): Promise<Talked> {
  // without its stdin the script changes nothing
  const conversation = await remote.converse(script);
  try {
    return await talkToEnd(conversation, Buffer.from(content, 'latin1'));
  } catch (error) {
    throw lostMidway(error, {
      host,
      goesOn: 'what the host had begun, it finishes or undoes',
      hint: `dcvops dcv config get ${quote(host)}   (what came of it)`,
    });
  }
}
