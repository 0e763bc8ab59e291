#!/bin/sh
# Runs Debian's kernel in an emulated machine of two processors whose files are the host's, until it switches itself off.
# The lab's words come out of stdout, the kernel's out of stderr. LAB_RUN is the run's directory, LAB_MEMORY megabytes,
# LAB_MEMORY_DIRECTORY holds the machine's memory as a file without a name. Meant as PID 1 of a PID namespace: the file
# server ends with the machine.
set -eu
home=/var/cache/holdfast-lab
socket=$LAB_RUN/files

/usr/lib/qemu/virtiofsd --socket-path="$socket" -o source=/ -o cache=always -o sandbox=chroot -o log_level=err &
while [ ! -S "$socket" ]; do
  kill -0 $! || exit 1
  sleep 0.05
done

# stderr may be a socket, which no path opens.
mkfifo "$LAB_RUN/console"
cat "$LAB_RUN/console" >&2 &

# Software emulation always: hardware's is not there in a container, or is and hangs.
exec qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m "$LAB_MEMORY" \
  -object "memory-backend-file,id=memory,size=${LAB_MEMORY}M,mem-path=$LAB_MEMORY_DIRECTORY,share=on" -numa node,memdev=memory \
  -nodefaults -no-user-config -display none -no-reboot \
  -kernel "$home/kernel/vmlinuz" -initrd "$home/initramfs" -append "console=ttyS0 quiet panic=-1 LAB_RUN=$LAB_RUN" \
  -chardev "socket,id=files,path=$socket" -device vhost-user-fs-pci,chardev=files,tag=host \
  -chardev "file,id=console,path=$LAB_RUN/console" -device isa-serial,chardev=console \
  -chardev stdio,id=words,signal=off -device isa-serial,chardev=words
