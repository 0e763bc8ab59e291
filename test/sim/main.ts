/** `npm run sim -- [--seed=N] [--seeds=N] [--trace]`: runs seeds and prints what was reached; a failing seed is named. */

import { parseArgs } from 'node:util';
import { runVrrp } from './vrrp-run.js';
import { Violation } from './world.js';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, seeds: { type: 'string' }, trace: { type: 'boolean' } },
});
const first = Number(values.seed ?? 1);
const count = values.seed === undefined ? Number(values.seeds ?? 2_000) : Number(values.seeds ?? 1);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const coverage = new Map<string, number>();
const failures = new Map<string, number[]>();
const began = process.hrtime.bigint();
let virtualSeconds = 0;
for (let seed = first; seed < first + count; seed += 1) {
  try {
    const onTrace = (line: string, now: number): void => print(`${(now / 1e6).toFixed(6)} ${line}`);
    const result = runVrrp(seed, values.trace === true ? { onTrace } : {});
    virtualSeconds += result.virtualSeconds;
    for (const [cell, times] of result.coverage) coverage.set(cell, (coverage.get(cell) ?? 0) + times);
    if (count === 1) print(`trace ${result.traceHash}`);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    const seeds = failures.get(error.property) ?? [];
    failures.set(error.property, [...seeds, seed]);
    if (seeds.length < 3) print(`${error.message}\n    npm run sim -- --seed=${seed}`);
  }
}
const elapsed = Number(process.hrtime.bigint() - began) / 1e9;
for (const [cell, times] of [...coverage].sort()) print(`${String(times).padStart(9)} ${cell}`);
print(`${count} seeds, ${(virtualSeconds / 3600).toFixed(1)} simulated hours in ${elapsed.toFixed(1)} s`);
for (const [property, seeds] of failures) print(`FAILED ${property}: ${seeds.length} seeds, first ${seeds[0] ?? 0}`);
process.exitCode = failures.size === 0 ? 0 : 1;
