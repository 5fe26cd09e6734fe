import type { Script } from '../../shell/script.ts';
import { program } from '../../shell/shell.ts';
import { readConfString } from './dcv-conf.ts';

/** Reads whether DCV asks for a login: of dcv.conf, nothing but the lines that say so. */
export const readAuthentication: Script = {
  name: 'read whether DCV asks for a login',
  text: program`
sed -n -e '/^[[:space:]]*\[/p' -e '/^[[:space:]]*authentication[[:space:]]*=/p' /etc/dcv/dcv.conf 2>/dev/null
:`,
  root: true,
};

/** Does DCV let in whoever reaches it? Only where dcv.conf says so: the default is the account's password. Pure. */
export function isLoginFree(conf: string): boolean {
  return readConfString(conf, 'security', 'authentication') === 'none';
}
