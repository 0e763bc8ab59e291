#!/bin/sh
# Builds the addon, dist/native/holdfast.node, and the guardian, dist/native/holdfast-guardian, with the C compiler and the
# headers that came with this Node.
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
# Compiles the files of a folder unless the output is newer: build OUTPUT FOLDER COMPILER-OPTIONS...
build() {
  output=$1 folder=$2
  shift 2
  if [ -e "$output" ] && [ -z "$(find "$folder" -maxdepth 1 -newer "$output" -name '*.[ch]')" ]; then return 0; fi
  mkdir -p dist/native
  "${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -Werror ${CFLAGS:-} "$@" -o "$output.$$" "$folder"/*.c
  mv "$output.$$" "$output"
}
build dist/native/holdfast.node src/io/native -fPIC -shared -I"$include"
build dist/native/holdfast-guardian src/io/native/guardian
