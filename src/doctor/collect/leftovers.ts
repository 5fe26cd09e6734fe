import { lines, program } from '../../shell/shell.ts';

/**
 * Headings and the keys that matter, of files that may hold more than has to leave the host. A list of TOML may go on over
 * several lines, which begin with a quote or a bracket. Of addresses, credentials and queries are cut out.
 */
const CONFIGURATIONS = program`
tell_lines() { # $1: name, $2: file, $3: pattern of keys
  if [ -f "$2" ]; then
    tell "$1" "$(sed -nE "s#://[^/[:space:]]*@#://#; s#^([[:space:]]*url[[:space:]]*=[^?]*)[?][^\"']*#\1#
      /^[[:space:]]*(\[|[\"']|\]|($3)[[:space:]]*[=:])/p" "$2")"
  fi
}
tell_lines connection-gateway /etc/dcv-connection-gateway/dcv-connection-gateway.conf \
  '(web|quic)-listen-endpoints|bind-addr|port|cert-file|cert-key-file|url'
tell_lines broker /etc/dcv-session-manager-broker/session-manager-broker.properties '[a-z-]*-port'
tell_lines session-manager-agent /etc/dcv-session-manager-agent/agent.conf 'broker_host|broker_port|ca_file'`;

/**
 * The resolver that the connection gateway asks, where its address is one of this host: who listens on its port, and the
 * control group, which names the unit. The host itself looks a name up, within a limit. `tell_listener NAME PORT` tells that
 * of any port.
 */
const RESOLVER = program`
is_here() {
  case $1 in 127.* | ::1 | localhost) return 0 ;; esac
  for address in $(timeout 3 getent ahosts "$1" | awk '{ print $1 }' | sort -u); do
    ip -o addr show 2>/dev/null | grep -qF " $address/" && return 0
  done
  return 1
}
tell_listener() { # $1: name, $2: port
  pid=$(ss -Hltnp "sport = :$2" 2>/dev/null | sed -nE 's/.*users:\(\("[^"]*",(pid=)?([0-9]+).*/\2/p' | head -n 1)
  [ -z "$pid" ] || tell "$1" "$2 $pid $(cat "/proc/$pid/comm" 2>/dev/null)
$(cat "/proc/$pid/cgroup" 2>/dev/null)"
}
resolver=$(awk -F "[\"']" '
  /^[ \t]*\[/ { inside = ($0 ~ /^[ \t]*\[resolver\]/) }
  inside && /^[ \t]*url[ \t]*=/ { print $2; exit }' /etc/dcv-connection-gateway/dcv-connection-gateway.conf 2>/dev/null)
if [ -n "$resolver" ]; then
  case $resolver in http://*) resolver_port=80 ;; *) resolver_port=443 ;; esac
  resolver=\${resolver#*://}; resolver=\${resolver%%/*}; resolver=\${resolver##*@}
  case $resolver in
  *\]) ;;
  *:*) resolver_port=\${resolver##*:}; resolver=\${resolver%:*} ;;
  esac
  resolver=\${resolver#\[}; resolver=\${resolver%\]}
  if is_here "$resolver"; then tell_listener resolver "$resolver_port"; fi
fi`;

/** Names of what was retired here. */
const RETIRED = program`
retired=
for file in /var/lib/dcvops/retired/*/manifest; do
  if [ -f "$file" ]; then file=\${file%/manifest}; retired="$retired\${file##*/}
"; fi
done
tell retired "$retired"`;

/** What earlier attempts left on a host; runs after `PROBE`. */
export const LEFTOVERS = lines(CONFIGURATIONS, RESOLVER, RETIRED);
