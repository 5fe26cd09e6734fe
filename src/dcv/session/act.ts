import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { type ShellText, lines, program, sh } from '../../shell/shell.ts';
import { LIST, SESSIONS, viewersOf } from '../agent-facts.ts';
import {
  type ScreenshotSize,
  describeSession,
  describeSessionAsText,
  getScreenshot,
  setDisplayLayout,
  setName,
  setPermissions,
} from '../commands.ts';
import { type DcvCommand, askDcv, runDcv } from '../run-dcv.ts';
import type { DisplayHead } from '../types.ts';
import { WORK_FOLDER } from '../work-folder.ts';
import { PLACE, type PlacedFile, placeArguments } from './place-file.ts';

/*
 * What is done to one session comes to one script: it acts, tells `did` or `refused` with what dcv said, and then what
 * sessions there are, which proves the act and explains a refusal. A session that is not there is refused by dcv itself.
 */

export function renameScript(id: string, name: string | undefined): Script {
  return actScript('rename the session', setName(id, name));
}

export function layoutScript(id: string, heads: readonly DisplayHead[]): Script {
  return actScript('set the display layout', setDisplayLayout(id, heads));
}

/**
 * Tells `not-placed` where the file could not be written.
 * @param wanted the bytes of a file are the script's stdin. It stays, for DCV reads it whenever somebody connects; where dcv
 * refuses it, what was there before is there again.
 */
export function permissionsScript(id: string, wanted: 'none' | 'reset-builtin' | PlacedFile): Script {
  if (typeof wanted === 'string') return actScript('set the permissions', setPermissions(id, wanted));
  const command = setPermissions(id, sh`${wanted.path}`);
  return {
    ...actScript('set the permissions', command, { before: [PLACE, PUT], after: [SETTLE] }),
    args: placeArguments([wanted]),
  };
}

/** From here to the end of it nothing ends the script: a file that dcv does not take is not to stay. */
const PUT = program`
trap '' HUP INT PIPE TERM
if command -v dcv >/dev/null 2>&1; then
  rm -f "$1.old"
  if [ -e "$1" ]; then cp -p "$1" "$1.old"; fi && place "$@" || { rm -f "$1.old"; say not-placed "$1"; exit 0; }
fi`;

const SETTLE = program`
if [ -z "$refused" ]; then rm -f "$1.old"
elif [ -e "$1.old" ]; then mv -f "$1.old" "$1"
else rm -f "$1"
fi`;

/** Larger pictures than this are left on the host, in bytes: four screens of 4K come to less. */
export const LARGEST_SCREENSHOT = 32 * 1024 * 1024;

/**
 * Tells the picture as `png`, in base64; `too-large` with its size instead of one that is; `failed` where there is no room for
 * it. It may show anything, so nobody but root can read it on the host.
 */
export function screenshotScript(id: string, size: ScreenshotSize): Script {
  const command = getScreenshot(id, size, sh`"$work/file"`);
  return {
    ...actScript('take a screenshot', command, { before: [WORK_FOLDER, PRIVATE], after: [PICTURE] }),
    args: [String(LARGEST_SCREENSHOT)],
  };
}

const PRIVATE = program`
umask 077
trap 'end 1' HUP INT PIPE TERM
make_work`;

const PICTURE = program`
if [ -s "$work/file" ]; then
  bytes=$(wc -c <"$work/file")
  if [ "$bytes" -gt "$1" ]; then say too-large "$bytes"
  else
    echo png
    base64 "$work/file" | sed 's/^/|/'
    echo .
  fi
fi
end 0`;

/** @param around what else the script does: before dcv acts, and once the sessions are told */
function actScript(
  name: string,
  command: DcvCommand,
  {
    before = [],
    after = [],
  }: { readonly before?: readonly ShellText[]; readonly after?: readonly ShellText[] } = {},
): Script {
  const act = sh`act() { ${runDcv(command, 60)} 2>&1; }`;
  return { name, text: lines(SAY, LIST, ...before, act, ACT, SESSIONS, ...after), root: true };
}

/** Nothing is tried where dcv is not installed: what follows says so. */
const ACT = program`
refused=
if command -v dcv >/dev/null 2>&1; then
  if output=$(act </dev/null); then say did "$output"; else refused=yes; say refused "$output"; fi
fi`;

/**
 * Reads the sessions and, for each of these ids, `session` (the id) with `description` and `connections`, as far as dcv
 * tells them; and `now`, the host's clock in seconds.
 */
export function readSessionDetails(ids: readonly string[]): Script {
  return {
    name: 'read the sessions',
    text: lines(SAY, LIST, SESSIONS, ...ids.flatMap((id) => [sh`say session ${id}`, ...details(id)]), NOW),
    root: true,
  };
}

/** The same without descriptions, for who is connected to which session. */
export function readConnections(ids: readonly string[]): Script {
  return {
    name: 'read the connections',
    text: lines(SAY, LIST, ...ids.flatMap((id) => [sh`say session ${id}`, connections(id)]), NOW),
    root: true,
  };
}

/** The sessions, with `now`. */
export function readSessionsAndClock(): Script {
  return { name: 'list sessions', text: lines(SAY, LIST, SESSIONS, NOW), root: true };
}

const NOW = program`say now "$(date +%s)"`;

function details(id: string): ShellText[] {
  const ask = askDcv(describeSession(id), describeSessionAsText(id));
  return [sh`if told=$(${ask} 2>/dev/null); then say description "$told"; fi`, connections(id)];
}

function connections(id: string): ShellText {
  return lines(viewersOf(id), program`if told=$(viewers); then say connections "$told"; fi`);
}
