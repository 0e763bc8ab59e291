#!/bin/sh
# Makes a bare Debian machine with Node and root ready: Debian packages, npm packages, build. Safe to run again.
set -eu
cd "$(dirname "$0")/.."

packages='user-mode-linux ipvsadm iproute2 iputils-ping iputils-arping tcpdump nftables iptables keepalived bird2 kmod curl procps openssl dbus systemd gcc libc6-dev python3 make chromium snmpd snmp snmptrapd'
# Servers that checks are tried on, each started by its test in a directory of its own.
packages="$packages nginx-light redis-server mariadb-server postgresql postfix dnsmasq-base"
# The emulated machine of the lab.
packages="$packages qemu-system-x86 busybox-static"
missing=''
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  echo "setup: installing$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # keepalived, bird and postfix are test peers here, never services.
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

sh test/lab/machine/prepare.sh

if [ -L node_modules ]; then
  # npm ci empties the directory behind a link before it replaces the link: somebody else's installation would be gone.
  [ -e node_modules/.package-lock.json ] || { echo 'setup: node_modules is a link to a directory without packages; install them there' >&2; exit 1; }
elif [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-fund --no-audit
fi
npm run -s build
