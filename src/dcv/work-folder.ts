import { program } from '../shell/shell.ts';

/**
 * A folder of the script's own in `$work`, gone when the script ends, however it does. Others may look into it (dcvserver
 * runs as the user dcv); what is secret does not belong there.
 */
export const WORK_FOLDER = program`
work=$(mktemp -d /run/dcvops.XXXXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"`;
