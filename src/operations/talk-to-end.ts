import { DcvopsError } from '../errors.ts';
import { type ScriptRecord, readRecords } from '../shell/records.ts';
import type { Conversation } from '../ssh/remote.ts';

/** What a script told, and how it ended. */
export interface Talked {
  readonly records: readonly ScriptRecord[];
  readonly code: number;
  readonly stderr: string;
}

/**
 * Gives a script its stdin, and hears it to its end. For scripts that finish, or undo, by themselves whatever becomes of the
 * operator: those are talked with, for `Remote.run` guards a script, and ends it together with the connection, half-way
 * through, as if the host were shutting down.
 * @param onRecord is given each record as it comes
 * @throws DcvopsError as {@link Conversation}; {@link lostMidway} says what that means for the host
 */
export async function talkToEnd(
  conversation: Conversation,
  stdin: Buffer,
  onRecord?: (record: ScriptRecord) => void,
): Promise<Talked> {
  if (stdin.length > 0) await conversation.write(stdin);
  conversation.end();
  const records: ScriptRecord[] = [];
  for await (const record of readRecords(conversation.stdout)) {
    records.push(record);
    onRecord?.(record);
  }
  return { records, ...(await conversation.finished) };
}

/**
 * A lost connection, with what the host does now and what to type then; any other error as it is.
 * @param goesOn "what the host had begun, it finishes by itself"
 */
export function lostMidway(
  error: unknown,
  { host, goesOn, hint }: { readonly host: string; readonly goesOn: string; readonly hint: string },
): unknown {
  if (!(error instanceof DcvopsError) || error.code !== 'unreachable') return error;
  return new DcvopsError('unreachable', `${error.message}; ${goesOn}`, { host, hint, cause: error });
}
