#!/bin/sh
# The whole suite: lint first, then every compiled test file. node:test prints the closing summary.
set -eu
cd "$(dirname "$0")/.."
npm run -s lint
exec node --test --test-reporter=spec $(find dist/test -name '*.test.js' | sort)
