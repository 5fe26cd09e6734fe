#!/bin/sh
# Installs packages on top of the base root, offline, into a layer of their own.
# Usage: install-layer.sh BASE LAYER PACKAGES PACKAGE…
#   BASE      directory of the base root
#   LAYER     directory to work in; the layer ends up in LAYER/root
#   PACKAGES  directory of the apt repository that holds what is missing in BASE
# Runs in a mount namespace of its own, so that the overlay goes when it ends.
set -eu
base=$1 layer=$2 packages=$3
shift 3

cd "$layer"
mkdir root work merged
ln -s "$base" base
mount -t overlay -o lowerdir=base,upperdir=root,workdir=work overlay merged

# Nothing is started while it is being installed; without documentation it is half the size.
printf '#!/bin/sh\nexit 101\n' >merged/usr/sbin/policy-rc.d
chmod 755 merged/usr/sbin/policy-rc.d
printf 'path-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\nforce-unsafe-io\n' \
  >merged/etc/dpkg/dpkg.cfg.d/lab-image

in_layer() {
  systemd-nspawn --quiet --register=no --keep-unit --private-network --pipe --resolv-conf=off --timezone=off \
    --machine="dcvops-lab.image.$$" --directory=merged --bind-ro="$packages:/srv/lab-packages" \
    --setenv=DEBIAN_FRONTEND=noninteractive --setenv=LC_ALL=C "$@"
}
in_layer apt-get -q update
in_layer apt-get -q -y --no-install-recommends install "$@"
in_layer apt-get clean

rm -rf merged/usr/sbin/policy-rc.d merged/etc/dpkg/dpkg.cfg.d/lab-image merged/var/lib/apt/lists
mkdir merged/var/lib/apt/lists
umount merged
rm -rf work merged base
