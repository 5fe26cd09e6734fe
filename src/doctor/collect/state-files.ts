import { POOL_FILE } from '../../gateway/config/default-agents.ts';
import { STATE_FILES } from '../../gateway/state.ts';
import { lines, program, sh } from '../../shell/shell.ts';

/**
 * Names of the gateway's state files, never what they hold, and the servers of its pool; the "." keeps the newline at their
 * end.
 */
export const STATE_FILE_NAMES = lines(
  sh`state_files=${STATE_FILES} pool_file=${POOL_FILE}`,
  program`
if [ -f "$live" ]; then
  tell gateway-state "$(cd "$state_files" 2>/dev/null && find . -type f | sed 's|^[.]/||' | sort | head -n 5000)"
  if [ -f "$pool_file" ]; then tell gateway-pool "$(head -c 1000000 "$pool_file"; echo .)"; fi
fi`,
);
