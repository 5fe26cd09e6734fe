import { program } from '../shell/shell.ts';

/**
 * `make_work` makes a folder in `$work` that only root may look into; where there can be none, the script tells `failed` and
 * ends. `end CODE` ends the script and takes the folder away; its traps do so by `end`. Runs after `SAY`.
 */
export const WORK_FOLDER = program`
work=
end() { if [ -n "$work" ]; then rm -rf "$work"; fi; exit "$1"; }
make_work() { work=$(mktemp -d /run/dcvops.XXXXXXXX) || { say failed 'cannot create a directory in /run'; end 1; } }`;
