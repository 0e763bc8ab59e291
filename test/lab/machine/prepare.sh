#!/bin/sh
# Fetches Debian's kernel for the lab's machine and packs what boots it, once: the packages are unpacked beside the system,
# not installed, for a kernel that is installed would be booted by the machine this runs on. Needs apt, busybox and kmod.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home=/var/cache/holdfast-lab

is_packed() { [ -e "$home/initramfs" ] && [ ! "$here/init" -nt "$home/initramfs" ] && [ ! "$here/prepare.sh" -nt "$home/initramfs" ]; }
if [ -e "$home/kernel/vmlinuz" ] && is_packed; then exit 0; fi

mkdir -p "$home"
work=$(mktemp -d "$home/preparing.XXXXXX")
trap 'rm -rf "$work"' EXIT

if [ ! -e "$home/kernel/vmlinuz" ]; then
  newest() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1; }
  package=$(newest)
  mkdir "$work/download" "$work/kernel"
  cd "$work/download"
  # Package lists that are not there yet, or that name what has left the archive.
  if [ -z "$package" ] || ! apt-get download -qq "$package" 2>/dev/null; then
    apt-get update -qq
    package=$(newest)
    [ -n "$package" ] || { echo 'lab: Debian offers no linux-image-cloud-amd64' >&2; exit 1; }
    apt-get download -qq "$package"
  fi
  release=${package#linux-image-}
  dpkg-deb -x ./*.deb "$work/unpacked"
  mv "$work/unpacked/boot/vmlinuz-$release" "$work/kernel/vmlinuz"
  mv "$work/unpacked/lib" "$work/kernel/lib"
  echo "$release" >"$work/kernel/release"
  depmod -b "$work/kernel" "$release"
  # Another checkout may have been quicker.
  mv -T "$work/kernel" "$home/kernel" 2>/dev/null || [ -e "$home/kernel/vmlinuz" ]
fi

release=$(cat "$home/kernel/release")
if ! is_packed; then
  root=$work/root
  mkdir -p "$root/bin" "$root/modules" "$root/host" "$root/kept" "$root/proc"
  cp /bin/busybox "$root/bin/busybox"
  install -m 755 "$here/init" "$root/init"
  # In the order in which they are to be loaded.
  number=10
  for module in virtio_pci virtiofs; do
    for file in $(modprobe -d "$home/kernel" -S "$release" --show-depends "$module" | sed -n 's/^insmod //p'); do
      [ -n "$(find "$root/modules" -name "*-${file##*/}")" ] || cp "$file" "$root/modules/$number-${file##*/}"
      number=$((number + 1))
    done
  done
  (cd "$root" && find . | busybox cpio -o -H newc) >"$work/initramfs" 2>/dev/null
  mv "$work/initramfs" "$home/initramfs"
fi
