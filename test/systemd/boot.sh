#!/bin/sh
# Boots the machine's systemd as the first process of namespaces of its own, with a /usr, /etc and /var that are gone with it, and
# with no unit of the machine's: boot.sh FOLDER NODE. It stays in the network namespace that it is started in, and ends on TERM
# with everything it started. FOLDER is this boot's and seen inside, too; NODE becomes /usr/local/bin/node.
set -eu
folder=$1 node=$2

if [ "${3:-}" != inside ]; then
  # A control group to be the root of systemd's; through the same mount it is found again at the end.
  mkdir "$folder/control-groups"
  exec unshare --mount --propagation private sh -c '
    set -eu
    mount -t cgroup2 cgroup2 "$1/control-groups"
    group=$1/control-groups/$(basename "$1")
    mkdir "$group"
    sh -c "echo \$\$ >\"$group/cgroup.procs\"; exec unshare --cgroup --mount --uts --ipc --pid --fork --kill-child sh \"\$1\" \"\$2\" \"\$3\" inside" boot "$3" "$1" "$2" &
    booted=$!
    trap "kill -KILL \$(cat /proc/$booted/task/$booted/children)" TERM
    wait $booted || wait $booted || true
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    exit 0' boot "$folder" "$node" "$0"
fi

mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs /mnt
for name in usr etc var; do
  mkdir "/mnt/$name" "/mnt/$name-work"
  mount -t overlay overlay -o "lowerdir=/$name,upperdir=/mnt/$name,workdir=/mnt/$name-work" "/$name"
done

mkdir -p /usr/local/bin
rm -f /usr/local/bin/node
: >/usr/local/bin/node
mount --bind "$node" /usr/local/bin/node

# The folder stays where it is, whatever is mounted over its parents.
mkdir /mnt/folder
mount --bind "$folder" /mnt/folder
mount -t tmpfs tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p "$folder"
mount --bind /mnt/folder "$folder"

# Sockets and links that systemd makes below /dev are its own.
mkdir /mnt/dev
for name in null zero full random urandom tty; do : >"/mnt/dev/$name"; mount --bind "/dev/$name" "/mnt/dev/$name"; done
mount --rbind /mnt/dev /dev
mkdir /dev/pts /dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts
ln -s pts/ptmx /dev/ptmx
ln -s /proc/self/fd /dev/fd
mount -t tmpfs tmpfs /dev/shm

mount -t cgroup2 cgroup2 /sys/fs/cgroup
# What is the whole machine's is not for this systemd to set; /proc/sys/net belongs to the network namespace.
for name in fs kernel vm; do
  mount --bind "/proc/sys/$name" "/proc/sys/$name"
  mount -o remount,bind,ro "/proc/sys/$name"
done

units=/usr/lib/systemd/system
rm -rf /etc/systemd/system/* /usr/lib/systemd/system-generators/* "$units"/*.wants "$units"/*.requires
mkdir -p "$units/sockets.target.wants" /etc/systemd/journald.conf.d
for unit in systemd-journald.socket systemd-journald-dev-log.socket dbus.socket; do ln -s "../$unit" "$units/sockets.target.wants/$unit"; done
printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n' >/etc/systemd/journald.conf.d/boot.conf
hostname director
exec env -i container=holdfast PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --unit=multi-user.target --log-target=journal --show-status=no
