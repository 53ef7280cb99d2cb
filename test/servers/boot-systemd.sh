#!/bin/sh
# Boots systemd with nothing but the given units, in namespaces of its own: what it mounts and writes is gone with it.
# usage: boot-systemd.sh UNITS_FOLDER PROJECT_FOLDER NODE
set -eu
units=$1 project=$2 node=$3

mount --make-rprivate /
mount -t proc proc /proc
# Kernel settings are the whole machine's.
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
grep ' cgroup2 \| cgroup ' /proc/mounts | cut -d ' ' -f 2 | sort -r | xargs -r -n 1 umount -l
mount -t cgroup2 cgroup2 /sys/fs/cgroup

mount -t tmpfs tmpfs /mnt
cp -a /etc /mnt/etc
mkdir /mnt/opt /mnt/sbin /mnt/opt/project
cp "$node" /mnt/opt/node
printf '#!/bin/sh\nexec /opt/node /opt/project/src/main.ts "$@"\n' > /mnt/sbin/s3-helper
chmod 755 /mnt/sbin/s3-helper
mount --bind "$project" /mnt/opt/project
mount --rbind /mnt/opt /opt
mount --bind /mnt/sbin /usr/local/sbin
mount --bind /mnt/etc /etc
mount -t tmpfs -o mode=755 tmpfs /run
cp -r "$units" /run/units
cp /run/units/s3-helper.yml /etc/s3-helper.yml

exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH=/run/units \
    /lib/systemd/systemd --system --unit=basic.target --log-target=console --log-level=warning
