import { SAY } from '../shell/records.ts';
import type { Script } from '../shell/script.ts';
import { lines, program, sh } from '../shell/shell.ts';
import { LIST } from './agent-facts.ts';
import { CLOSE, about } from './close-session.ts';
import { type CreateSessionOptions, createSession } from './commands.ts';

/** What creating a session comes to on one agent, once its facts are known. */
export interface CreateAct {
  readonly session: CreateSessionOptions;
  /** Start dcvserver first. */
  readonly startService: boolean;
  /** Ids of sessions that are closed first. */
  readonly close: readonly string[];
  /** Close them even when somebody is connected. */
  readonly endSessions: boolean;
}

/** A dcvserver that was started a moment ago answers within this time, or something is wrong with it. */
export const PATIENCE_SECONDS = 30;
/** A session that lives this long has a desktop: those that end by themselves do so at once. */
export const TRIAL_SECONDS = 3;

/**
 * Creates a session and watches whether it lives, in one script. It tells, in this order, as far as it gets: `started`,
 * `answering`, `closed` (for each), `created`, then `alive` (the list of sessions) or `gone` and the session's logs (`log`,
 * `lines`); or the one thing that stopped it: `start-failed`, `silent`, `in-use`, `close-failed`, `create-failed`.
 */
export function createScript(act: CreateAct): Script {
  return {
    name: 'create the session',
    text: lines(
      SAY,
      LIST,
      CLOSE,
      HELPERS,
      ...(act.startService ? [sh`start_dcvserver`] : []),
      sh`await_dcvserver`,
      ...act.close.flatMap((id) => [
        ...about(id),
        sh`close_session ${id} ${act.endSessions ? 'in-use' : 'unused'}`,
      ]),
      ...about(act.session.id),
      sh`create() { timeout 90 ${createSession(act.session)} 2>&1; }`,
      sh`create_and_watch ${act.session.id}`,
    ),
    args: [String(PATIENCE_SECONDS), String(TRIAL_SECONDS)],
    root: true,
  };
}

const HELPERS = program`
patience=$1 trial=$2
start_dcvserver() {
  output=$(systemctl start dcvserver.service 2>&1) || {
    journal=$(journalctl --unit=dcvserver --lines=5 --output=cat --no-pager 2>/dev/null)
    stop start-failed "$output
$journal"
  }
  say started ''
}
# An active dcvserver may not answer yet: creating at once fails about one time in ten.
await_dcvserver() {
  end=$(($(now) + patience))
  until output=$(list); do
    [ "$(now)" -lt "$end" ] || stop silent "$output"
    sleep 0.5
  done
  say answering ''
}
create_and_watch() {
  output=$(create) || stop create-failed "\${output:-dcv create-session did not end within 90 s}"
  say created ''
  end=$(($(now) + trial))
  while exists; do
    if [ "$(now)" -ge "$end" ]; then stop alive "$(list)"; fi
    sleep 0.5
  done
  say gone "$(list)"
  for file in /var/log/dcv/*."$1".log /var/log/dcv/sessionlauncher.log /var/log/dcv/server.log; do
    if [ -s "$file" ]; then say log "$file"; say lines "$(tail -n 20 "$file")"; fi
  done
}`;
