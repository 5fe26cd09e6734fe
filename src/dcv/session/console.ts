import { program } from '../../shell/shell.ts';

/**
 * Functions for scripts that are about to end what the console shows.
 *
 * - `no_sessions LISTED`: does what `dcv list-sessions` printed, as text or as JSON, mean that there are none? Words that are
 *   not known to mean it do not.
 * - `may_have_console LISTED`: may there be a console session? There may where one does not say that it is virtual, as a DCV
 *   that tells no types has it. In JSON a quote inside a value has a backslash before it, so that no title passes for a type.
 */
export const CONSOLE_SESSIONS = program`
no_sessions() {
  case $(printf '%s' "$1" | tr -d ' \t\r\n') in '' | '[]' | Therearenosessionsavailable.) return 0 ;; *) return 1 ;; esac
}
how_often() { printf '%s' "$1" | tr -d ' \t\r\n' | grep -oF "$2" | grep -c .; }
may_have_console() {
  if no_sessions "$1"; then return 1; fi
  if printf '%s\n' "$1" | grep -q '^Session:'; then
    printf '%s\n' "$1" | grep '^Session:' | grep -qv '^Session: [^(]*(owner:[^ ]* type:virtual[ )]'
  else
    sessions=$(how_often "$1" '"id":')
    [ "$sessions" -eq 0 ] || [ "$(how_often "$1" '"type":"virtual"')" -ne "$sessions" ]
  fi
}`;
