#!/bin/sh
# Builds, then measures holdfast beside Debian's keepalived on this machine. Takes about twenty minutes; wants a quiet machine.
set -eu
cd "$(dirname "$0")/../.."
sh test/setup.sh
case " $* " in *' --kernel=uml-seccomp '*) sh test/lab/seccomp/prepare.sh ;; esac
exec node dist/test/bench/main.js "$@"
