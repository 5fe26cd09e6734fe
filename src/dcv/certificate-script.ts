import { SAY } from '../shell/records.ts';
import type { Script } from '../shell/script.ts';
import { lines, program } from '../shell/shell.ts';

/** Where dcvserver has its certificate, and makes one when it finds none (DCV's administrator guide). */
export const CERTIFICATE_FILE = '/etc/dcv/dcv.pem';

/** Reads an agent's certificates, leaf first: the record `certificate`, missing where there is no such file. */
export function readCertificates(): Script {
  return { name: 'read the certificate', text: lines(SAY, READ), args: [CERTIFICATE_FILE], root: true };
}

/** Certificates only: a key in the same file stays on the host. */
const READ = program`
if [ -f "$1" ]; then
  say certificate "$(sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' "$1")"
fi
`;
