/**
 * `npm run sim -- [--lvs|--pools] [--seed=N] [--from=N] [--seeds=N] [--hours=N]`: runs seeds and prints what was reached; failing
 * seeds are named with the command that repeats them. One seed alone is told step by step.
 */

import { parseArgs } from 'node:util';
import { runLvs } from './lvs-run.js';
import { runPool } from './pool-run.js';
import { sweep } from './sweep.js';
import type { Simulation, Sweep } from './sweep.js';
import { runVrrp } from './vrrp-run.js';
import { Violation } from './world.js';

const { values } = parseArgs({
  options: {
    lvs: { type: 'boolean', default: false },
    pools: { type: 'boolean', default: false },
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '2000' },
    hours: { type: 'string' },
  },
});
const simulation: Simulation = values.pools ? 'pools' : values.lvs ? 'lvs' : 'vrrp';
const print = (line: string): void => void process.stdout.write(`${line}\n`);

process.exitCode = values.seed === undefined ? await many() : one(Number(values.seed));

function one(seed: number): number {
  const onTrace = (line: string, now: number): void => print(`${(now / 1e6).toFixed(6)} ${line}`);
  try {
    const result = simulation === 'pools' ? runPool(seed) : simulation === 'vrrp' ? runVrrp(seed, { onTrace }) : runLvs(seed, { onTrace });
    print(`seed ${seed}: nothing wrong in ${result.virtualSeconds.toFixed(1)} simulated seconds, trace ${result.traceHash}`);
    return 0;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    print(`seed ${seed}: ${error.message}`);
    return 1;
  }
}

/** `--hours` counts simulated hours: seeds follow each other until so much time has passed. */
async function many(): Promise<number> {
  const wanted = Number(values.seeds);
  const hours = values.hours === undefined ? 0 : Number(values.hours);
  const began = process.hrtime.bigint();
  let virtualHours = 0;
  let failed = 0;
  const begin = Number(values.from);
  for (let first = begin; first === begin || virtualHours < hours; first += wanted) {
    const result = await sweep(simulation, first, wanted);
    virtualHours += result.virtualSeconds / 3_600;
    failed += result.failures.length;
    report(result);
  }
  const elapsed = Number(process.hrtime.bigint() - began) / 1e9;
  print(`${virtualHours.toFixed(1)} simulated hours in ${elapsed.toFixed(1)} s, ${failed} seeds failed`);
  return failed === 0 ? 0 : 1;
}

function report({ seeds, coverage, failures }: Sweep): void {
  for (const [cell, times] of [...coverage].sort()) print(`${String(times).padStart(10)} ${cell}`);
  for (const { seed, message } of failures) print(`${message}\n    npm run sim -- ${simulation === 'vrrp' ? '' : `--${simulation} `}--seed=${seed}`);
  print(`${seeds} seeds, ${failures.length} failed`);
}
