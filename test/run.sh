#!/bin/sh
# The whole suite: lint first, then every test file. node:test prints the closing summary.
set -eu
cd "$(dirname "$0")/.."
npm run -s lint
# Named after the sources, so that what an older build left in dist/ is not run.
# Two files at a time, whatever the machine: most of them wait for clocks and for other processes.
exec node --test --test-concurrency=2 --test-reporter=spec $(find test -name '*.test.ts' | sort | sed 's#^#dist/#; s#\.ts$#.js#')
