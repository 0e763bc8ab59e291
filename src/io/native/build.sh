#!/bin/sh
# Builds the addon into dist/native/holdfast.node with the C compiler and the headers that came with this Node.
# No download: node-gyp would fetch headers that are already on the machine.
set -eu
cd "$(dirname "$0")/../../.."
for include in "$(node -p 'require("path").resolve(process.execPath, "../../include/node")')" /usr/include/node /usr/local/include/node; do
  [ -e "$include/node_api.h" ] && break
done
if [ ! -e "$include/node_api.h" ]; then
  echo "build:native: node_api.h not found; install the header files of Node.js $(node -v)" >&2
  exit 1
fi
output=dist/native/holdfast.node
if [ -e "$output" ] && [ -z "$(find src/io/native -newer "$output" -name '*.[ch]')" ]; then exit 0; fi
mkdir -p dist/native
"${CC:-cc}" -std=gnu11 -O2 -fPIC -shared -Wall -Wextra -Werror ${CFLAGS:-} -I"$include" -o "$output.$$" src/io/native/*.c
mv "$output.$$" "$output"
