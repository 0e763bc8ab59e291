#!/bin/sh
# The first process of a lab: makes everything writable private, loads modules, runs one command, reports its status.
# In user-mode Linux and in the emulated machine it is PID 1 of a kernel whose read-only root is the host's; on the host's
# kernel it is PID 1 of fresh namespaces. LAB_KERNEL (uml, uml-seccomp, machine or host), LAB_RUN (a directory of the host's for this run),
# LAB_CHECKOUT, LAB_MODULES and LAB_TERMINAL come from the launcher, the command itself is $LAB_RUN/command.
umask 022

case $LAB_KERNEL in
  uml) modules=/usr/lib/uml/modules/$(uname -r) serial=ttyS0 terminal=tty0 ;;
  uml-seccomp) modules=/var/cache/holdfast-lab/seccomp/modules/$(uname -r) serial=ttyS0 terminal=tty0 LAB_KERNEL=uml ;;
  machine) modules=/var/cache/holdfast-lab/kernel/lib/modules/$(uname -r) serial=ttyS1 terminal=ttyS1 ;;
esac

if [ "$LAB_KERNEL" != host ]; then
  mount -t proc proc /proc
  mount -t sysfs sys /sys
  [ "$LAB_KERNEL" = uml ] || mount -t devtmpfs dev /dev
  mkdir -p /dev/pts /dev/shm
  mount -t devpts devpts /dev/pts
  mount -t tmpfs tmpfs /dev/shm
  release=${modules##*/}
  mount -t tmpfs tmpfs /lib/modules
  mkdir "/lib/modules/$release"
  mount --bind "$modules" "/lib/modules/$release"
  hostname lab
else
  mount --make-rprivate /
fi

# The run's directory and the checkout stay visible whatever is mounted over their parents. They are kept aside while
# that happens: user-mode Linux writes to the run's directory through a mount of its own, for its root is read-only.
mount -t tmpfs tmpfs /mnt
mkdir /mnt/run /mnt/checkout
if [ "$LAB_KERNEL" = uml ]; then mount -t hostfs -o "$LAB_RUN" none /mnt/run; else mount --bind "$LAB_RUN" /mnt/run; fi
mount --bind "$LAB_CHECKOUT" /mnt/checkout
for directory in /run /tmp /var/tmp /var/log; do mount -t tmpfs tmpfs "$directory"; done
for place in "run:$LAB_RUN" "checkout:$LAB_CHECKOUT"; do
  case "${place#*:}" in
    /run/* | /tmp/* | /var/tmp/* | /var/log/* | /mnt/*)
      mkdir -p "${place#*:}"
      mount --bind "/mnt/${place%%:*}" "${place#*:}"
      ;;
  esac
done

# No name service answers in a lab, and a question to one that is not there would take seconds.
echo "127.0.0.1 localhost $(hostname)" >/run/hosts
: >/run/resolv.conf
for file in hosts resolv.conf; do [ ! -e "/etc/$file" ] || mount --bind "/run/$file" "/etc/$file"; done

for module in $LAB_MODULES; do modprobe -q "$module" || [ "$LAB_KERNEL" = host ] || echo "lab: no module $module"; done
ip link set lo up

cd "$LAB_CHECKOUT" || exit 1
if [ "$LAB_KERNEL" = host ] && [ "$LAB_TERMINAL" = yes ]; then
  sh "$LAB_RUN/command"
  echo $? >/mnt/run/status
elif [ "$LAB_KERNEL" = host ]; then
  sh "$LAB_RUN/command" </dev/null 2>&1
  echo $? >/mnt/run/status
elif [ "$LAB_TERMINAL" = yes ]; then
  setsid --ctty --wait sh "$LAB_RUN/command" <"/dev/$terminal" >"/dev/$terminal" 2>&1
  echo $? >/mnt/run/status
else
  # Through a pipe, so that programs see neither a terminal nor the serial line's size of zero.
  stty -F "/dev/$serial" raw -echo
  { sh "$LAB_RUN/command" </dev/null 2>&1; echo $? >/mnt/run/status; } | cat >"/dev/$serial"
fi
sync
case $LAB_KERNEL in
  uml) halt --force --no-wtmp ;;
  machine) poweroff --force --no-wtmp ;;
esac
