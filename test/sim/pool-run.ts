/** One random life of a pool beside its independent model (test/health/lives.ts), as a run of the simulation. */

import assert from 'node:assert/strict';
import { liveOne } from '../health/lives.js';
import type { Plant } from '../health/lives.js';
import type { RunResult } from './vrrp-run.js';
import { Violation } from './world.js';

/** Throws a Violation where machine and model differ. */
export function runPool(seed: number, plant?: Plant): RunResult {
  const coverage = new Map<string, number>();
  try {
    liveOne(seed, (cell) => void coverage.set(cell, (coverage.get(cell) ?? 0) + 1), plant);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw new Violation('P1 the pool is what its model is', error.message);
    throw error;
  }
  return { traceHash: '', coverage, virtualSeconds: 0 };
}
