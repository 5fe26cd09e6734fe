import { dcvVersion, listSessions, listSessionsAsText } from '../../dcv/commands.ts';
import { PERSISTED_PATHS, PERSIST_UNIT } from '../../dcv/persist/files.ts';
import { unlimitedDcv } from '../../dcv/run-dcv.ts';
import { lines, program, sh, words } from '../../shell/shell.ts';
import { CONF_KEYS } from '../parse/conf.ts';

/**
 * Sessions as JSON; as text from a dcv that has no JSON. One that hangs is not asked again: it would cost its limit each time.
 * `listed` is what dcv said of its sessions.
 */
const DCV = sh`
listed=
if has dcv; then
  probe sessions 20 ${unlimitedDcv(listSessions())}
  case \${probe_told##*:} in
  0) listed=$probe_told ;;
  124 | 137) ;;
  *) probe sessions-text 20 ${unlimitedDcv(listSessionsAsText())}; listed=$probe_told ;;
  esac
  case \${probe_told##*:} in
  124 | 137) tell version '' ;;
  *) probe version 10 ${unlimitedDcv(dcvVersion())} ;;
  esac
fi`;

/**
 * The headings of dcv.conf and the keys that are known to hold no secret; nothing else of it leaves the host, and of a
 * verifier's URL neither a password nor a query.
 */
const CONF = sh`
settings=$(sed -nE ${`/^[[:space:]]*(\\[|(${CONF_KEYS.join('|')})[[:space:]]*=)/{
s#(://)[^/[:space:]]*@#\\1***@#
s#^([[:space:]]*auth-token-verifier[^?]*[?])[^"']*#\\1***#
p
}`} /etc/dcv/dcv.conf 2>/dev/null)
tell conf "$settings"`;

/** `value_of KEY`: a string in those settings, of a key that is in one section only. */
const SETTINGS = program`
value_of() {
  printf '%s\n' "$settings" | sed -nE "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*[\"'](.*)[\"'][[:space:]]*$/\1/p" | tail -n 1
}`;

/**
 * The accounts that matter: the inventory's, and owners and users of sessions. A directory service or a home on a share may
 * hang, each within a limit of its own. A profile file may be anything, for it is the user's: only plain files are read.
 */
const ACCOUNTS = program`
names=$({
  printf '%s\n' "$accounts"
  printf '%s\n' "$listed" | sed -nE 's/^Session:.*\(owner:(.*) type:.*$/\1/p'
  printf '%s\n' "$listed" | grep -oE '"(owner|user)"[[:space:]]*:[[:space:]]*"([^"\\]|\\.)+"' |
    sed -E 's/^[^:]*:[[:space:]]*"(.*)"$/\1/; s/\\(.)/\1/g'
} | awk '$0 != "" && !seen[$0]++' | head -n 20)
export names
probe accounts 10 sh -c 'printf "%s\n" "$names" | while IFS= read -r name; do
  entry=$(getent passwd "$name") || { printf "%s\n" "$name"; continue; }
  printf "%s\t%s\t%s\n" "$name" "$(passwd -S "$name" 2>/dev/null | cut -d " " -f 2)" "$entry"
done'
probe homes 5 sh -c 'printf "%s\n" "$names" | while IFS= read -r name; do
  entry=$(getent passwd "$name") || continue
  home=\${entry%:*}; home=\${home##*:}
  printf "home\t%s\t%s\n" "$name" "$(stat -L -c %u -- "$home" 2>/dev/null)"
  for file in .profile .bash_profile .bashrc .zshrc .condarc; do
    grep -hs -D skip -E "conda[0-9]*/bin:|conda.* shell\.|conda.*\.hook|auto_activate" "$home/$file"
  done
done'`;

/** By the name of the program: command lines of others, of this very script for one, may hold anything. */
const PROCESSES = program`
probe processes 5 sh -c 'ps -ww -eo pid=,user:32=,etimes=,comm=,args= |
  awk "\$4 ~ /^(dcv|X|gdm|lightdm|sddm|xdm)/ { \$4 = \"\"; print }" | head -n 300'`;

/** Anybody may write to /tmp: of a lock that is a plain file, its number counts and nothing else. The console's X server is Xorg. */
const X_SERVERS = program`
locks= console= console_pid=
for file in /tmp/.X*-lock; do
  [ -f "$file" ] && [ ! -L "$file" ] || continue
  pid= comm=
  read -r pid <"$file"
  case $pid in
  '' | *[!0-9]*) pid= ;;
  *) [ -e "/proc/$pid/comm" ] && read -r comm <"/proc/$pid/comm" ;;
  esac
  locks="$locks$file \${pid:--} $comm
"
  case $console$comm in
  X | Xorg | Xorg.bin)
    console=\${file#/tmp/.X}; console=:\${console%-lock}; console_pid=$pid ;;
  esac
done
tell x-locks "$locks"
sockets=
for file in /tmp/.X11-unix/X*; do
  if [ -S "$file" ]; then sockets="$sockets$file
"; fi
done
tell x-sockets "$sockets"
if [ -n "$console" ]; then
  tell console "$console"
  authority=$(tr '\0' '\n' <"/proc/$console_pid/cmdline" | sed -n '/^-auth$/{n;p;}' | head -n 1)
  if has xhost; then probe xhost 3 env DISPLAY="$console" XAUTHORITY="\${authority:-/dev/null}" xhost; fi
fi`;

/** The key's content stays on the host: whether it is the certificate's is found out there. */
const CERTIFICATE = program`
pem=/etc/dcv/dcv.pem pem_key=/etc/dcv/dcv.key
if [ -f "$pem" ]; then
  tell dcv-certificate "$(sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' "$pem")"
  tell dcv-certificate-mode "$(stat -L -c '%a %U:%G' "$pem")"
  if [ -f "$pem_key" ]; then
    tell dcv-key-mode "$(stat -L -c '%a %U:%G' "$pem_key")"
    if has openssl; then
      of_certificate=$(timeout 5 openssl x509 -in "$pem" -noout -pubkey </dev/null 2>/dev/null)
      of_key=$(timeout 5 openssl pkey -in "$pem_key" -passin pass: -pubout </dev/null 2>/dev/null)
      if [ -n "$of_certificate" ] && [ "$of_certificate" = "$of_key" ]; then tell dcv-pair yes
      else tell dcv-pair no
      fi
    fi
  fi
fi`;

/** SLES has one unit for all display managers, and a link that says which. */
const DESKTOP = program`
desktops=
for file in /usr/share/xsessions/*.desktop /usr/share/wayland-sessions/*.desktop; do
  if [ -e "$file" ]; then desktops="$desktops$file
"; fi
done
tell desktops "$desktops"
manager=
if [ -r /etc/X11/default-display-manager ]; then read -r manager </etc/X11/default-display-manager; fi
[ -n "$manager" ] || manager=$(readlink /etc/alternatives/default-displaymanager)
[ -n "$manager" ] || { manager=$(readlink /etc/systemd/system/display-manager.service); manager=\${manager##*/}; }
tell display-manager "$manager"
for file in /etc/gdm3/custom.conf /etc/gdm3/daemon.conf /etc/gdm/custom.conf; do
  if [ -f "$file" ]; then
    tell gdm "$file
$(grep -E '^[[:space:]]*(\[|WaylandEnable)' "$file")"
    break
  fi
done
programs=
for file in /usr/libexec/dcv/Xdcv /usr/lib/*/dcv/Xdcv; do if [ -x "$file" ]; then programs=xdcv; fi; done
if has Xdcv; then programs=xdcv; fi
if [ -e /usr/share/dcv/www/index.html ]; then programs="$programs web-viewer"; fi
tell programs "$programs"`;

const GPU = program`
probe_told=
if has lspci; then probe graphics 5 sh -c 'lspci | grep -E "(VGA compatible|3D|Display) controller"'; fi
case $probe_told in *NVIDIA* | *'[AMD'*) gpu=yes ;; *) gpu= ;; esac
if has nvidia-smi; then
  gpu=yes
  probe nvidia 5 nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
fi
if grep -qs '^nouveau ' /proc/modules; then tell nouveau yes; fi
if [ -n "$gpu" ] && has dcvgldiag; then probe gl-test 10 dcvgldiag; fi`;

/**
 * Whose the log files are, and the ends of those that show trouble. Users may write to the directory: what is no plain file
 * is passed over. journalctl's JSON would be several times as long.
 */
const LOGS = program`
directory=$(value_of directory)
directory=\${directory:-/var/log/dcv}; directory=\${directory%/}
tell log-directory "$directory
$(stat -L -c %U -- "$directory" 2>/dev/null)"
files=$(stat -c '%Y %U %F|%n' -- "$directory"/* 2>/dev/null | sort -rn | head -n 300)
tell log-files "$files"
ends_of() {
  while read -r changed _ path; do
    path=\${path#*|}
    probe log 5 sh -c 'printf "%s\n" "$1 $2"; tail -c 60000 -- "$2" | tail -n "$3"' sh "$changed" "$path" "$1"
  done
}
plain=$(printf '%s\n' "$files" | grep -E '^[0-9]+ [^ ]+ regular file\|.*\.log$')
printf '%s\n' "$plain" | grep -E '/(server|sessionlauncher)\.log$' | ends_of 400
printf '%s\n' "$plain" | grep -E '/(agent|Xdcv|dcv-x?session)\.[^/]*$' | head -n 6 | ends_of 60
if has journalctl; then
  probe dcv-journal 5 journalctl -u dcvserver.service -b -n 200 --no-pager -q -o short-iso
fi`;

/** Can the host of the token verifier be reached at all? bash opens the connection, and closes it again. */
const VERIFIER = program`
verifier=$(value_of auth-token-verifier |
  sed -nE 's#^(https?)://([^/@]*@)?(\[[^]]+\]|[^/:?]+)(:([0-9]+))?.*$#\1 \3 \5#p')
if [ -n "$verifier" ] && has bash; then
  address=\${verifier#* }; verifier_port=\${address##* }; address=\${address% *}
  address=\${address#\[}; address=\${address%\]}
  case $verifier in http\ *) standard=80 ;; *) standard=443 ;; esac
  probe verifier 4 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$address" "\${verifier_port:-$standard}"
fi`;

/** What creates declared sessions by itself, where anything of it is there. */
const PERSISTED = sh`
for file in ${words(PERSISTED_PATHS)}; do
  [ -e "$file" ] || continue
  fingerprint=$(cat ${words(PERSISTED_PATHS)} 2>/dev/null | sha256sum)
  tell persisted "$fingerprint
$(timeout 5 systemctl show ${PERSIST_UNIT} --property=UnitFileState,ActiveState 2>/dev/null)"
  break
done`;

/** What is true of a DCV server; runs after `PROBE`. */
export const AGENT = lines(
  DCV,
  CONF,
  SETTINGS,
  ACCOUNTS,
  PROCESSES,
  X_SERVERS,
  CERTIFICATE,
  DESKTOP,
  GPU,
  LOGS,
  VERIFIER,
  PERSISTED,
);
