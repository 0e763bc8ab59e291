/** Many seeds on all cores: coverage added up, failures collected by property. */

import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { runLvs } from './lvs-run.js';
import { runPool } from './pool-run.js';
import { runVrrp } from './vrrp-run.js';
import { Violation } from './world.js';

export type Simulation = 'vrrp' | 'lvs' | 'pools';

export interface Failure {
  readonly seed: number;
  readonly property: string;
  readonly message: string;
}

export interface Sweep {
  readonly seeds: number;
  readonly virtualSeconds: number;
  readonly coverage: ReadonlyMap<string, number>;
  /** In order of seeds. */
  readonly failures: readonly Failure[];
}

/** Every `stride`th seed from `first` to before `end`. */
interface Range {
  readonly simulation: Simulation;
  readonly first: number;
  readonly end: number;
  readonly stride: number;
}

/** Runs `count` seeds from `first` on, spread over the cores. */
export async function sweep(simulation: Simulation, first: number, count: number): Promise<Sweep> {
  const stride = Math.min(availableParallelism(), count);
  const ranges = Array.from({ length: stride }, (_, index) => ({ simulation, first: first + index, end: first + count, stride }));
  return merge(await Promise.all(ranges.map(inWorker)));
}

/** Runs one seed here. */
function runSeed(simulation: Simulation, seed: number): ReturnType<typeof runVrrp> {
  if (simulation === 'pools') return runPool(seed);
  return simulation === 'vrrp' ? runVrrp(seed) : runLvs(seed);
}

function runRange({ simulation, first, end, stride }: Range): Sweep {
  const coverage = new Map<string, number>();
  const failures: Failure[] = [];
  let virtualSeconds = 0;
  let seeds = 0;
  for (let seed = first; seed < end; seed += stride) {
    seeds += 1;
    try {
      const result = runSeed(simulation, seed);
      virtualSeconds += result.virtualSeconds;
      add(coverage, result.coverage);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const property = error instanceof Violation ? error.property : error.name;
      failures.push({ seed, property, message: error.message });
    }
  }
  return { seeds, virtualSeconds, coverage, failures };
}

function inWorker(range: Range): Promise<Sweep> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: range });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function merge(sweeps: readonly Sweep[]): Sweep {
  const coverage = new Map<string, number>();
  for (const each of sweeps) add(coverage, each.coverage);
  return {
    seeds: sweeps.reduce((sum, each) => sum + each.seeds, 0),
    virtualSeconds: sweeps.reduce((sum, each) => sum + each.virtualSeconds, 0),
    coverage,
    failures: sweeps.flatMap((each) => each.failures).sort((a, b) => a.seed - b.seed),
  };
}

function add(total: Map<string, number>, part: ReadonlyMap<string, number>): void {
  for (const [cell, times] of part) total.set(cell, (total.get(cell) ?? 0) + times);
}

if (!isMainThread && parentPort !== null) parentPort.postMessage(runRange(workerData as Range));
