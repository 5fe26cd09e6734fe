import { DcvopsError } from '../../errors.ts';
import { LONGEST_SESSION_NAME, SESSION_ID_PATTERN, SESSION_NAME_PATTERN } from '../../inventory/names.ts';

/** A session as it is named on the command line. */
export interface SessionName {
  /** A host's name, address, glob or tag. */
  readonly agent: string;
  /** undefined: the inventory's default id is meant. */
  readonly id: string | undefined;
}

/**
 * Reads `AGENT` or `AGENT/ID`. The id may be one that dcvops itself would not give: sessions made by hand are closed and
 * described, too; {@link checkNewSessionId} is for those to be created.
 * @throws DcvopsError `usage` for a missing half
 */
export function parseSessionName(text: string): SessionName {
  const slash = text.indexOf('/');
  if (slash === -1 && text !== '') return { agent: text, id: undefined };
  const agent = text.slice(0, Math.max(slash, 0));
  const id = text.slice(slash + 1);
  if (agent === '' || id === '') {
    throw new DcvopsError(
      'usage',
      `"${text}" does not name a session: AGENT or AGENT/ID, such as agent1/desk`,
    );
  }
  if (/[\0\n]/.test(id)) throw new DcvopsError('usage', 'a session id is one line of text');
  return { agent, id };
}

/**
 * Refuses an id that cannot be a new session's.
 * @throws DcvopsError `usage`
 */
export function checkNewSessionId(id: string): void {
  if (SESSION_ID_PATTERN.test(id)) return;
  throw new DcvopsError(
    'usage',
    `"${id}" cannot be a session's id: letters and digits, with . _ - between them, at most 64`,
  );
}

/**
 * Refuses a title that DCV would.
 * @throws DcvopsError `usage`
 */
export function checkSessionTitle(title: string): void {
  if (SESSION_NAME_PATTERN.test(title)) return;
  const isLong = Array.from(title).length > LONGEST_SESSION_NAME;
  throw new DcvopsError(
    'usage',
    isLong
      ? `a session’s name has ${LONGEST_SESSION_NAME} characters at most`
      : 'a session’s name is one line of text',
  );
}
