#!/bin/sh
# Puts the DCV stand-in (a test double of Amazon DCV, see README.md) into the root directory of a Debian 12 host.
# Usage, as root:  install.sh ROOT        (ROOT may be / )
# Wants the packages of packages.txt to be installed there. Uses no network; running it again changes nothing
# but the stand-in's own files (dcv.conf, certificates and sessions' logs are kept).
set -eu

root=${1:?usage: install.sh ROOT}
root=${root%/}
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)

in_root() {
  if [ -z "$root" ]; then "$@"; else chroot "$root" "$@"; fi
}

# The accounts: user and group dcv, as the real packages make them.
in_root sh -c '
  getent group dcv >/dev/null || groupadd --system dcv
  getent passwd dcv >/dev/null ||
    useradd --system --gid dcv --home-dir /var/lib/dcv --no-create-home --shell /usr/sbin/nologin dcv
  usermod --append --groups video dcv
'
dcv_uid=$(in_root id -u dcv)
dcv_gid=$(in_root id -g dcv)

# Programs.
lib=$root/usr/lib/dcv-standin
rm -rf "$lib/dcv_standin"
install -d -m 755 "$lib/dcv_standin" "$root/usr/libexec/dcv"
install -m 644 "$here"/dcv_standin/*.py "$lib/dcv_standin/"
install -m 755 "$here/bin/dcv" "$here/bin/dcvserver" "$here/bin/dcvsimpleextauth" "$root/usr/bin/"
install -m 755 "$here/bin/dcvagent" "$here/bin/dcvsessionlauncher" "$here/bin/dcv-make-certificate" \
  "$here/bin/dcvsimpleextauth-server" \
  "$root/usr/libexec/dcv/"

# Virtual sessions are shown by Xvnc, under the name that DCV's own X server has.
ln -sf Xtigervnc "$root/usr/bin/Xdcv"

in_root python3 -m compileall -q /usr/lib/dcv-standin

# The web viewer, with noVNC from Debian's package.
www=$root/usr/share/dcv/www
rm -rf "$www"
install -d -m 755 "$www/css" "$www/js/lib"
install -m 644 "$here/www/index.html" "$www/"
install -m 644 "$here/www/css/main.css" "$www/css/"
install -m 644 "$here/www/js/main.js" "$www/js/"
ln -s /usr/share/novnc "$www/js/lib/novnc"

# Configuration: what is there is kept.
keep() { # MODE SOURCE TARGET
  [ -e "$3" ] || install -m "$1" "$2" "$3"
}
install -d -m 755 "$root/etc/dcv" "$root/etc/dcv-standin"
keep 644 "$here/etc/dcv.conf" "$root/etc/dcv/dcv.conf"
keep 644 "$here/etc/default.perm" "$root/etc/dcv/default.perm"
keep 755 "$here/etc/dcvsessioninit" "$root/etc/dcv/dcvsessioninit"
install -m 644 "$here/etc/desktop.bashrc" "$root/etc/dcv-standin/"
install -m 755 "$here/etc/terminal" "$root/etc/dcv-standin/"

# Logs: each session's logs are written by that session's user, hence the sticky bit.
install -d -m 1777 -o "$dcv_uid" -g "$dcv_gid" "$root/var/log/dcv"
install -d -m 755 -o "$dcv_uid" -g "$dcv_gid" "$root/var/lib/dcv"

# Units, enabled without systemctl: ROOT need not be a running system.
units=$root/etc/systemd/system
install -d -m 755 "$root/usr/lib/systemd/system" "$units/multi-user.target.wants"
for unit in dcvserver.service dcvsessionlauncher.service; do
  install -m 644 "$here/systemd/$unit" "$root/usr/lib/systemd/system/"
  ln -sf "/lib/systemd/system/$unit" "$units/multi-user.target.wants/$unit"
done
# An extra that somebody starts who wants it.
install -m 644 "$here/systemd/dcvsimpleextauth.service" "$root/usr/lib/systemd/system/"
