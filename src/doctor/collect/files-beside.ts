import { program } from '../../shell/shell.ts';

/** The files that the gateway's own names in its header: SHA-256 and path as sha256sum has them, "-" for one that is missing. */
export const FILES_BESIDE = program`
if [ -f "$live" ]; then
  tell gateway-files-beside "$(sed -n 's|^# with \(/[^ ]*\) sha256 [0-9a-f]*$|\1|p' "$live" | head -n 20 |
    while IFS= read -r file; do sha256sum -- "$file" 2>/dev/null || printf -- '-  %s\n' "$file"; done)"
fi`;
