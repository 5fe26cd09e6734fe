import { asRoot } from '../../commands.ts';
import type { Fix } from '../../check.ts';
import { program } from '../../../shell/shell.ts';

/* What `--fix` runs on proxies. Each script looks once more whether it is needed, and ends with 0 when it is not. */

/** Has nginx read its files again; open connections stay. */
export function reloadNginx(host: string): Fix {
  return {
    kind: 'script',
    host,
    title: 'have nginx read its files again; open desktops stay (nothing to undo)',
    undo: undefined,
    script: { name: 'reload nginx', text: RELOAD, root: true },
  };
}

/** Takes away what everybody may do with files. @param before their mode until now, in octal */
export function closeToOthers(host: string, files: readonly string[], before: string): Fix {
  return {
    kind: 'script',
    host,
    title: `take ${files.join(', ')} out of everybody's sight`,
    undo: asRoot(host, 'chmod', before, ...files),
    script: { name: 'close files', text: CLOSE, args: files, root: true },
  };
}

/** Lets nginx open connections where SELinux keeps it from that; for good, as setsebool -P does. */
export function letConnect(host: string): Fix {
  return {
    kind: 'script',
    host,
    title: 'let nginx connect to agents (SELinux boolean httpd_can_network_connect)',
    undo: asRoot(host, 'setsebool', '-P', 'httpd_can_network_connect', 'off'),
    script: { name: 'let nginx connect', text: LET_CONNECT, root: true },
  };
}

/** Has systemd run logrotate every day. */
export function scheduleLogrotate(host: string): Fix {
  return {
    kind: 'script',
    host,
    title: 'start logrotate.timer, at boot as well',
    undo: asRoot(host, 'systemctl', 'disable', '--now', 'logrotate.timer'),
    script: { name: 'schedule logrotate', text: SCHEDULE, root: true },
  };
}

const RELOAD = program`
nginx -t -q || exit 1
if [ -d /run/systemd/system ] && systemctl is-active --quiet nginx; then exec systemctl reload nginx; fi
exec nginx -s reload`;

const CLOSE = program`
failed=0
for file in "$@"; do
  if [ -e "$file" ]; then chmod o= -- "$file" || failed=1; fi
done
exit "$failed"`;

const LET_CONNECT = program`
case $(getsebool httpd_can_network_connect) in *' on') exit 0 ;; esac
exec setsebool -P httpd_can_network_connect on`;

const SCHEDULE = program`
systemctl is-active --quiet logrotate.timer && systemctl is-enabled --quiet logrotate.timer && exit 0
exec systemctl enable --now logrotate.timer`;
