#!/bin/sh
# Puts the DCV stand-in into a layer of its own, which all agents of a lab stand on.
# Usage: install-standin.sh LAYERS LOWER LAYER INSTALLER
# Runs in a mount namespace of its own, so that the overlay goes when it ends.
set -eu
layers=$1 lower=$2 layer=$3 installer=$4

cd "$layers"
rm -rf "$layer.work" "$layer.new" "$layer.merged"
mkdir "$layer.work" "$layer.new" "$layer.merged"
mount -t overlay -o "lowerdir=$lower,upperdir=$layer.new,workdir=$layer.work" overlay "$layer.merged"
sh "$installer" "$layers/$layer.merged"
umount "$layer.merged"
rm -rf "$layer.work" "$layer.merged"
mv "$layer.new" "$layer"
