import { lines, program, sh, words } from '../../shell/shell.ts';
import { APT_PACKAGES } from '../desktop/flavors.ts';
import { UNITS, UNIT_PROPERTIES } from '../parse/units.ts';

/** Packages that checks look at: DCV, nginx, desktops, display managers and X servers, other remote desktops, NVIDIA. */
const PACKAGES: readonly string[] = [
  ...['nice-*', 'amazon-dcv*', 'nginx*'],
  ...['ubuntu-desktop*', 'xfce4', 'xfce4-session', 'gnome-session*', 'gnome-shell', 'mate-session-manager'],
  ...['kde-plasma-desktop', 'plasma-workspace', 'gdm', 'gdm3', 'lightdm', 'sddm'],
  ...['xserver-xorg-core', 'xserver-xorg-video-dummy', 'xorg-x11-server', 'xorg-x11-server-Xorg'],
  ...['xorg-x11-drv-dummy', 'xf86-video-dummy', 'xrdp', 'xorgxrdp', 'x2goserver', 'tigervnc*'],
  ...['nvidia-driver*', 'logrotate', 'chrony'],
];

/** Those beside that dcvops installs for a desktop, with apt alone. */
const OF_DESKTOPS: readonly string[] = APT_PACKAGES.filter((name) => !PACKAGES.includes(name));

const HOST = program`
tell os "$(cat /etc/os-release 2>/dev/null)"
tell uname "$(uname -nrm)"
tell vendor "$(cat /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/bios_version /sys/hypervisor/uuid 2>/dev/null)"
up= load= cpus=
read -r up rest </proc/uptime
read -r load rest </proc/loadavg
read -r cpus </sys/devices/system/cpu/online
tell load "$up $load $cpus"
tell memory "$(grep -E '^(MemTotal|MemAvailable|SwapTotal|SwapFree):' /proc/meminfo)"
if has apt-get; then tell package-manager apt-get
elif has dnf; then tell package-manager dnf
elif has yum; then tell package-manager yum
elif has zypper; then tell package-manager zypper
fi`;

/** dpkg-query also tells of packages that were removed, and whose configuration is still there. */
const INSTALLED = sh`
if has apt-get && has dpkg-query; then
  probe packages 5 dpkg-query -W -f ${'${db:Status-Status} ${Package} ${Version}\n'} ${words(PACKAGES)} ${words(OF_DESKTOPS)}
elif has rpm; then
  probe packages 5 rpm -qa --qf ${'%{NAME} %{VERSION}-%{RELEASE}\n'} ${words(PACKAGES)}
fi`;

const SERVICES = sh`
if has systemctl; then
  probe units 5 systemctl show ${`--property=${UNIT_PROPERTIES.join(',')}`} ${words(UNITS)}
  probe default-target 5 systemctl get-default
fi`;

/**
 * Folders are asked for by name, each with the file system that it lies on; /home apart, for it may be a share whose server
 * is gone. A container has the clock of the host around it, and cannot tell whether that is synchronised.
 */
const STATE = program`
probe disks 5 df -k --output=file,size,avail,pcent,itotal,iavail,source,target -- / /var/log /tmp
probe disks 5 df -k --output=file,size,avail,pcent,itotal,iavail,source,target -- /home
[ -e /run/systemd/container ] || probe clock-state 5 timedatectl
probe out-of-memory 5 sh -c 'journalctl _TRANSPORT=kernel --since=-24h --no-pager -q -o short-iso |
  grep -E "[Oo]ut of memory|oom-kill:|invoked oom-killer|oom_reaper: reaped" | tail -n 20'`;

/**
 * iptables is asked where nftables says nothing. firewall-cmd and ufw are Python programs, which take their time: they are
 * asked only where they are in use. ausearch reads stdin unless it is told to read the logs.
 */
const NETWORK = program`
probe listeners 5 ss -ltunp
probe_told=
if has nft; then probe nft 5 sh -c 'nft -n list ruleset | head -n 400'; fi
case $probe_told in
*table*) ;;
*) if has iptables-save; then probe iptables 5 sh -c 'iptables-save | head -n 400'; fi ;;
esac
if has firewall-cmd; then
  if timeout 3 systemctl is-active --quiet firewalld; then probe firewalld 5 firewall-cmd --list-all
  else tell firewalld 'not running'
  fi
fi
if has ufw; then
  if grep -qsi '^ENABLED=yes' /etc/ufw/ufw.conf; then probe ufw 5 ufw status verbose
  else tell ufw 'Status: inactive'
  fi
fi
if [ -e /sys/fs/selinux/enforce ]; then
  enforcing=
  read -r enforcing </sys/fs/selinux/enforce
  tell selinux "$enforcing"
  if has ausearch; then
    probe denials 5 sh -c 'ausearch --input-logs -m avc -ts yesterday 2>/dev/null |
      grep -E "avc: +denied.*(nginx|dcv)" | tail -n 20'
  else
    probe denials 5 sh -c 'grep -hE "avc: +denied.*(nginx|dcv)" /var/log/audit/audit.log | tail -n 20'
  fi
elif has getenforce; then tell selinux disabled
fi`;

/** Credentials are cut out on the host. SLES keeps the settings in a file of its own, with a switch. */
const FORWARD_PROXY = program`
files='/etc/environment /etc/profile /etc/bashrc /etc/bash.bashrc /etc/profile.d/*.sh'
if grep -qs '^PROXY_ENABLED="\{0,1\}yes' /etc/sysconfig/proxy; then files="/etc/sysconfig/proxy $files"; fi
tell forward-proxy "$(sed -nE 's#(=[^[:alnum:]]?([[:alnum:]]+://)?)[^[:space:]"]*@#\1#g
/^[[:space:]]*(export[[:space:]]+)?(https?|no)_proxy=/Ip' $files 2>/dev/null)"`;

/** What is true of any host; runs after `PROBE`. */
export const SYSTEM = lines(HOST, INSTALLED, SERVICES, STATE, NETWORK, FORWARD_PROXY);
