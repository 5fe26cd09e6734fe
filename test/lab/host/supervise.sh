#!/bin/sh
# Keeps one lab host running: boots it, boots it again when it reboots, ends when it is switched off.
# Usage: supervise.sh HOST_DIRECTORY LAYERS MACHINE HOSTNAME NETWORK PACKAGES CGROUP…
# Runs in a mount namespace of its own: the host's root goes when this ends, also by SIGKILL.
set -eu
directory=$1 layers=$2 machine=$3 hostname=$4 network=$5 packages=$6
shift 6

# Being in the host's cgroups is what makes a process the lab's own: `down` ends what it finds there and nothing else.
for cgroup in "$@"; do echo $$ >"$cgroup/watch/cgroup.procs"; done

cd "$directory/../../layers"
rm -rf "$directory/work"
mkdir -p "$directory/work" "$directory/root"
mount -t overlay -o "lowerdir=$layers,upperdir=$directory/upper,workdir=$directory/work" overlay "$directory/root"

# The shell that becomes systemd-nspawn goes to the cgroup itself; nspawn makes `supervisor` and `payload` below it.
# shellcheck disable=SC2016
boot='for cgroup in "$@"; do [ "$cgroup" != -- ] || break; echo $$ >"$cgroup/cgroup.procs"; done
  while [ "$1" != -- ]; do shift; done
  shift
  exec env SYSTEMD_NSPAWN_LOCK=0 systemd-nspawn "$@"'

while :; do
  code=0
  # 133 is how nspawn, told to keep its unit, says that the host wants to boot again.
  sh -c "$boot" boot "$@" -- --quiet --boot --register=no --keep-unit --console=pipe --kill-signal=SIGRTMIN+3 \
    --machine="$machine" --hostname="$hostname" --directory="$directory/root" \
    --network-namespace-path="$network" --capability=CAP_NET_ADMIN --bind-ro="$packages:/srv/lab-packages" \
    --link-journal=no --resolv-conf=off --timezone=off </dev/null || code=$?
  [ "$code" -eq 133 ] || exit "$code"
done
