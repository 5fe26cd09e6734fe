import { listSessionsAsText } from '../../dcv/commands.ts';
import { runDcv } from '../../dcv/run-dcv.ts';
import { CONSOLE_SESSIONS } from '../../dcv/session/console.ts';
import type { Script } from '../../shell/script.ts';
import { lines, program, sh, words } from '../../shell/shell.ts';
import { bootGraphically, turnWaylandOff } from '../fixes.ts';

/** One thing that an installation does on a host. Each may be done again. */
export interface InstallStep {
  readonly id: 'configure' | 'install' | 'wayland' | 'target' | 'start' | 'restart';
  /** For the plan: "install xfce4 (apt-get)". */
  readonly title: string;
  /** Run as root in a shell of its own, without a terminal and without a connection. */
  readonly script: Pick<Script, 'text' | 'args'>;
}

/** Finishes what dpkg had begun when it was interrupted: without that apt refuses everything. */
export function finishDpkg(): InstallStep {
  return {
    id: 'configure',
    title: 'finish what dpkg was interrupted in (dpkg --configure -a)',
    script: { text: CONFIGURE },
  };
}

/** dpkg, other than apt, does not wait for its lock. */
const CONFIGURE = program`
tries=0
while :; do
  said=$(dpkg --force-confdef --force-confold --configure -a 2>&1)
  code=$?
  printf '%s\n' "$said"
  [ "$code" -ne 0 ] || exit 0
  tries=$((tries + 1))
  case $said in *' lock '*) [ "$tries" -lt 60 ] || exit "$code" ;; *) exit "$code" ;; esac
  sleep 5
done`;

/** Installs packages; configuration files that somebody edited stay as they are. */
export function installPackages(packages: readonly string[]): InstallStep {
  return {
    id: 'install',
    title: `install ${packages.join(', ')} (apt-get)`,
    script: {
      text: lines(
        program`
apt-get -q -o DPkg::Lock::Timeout=600 update ||
  echo 'package lists could not be updated; going on with those at hand'`,
        sh`exec apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install ${words(packages)}`,
      ),
    },
  };
}

/** GDM starts X from its next start on. */
export function waylandOff(host: string, file: string): InstallStep {
  return {
    id: 'wayland',
    title: `set WaylandEnable=false in ${file}`,
    script: scriptOf(turnWaylandOff(host, file)),
  };
}

/** The host boots into graphical.target; what runs now stays as it is. */
export function graphicalTarget(host: string, before: string): InstallStep {
  return {
    id: 'target',
    title: `boot into graphical.target (now ${before})`,
    script: scriptOf(bootGraphically(host, before)),
  };
}

/** Some display managers' units have nothing to enable: their packages link them as display-manager.service. */
export function startDisplayManager(unit: string): InstallStep {
  return {
    id: 'start',
    title: `enable and start ${unit.replace(/\.service$/, '')}`,
    script: { text: START, args: [unit] },
  };
}

const START = program`
systemctl enable "$1" || systemctl cat display-manager.service >/dev/null || exit 1
systemctl start "$1"`;

/** Has a display manager read its configuration anew. @param endSessions also where a console session is there */
export function restartDisplayManager(endSessions: boolean): InstallStep {
  return {
    id: 'restart',
    title: 'restart the display manager, which ends what the console shows',
    script: { text: RESTART, args: [endSessions ? 'yes' : 'no'] },
  };
}

/** Much time may have passed since somebody looked. A dcv that does not answer may have a console session. */
const RESTART = lines(
  sh`list() { ${runDcv(listSessionsAsText())} 2>&1; }`,
  CONSOLE_SESSIONS,
  program`
is_seen() {
  if listed=$(list); then may_have_console "$listed"; else
    case $listed in *'not running'*) return 1 ;; esac
  fi
}
if [ "$1" != yes ] && command -v dcv >/dev/null 2>&1 && is_seen; then
  echo 'there is a console session meanwhile, so the display manager was not restarted'
  exit 1
fi
systemctl restart display-manager.service`,
);

function scriptOf(fix: ReturnType<typeof turnWaylandOff>): InstallStep['script'] {
  if (fix.kind !== 'script') throw new TypeError('not a script');
  return fix.script;
}
