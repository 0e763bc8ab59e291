/** `npm run bench [-- NAME...]`: every figure for keepalived and for holdfast, measured in the same run, one after the other. */

import { benchChecks } from './checks.js';
import { benchFailover } from './failover.js';
import { benchJitter } from './jitter.js';
import { benchParse } from './parse.js';
import { benchStart } from './start.js';

const BENCHMARKS: Readonly<Record<string, () => Promise<string>>> = {
  parse: benchParse,
  start: benchStart,
  checks: benchChecks,
  jitter: benchJitter,
  failover: () => benchFailover(20),
};

const wanted = process.argv.slice(2);
for (const [name, bench] of Object.entries(BENCHMARKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n${await bench()}\n`);
}
