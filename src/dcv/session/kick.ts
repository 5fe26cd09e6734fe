import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program, sh } from '../../shell/shell.ts';
import { LIST, SESSIONS } from '../agent-facts.ts';
import { closeConnectionHelp } from '../commands.ts';
import { type DcvCommand, runDcv } from '../run-dcv.ts';
import { about } from './close.ts';

/** Reads the sessions, who is connected to this one, and how `dcv close-connection` wants to be called (`help`). */
export function readForKick(id: string): Script {
  return {
    name: 'read the connections',
    text: lines(SAY, LIST, ...about(id), HELP, FACTS, SESSIONS),
    root: true,
  };
}

const HELP = sh`help() { ${runDcv(closeConnectionHelp())} 2>&1; }`;

const FACTS = program`
if command -v dcv >/dev/null 2>&1; then
  if connections=$(viewers); then say connections "$connections"; fi
  say help "$(help)"
fi`;

/** One connection, and the command that ends it. */
export interface Kick {
  readonly connection: string;
  readonly command: DcvCommand;
}

/**
 * Ends connections of a session and waits, 5 s for each at most, until they are gone. Tells `refused` with dcv's words for
 * each that it refused, and at the end who is connected.
 */
export function kickScript(id: string, kicks: readonly Kick[]): Script {
  return {
    name: 'end the connections',
    text: lines(
      SAY,
      LIST,
      ...about(id),
      HELPERS,
      ...kicks.flatMap(({ connection, command }) => [
        sh`kick() { ${runDcv(command, 30)} 2>&1; }`,
        sh`kick_and_wait ${connection}`,
      ]),
      sh`if connections=$(viewers); then say connections "$connections"; fi`,
    ),
    root: true,
  };
}

const HELPERS = program`
now() { date +%s; }
listed() {
  case $(viewers | tr -d ' \t\r\n') in
  *"\"id\":$1,"* | *"\"id\":$1}"* | *"\"id\":\"$1\""*) ;;
  *) return 1 ;;
  esac
}
kick_and_wait() {
  output=$(kick </dev/null) || { say refused "$output"; return; }
  end=$(($(now) + 5))
  while listed "$1" && [ "$(now)" -lt "$end" ]; do sleep 0.2; done
}`;
