#!/bin/sh
# Fetches Debian unstable's user-mode Linux for benchmarks, with the C library that it is linked to, once: both are unpacked
# beside the system, not installed. Needs apt and the network.
set -eu
home=/var/cache/holdfast-lab/seccomp
if [ -e "$home/linux.uml" ]; then exit 0; fi

mkdir -p "${home%/*}"
work=$(mktemp -d "$home.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p lists/partial cache unpacked kernel
echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian unstable main' >sources
from_unstable() {
  apt-get -qq -o Dir::Etc::SourceList="$work/sources" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$work/lists" \
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root "$@"
}
from_unstable update
from_unstable download user-mode-linux libc6
apt-get -qq -o APT::Sandbox::User=root download patchelf
for package in ./*.deb; do dpkg-deb -x "$package" unpacked; done

mv unpacked/usr/lib/uml/modules kernel/modules
mv unpacked/usr/lib/x86_64-linux-gnu kernel/lib
# It starts itself anew by its own name, so that it cannot be started through the library's loader.
unpacked/usr/bin/patchelf --set-interpreter "$home/lib/ld-linux-x86-64.so.2" --set-rpath "$home/lib" unpacked/usr/bin/linux.uml
mv unpacked/usr/bin/linux.uml kernel/linux.uml
# Another checkout may have been quicker.
mv -T kernel "$home" 2>/dev/null || [ -e "$home/linux.uml" ]
