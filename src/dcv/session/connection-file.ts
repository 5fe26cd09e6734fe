import { isIP } from 'node:net';
import { DcvopsError } from '../../errors.ts';
import type { Secret } from '../../shell/secret.ts';

/** What a `.dcv` file is made from. */
export interface ConnectionFile {
  /** What people open for the session in a browser, through the gateway. */
  readonly url: string;
  /** The session's id. */
  readonly id: string;
  /** With it the file is a login. */
  readonly token?: Secret | undefined;
}

declare const checked: unique symbol;

/** A value that stays within its line of the file. Made by {@link fileValue} only. */
type FileValue = string & { readonly [checked]: true };

/**
 * The text of a connection file for DCV's native client, which goes through the gateway's path (`weburlpath`) and over
 * WebSockets, since QUIC passes no gateway. Pure.
 *
 * An address has no certificate that a client knows, so the person is asked about it; for a name the client's own policy
 * counts. No file has a client accept a certificate by itself.
 * @throws DcvopsError `usage` for a session's id that does not fit into one line
 */
export function connectionFile({ url, id, token }: ConnectionFile): string {
  const { hostname, port, pathname } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const connect: [string, FileValue][] = [
    ['host', fileValue(host)],
    ['port', fileValue(port === '' ? '443' : port)],
    ['weburlpath', fileValue(pathname.replace(/\/$/, ''))],
    ['sessionid', fileValue(id)],
    ['transport', fileValue('websocket')],
  ];
  if (isIP(host) !== 0) connect.push(['certificatevalidationpolicy', fileValue('ask-user')]);
  if (token !== undefined) connect.push(['authtoken', fileValue(token.reveal())]);
  return `[version]\nformat=1.0\n\n[connect]\n${connect.map(([key, value]) => `${key}=${value}\n`).join('')}`;
}

/** How the format writes a backslash, or a space at an end, is not documented; nobody needs either. */
function fileValue(text: string): FileValue {
  if (/^[^\p{Cc}\p{Zl}\p{Zp}\\]+$/u.test(text) && text === text.trim()) return text as FileValue;
  throw new DcvopsError(
    'usage',
    `${JSON.stringify(text)} cannot stand in a .dcv file: it has a control character, a backslash, or a space at an end`,
  );
}
