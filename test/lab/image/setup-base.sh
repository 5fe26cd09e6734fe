#!/bin/sh
# Runs once inside the freshly bootstrapped base root: makes it a host as people rent them.
set -eu

# Every host gets its own identity when it is laid.
rm -f /etc/ssh/ssh_host_* /etc/machine-id /var/lib/dbus/machine-id /etc/hostname
: >/etc/resolv.conf

# The login user of the fleet: key only, sudo without a password.
useradd --create-home --uid 1000 --shell /bin/bash ec2-user
install -d -m 700 -o ec2-user -g ec2-user /home/ec2-user/.ssh
echo 'ec2-user ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/90-ec2-user
chmod 440 /etc/sudoers.d/90-ec2-user

# The only packages there are come with the host: nothing has a way out.
echo 'deb [trusted=yes] file:/srv/lab-packages ./' >/etc/apt/sources.list
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb
install -d /srv/lab-packages

# No terminals to log in on, and no housekeeping that wakes up in the middle of a measurement.
systemctl mask --quiet console-getty.service getty@.service apt-daily.timer apt-daily-upgrade.timer \
  dpkg-db-backup.timer fstrim.timer e2scrub_all.timer
