import { LOG_FILES } from '../../gateway/config/logs.ts';
import { AGENT_PORT } from '../../gateway/ports.ts';
import { LIVE_FILE, STATE_DIRECTORY } from '../../gateway/release.ts';
import { lines, program, sh } from '../../shell/shell.ts';
import { FILES_BESIDE } from './files-beside.ts';
import { LOGIN } from './login.ts';
import { STATE_FILE_NAMES } from './state-files.ts';

/** Says that nginx could not be kept from touching the host. */
export const NOT_PRIVATE = 99;

const NAMES = sh`
live=${LIVE_FILE} state=${STATE_DIRECTORY} agent_port=${AGENT_PORT} not_private=${NOT_PRIVATE}
access_log=${LOG_FILES.access} error_log=${LOG_FILES.error}`;

/**
 * `nginx -t` opens the logs and the pid file, and makes those that are missing: in a mount namespace of its own they are
 * copies, and gone with it. Where that is not allowed, it is asked as it is, and makes nothing that everybody can read.
 */
const NGINX = program`
if has nginx; then
  probe nginx-version 5 nginx -V
  probe nginx-test 10 unshare --mount --propagation private sh -c '
    mount -t tmpfs tmpfs /tmp || exit "$1"
    for folder in /run /var/log/nginx; do
      [ -d "$folder" ] || continue
      mkdir -p "/tmp$folder/upper" "/tmp$folder/work" || exit "$1"
      mount -t overlay overlay -o "lowerdir=$folder,upperdir=/tmp$folder/upper,workdir=/tmp$folder/work" "$folder" ||
        mount -t tmpfs tmpfs "$folder" || exit "$1"
    done
    exec nginx -t -q' sh "$not_private"
  case $probe_told in
  *:"$not_private" | *:127 | unshare:*) probe nginx-test 10 sh -c 'umask 027; exec nginx -t -q' ;;
  esac
  tell nginx-limits "$(grep -hsE '^[^#]*worker_connections[[:space:]]' /etc/nginx/nginx.conf)"
fi`;

/**
 * The gateway's file goes as it is, for its hash tells whether it was edited; the "." keeps the newlines at its end. A
 * change that is being made has the lock, which is looked up without taking it.
 */
const GATEWAY = program`
if [ -f "$live" ]; then
  tell gateway-file "$(head -c 4000000 "$live"; echo .)"
  tell gateway-file-mode "$(stat -L -c '%a %U:%G' "$live")"
fi
releases=
for folder in "$state"/releases/*/; do
  if [ -f "$folder/meta" ] && read -r meta <"$folder/meta"; then
    folder=\${folder%/}
    releases="$releases\${folder##*/} $meta
"
  fi
done
tell gateway-releases "$releases"
if [ -d "$state/pending" ]; then
  lock=$(stat -c %i /run/dcvops.lock 2>/dev/null)
  grep -q ":\${lock:--} 0 EOF" /proc/locks || tell gateway-pending "$(cat "$state/pending/what" 2>/dev/null)"
fi`;

/**
 * Other files that answer the gateway's port, or route to an address in a path as earlier gateways did, whether nginx reads
 * them or not: KIND, where the file really is, and its name.
 */
const RIVALS = program`
nginx_files_with() {
  timeout 5 grep -lsE -d skip -D skip -e "$1" /etc/nginx/nginx.conf /etc/nginx/conf.d/* /etc/nginx/default.d/* \
    /etc/nginx/vhosts.d/* /etc/nginx/sites-enabled/* /etc/nginx/sites-available/*
}
number='(\\d|\[0-9\]|[0-9])'
rivals=$({
  nginx_files_with "^[^#]*listen[[:space:]]+([^;#]*:)?$port([[:space:];]|\$)" | sed 's/^/port /'
  nginx_files_with "^[^#]*location[[:space:]]+~[^#]*/[^/#]*$number[^/#]*\\\\\.[^/#]*$number" |
    while IFS= read -r file; do
      if grep -qE '^[^#]*proxy_pass[[:space:]]+https?://[^;]*\$' "$file"; then printf 'routes %s\n' "$file"; fi
    done
} | while IFS=' ' read -r why file; do
  if [ "$file" != "$live" ]; then printf '%s %s|%s\n' "$why" "$(readlink -f -- "$file")" "$file"; fi
done)
tell nginx-rivals "$rivals"`;

/** Where other files give names that begin as the gateway's do: FILE|LINE, a few of each. */
const OVERLAPS = program`
gives='^[^#]*((map|geo|split_clients)[[:space:]][^{;]*[$]dcv_[A-Za-z0-9_]+[[:space:]]*[{]|limit_(req|conn)_zone[[:space:]][^;]*zone=dcv_[A-Za-z0-9_]+|(upstream|log_format)[[:space:]]+dcv_[^[:space:]{]+)'
tell nginx-overlaps "$(nginx_files_with "$gives" | while IFS= read -r file; do
  [ "$(readlink -f -- "$file")" = "$live" ] || grep -oE -e "$gives" -- "$file" | head -n 20 |
    while IFS= read -r line; do printf '%s|%s\n' "$file" "$line"; done
done)"`;

/** Workers of this host's nginx: those of containers are in a process namespace of their own. */
const WORKERS = program`
probe nginx-workers 5 sh -c 'here=$(readlink /proc/self/ns/pid)
  ps -ww -eo pid=,etimes=,comm=,args= | awk "\$3 == \"nginx\" && / nginx: worker process/" |
  while read -r pid elapsed comm args; do
    if [ "$(readlink "/proc/$pid/ns/pid")" = "$here" ]; then
      files=$(sed -n "s/^Max open files *\([^ ]*\).*/\1/p" "/proc/$pid/limits")
      printf "%s %s %s %s\n" "$pid" "$elapsed" "\${files:--}" "$args"
    fi
  done'
if has ss; then
  probe nginx-connections 5 sh -c 'ss -tnp state established | awk -v port="$1" -v agent_port="$2" "
    /\"nginx\"/ {
      n = split(\$3, here, \":\"); m = split(\$4, there, \":\")
      if (here[n] == port) people++
      else if (there[m] == agent_port) agents++
      if (match(\$0, /pid=[0-9]+/)) held[substr(\$0, RSTART + 4, RLENGTH - 4)]++
    }
    END {
      print \"people \" people + 0; print \"agents \" agents + 0
      for (pid in held) print \"worker \" pid \" \" held[pid]
    }"' sh "$port" "$agent_port"
fi`;

const LOGS = program`
tell log-rotation "$(grep -sHE -d skip -D skip '^[^#]*/var/log/' /etc/logrotate.conf /etc/logrotate.d/*)"
rotates=
if has logrotate; then rotates=program; fi
if [ -x /etc/cron.daily/logrotate ] || grep -qsE '^[^#]*logrotate' /etc/crontab /etc/cron.d/*; then rotates="$rotates cron"; fi
tell log-rotation-runs "$rotates"
tell gateway-logs "$(stat -L -c '%s %a %U:%G|%n' -- "$access_log" "$error_log" 2>/dev/null)"`;

/** The key's content stays on the host: whether it is the certificate's is found out there. */
const CERTIFICATE = program`
if [ -f "$certificate" ]; then
  tell gateway-certificate "$certificate"
  tell gateway-certificate-chain "$(sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' "$certificate")"
  tell gateway-certificate-mode "$(stat -L -c '%a %U:%G' "$certificate")"
fi
if [ -f "$key" ] && [ -s "$key" ]; then
  tell gateway-key "$key"
  tell gateway-key-mode "$(stat -L -c '%a %U:%G' "$key")"
  if [ -f "$certificate" ] && has openssl; then
    of_certificate=$(timeout 5 openssl x509 -in "$certificate" -noout -pubkey </dev/null 2>/dev/null)
    of_key=$(timeout 5 openssl pkey -in "$key" -passin pass: -pubout </dev/null 2>/dev/null)
    if [ -z "$of_certificate" ] || [ -z "$of_key" ]; then :
    elif [ "$of_certificate" = "$of_key" ]; then tell gateway-pair yes
    else tell gateway-pair no
    fi
  fi
fi`;

/** Of each kind of line the newest few: one that is repeated must not hide the others. */
const ERRORS = program`
probe nginx-errors 5 sh -c 'find /var/log/nginx -maxdepth 1 -type f "(" -name "error.log*" -o -name "dcv-error.log*" ")" \
    ! -name "*.[gxb]z*" ! -name "*.zst" -mmin -1441 -exec tail -q -c 1000000 -- {} + 2>/dev/null |
  grep -aE "^[0-9/]+ [0-9:]+ \[(emerg|alert|crit)\]" | cut -c 1-1000 | tac | sort -s -r -k 1,2 |
  awk "{ kind = \$0; sub(/, client: .*/, \"\", kind); gsub(/[0-9]+/, \"\", kind); if (++seen[kind] <= 5) print }" | head -n 60 | tac'
if has journalctl; then
  probe nginx-journal 5 sh -c 'journalctl -u nginx.service --since=-24h --no-pager -q -o short-iso |
    grep -aE "\[(emerg|alert|crit)\]" | cut -c 1-1000 | tail -n 20'
fi`;

const SELINUX = program`
if has getsebool; then probe nginx-may-connect 3 getsebool httpd_can_network_connect; fi`;

/** What is true of an nginx host; runs after `PROBE`. */
export const PROXY = lines(
  NAMES,
  NGINX,
  GATEWAY,
  FILES_BESIDE,
  STATE_FILE_NAMES,
  RIVALS,
  OVERLAPS,
  WORKERS,
  LOGS,
  CERTIFICATE,
  LOGIN,
  ERRORS,
  SELINUX,
);
