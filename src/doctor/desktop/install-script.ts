import { SAY } from '../../shell/records.ts';
import type { Script } from '../../shell/script.ts';
import { type ShellText, lines, program, sh } from '../../shell/shell.ts';
import { INSTALL_LOG, INSTALL_UNIT } from './state.ts';
import type { InstallStep } from './steps.ts';

/** What an installation is known by on its host. */
export interface InstallTitle {
  readonly flavor: string;
  /** "anna@laptop" */
  readonly who: string;
}

/**
 * Starts an installation in a unit of its own, which goes on without a connection, and ends at once. Tells `started`, or
 * `running` where one runs already; never a second one beside it. The unit stays when it has ended, so that its result can be
 * read. Where it cannot be started, its exit code is not 0 and stderr says why.
 */
export function startInstallation(steps: readonly InstallStep[], { flavor, who }: InstallTitle): Script {
  return {
    name: 'start the installation',
    text: lines(SAY, sh`unit=${INSTALL_UNIT} log=${INSTALL_LOG}`, LAUNCH),
    args: [unitText(steps).toString(), `dcvops desktop install: ${flavor}, by ${who}`, who, flavor],
    root: true,
  };
}

/**
 * The program goes through a file: systemd would replace what looks like a variable in an argument. The lock is held while
 * one is started, so that nobody stops what another one has just begun.
 */
const LAUNCH = program`
set -e
exec 9>/run/dcvops-desktop-install.lock
flock 9
case $(systemctl show --property=ActiveState,SubState --value "$unit" | tr '\n' ' ') in
'active exited '* | 'inactive '* | 'failed '*) ;;
*) say running ''; exit 0 ;;
esac
systemctl stop "$unit" 2>/dev/null || :
systemctl reset-failed "$unit" 2>/dev/null || :
mkdir -p -m 755 "\${log%/*}"
if [ -f "$log" ]; then mv -f "$log" "$log.1"; fi
umask 027
: >"$log"
file=/run/dcvops-desktop-install.sh
printf '%s\n' "$1" >"$file"
systemd-run --quiet --unit="$unit" --description="$2" --property=RemainAfterExit=yes /bin/sh "$file"
umask 077
mkdir -p -m 700 /var/lib/dcvops
printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$3" "desktop install: $4" >>/var/lib/dcvops/audit.log
say started ''`;

/** The steps one after another, up to the first that fails; its exit code is the unit's. */
function unitText(steps: readonly InstallStep[]): ShellText {
  return lines(
    sh`log=${INSTALL_LOG}`,
    UNIT_BEGIN,
    ...steps.map(
      ({ title, script }) =>
        sh`step ${title} ${script.text.toString()} ${(script.args ?? []).map((arg) => sh`${arg}`)}`,
    ),
    program`echo 'dcvops: all done'`,
  );
}

/** needrestart would restart services, dcvserver and its desktops among them. */
const UNIT_BEGIN = program`
exec >>"$log" 2>&1 </dev/null
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l APT_LISTCHANGES_FRONTEND=none
export LC_ALL=C.UTF-8 HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
step() {
  title=$1 text=$2
  shift 2
  printf 'dcvops: %s\n' "$title"
  sh -c "$text" dcvops "$@" || {
    code=$?
    printf 'dcvops: failed with exit code %s: %s\n' "$code" "$title"
    exit "$code"
  }
}`;

/**
 * Prints the log of an installation as it grows, and ends when the installation has ended.
 * @param from what `tail -n` takes: `+1` for all of it, `20` for the last lines
 */
export function followInstallation(from: '+1' | '20'): Script {
  return {
    name: 'follow the installation',
    text: lines(sh`unit=${INSTALL_UNIT} log=${INSTALL_LOG}`, FOLLOW),
    args: [from],
    root: true,
  };
}

/** When the program has ended, systemd needs a moment to know how. */
const FOLLOW = program`
pid=$(systemctl show --property=MainPID --value "$unit")
if [ "\${pid:-0}" -gt 0 ]; then tail -n "$1" -f --pid="$pid" "$log"
else tail -n "$1" "$log"
fi
while :; do
  case $(systemctl show --property=ActiveState,SubState --value "$unit" | tr '\n' ' ') in
  'active running '* | activating* | deactivating*) sleep 0.2 ;;
  *) break ;;
  esac
done`;
