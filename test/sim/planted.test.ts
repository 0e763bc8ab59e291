import assert from 'node:assert/strict';
import test from 'node:test';
import { runLvs } from './lvs-run.js';
import { PLANTED_FAULTS } from './planted-faults.js';
import { PLANTED_LVS_FAULTS } from './planted-lvs-faults.js';
import { PLANTED_POOL_FAULTS } from './planted-pool-faults.js';
import { runPool } from './pool-run.js';
import { runVrrp } from './vrrp-run.js';
import { Violation } from './world.js';

/** As many seeds as every run of the suite spends on production's own machines. */
const VRRP_BUDGET = 2_000;
const LVS_BUDGET = 1_000;
const POOL_BUDGET = 5_000;

/** The first seed that breaks `property`, or any. */
function firstViolation(budget: number, run: (seed: number) => void, property?: string): string {
  for (let seed = 1; seed <= budget; seed += 1) {
    try {
      run(seed);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      if (property !== undefined && error.property !== property) continue;
      return `seed ${seed}: ${error.property}`;
    }
  }
  return assert.fail(`not found in ${budget} seeds`);
}

for (const { name, options, property } of PLANTED_FAULTS) {
  test(`planted in VRRP and found: ${name}`, (context) => {
    context.diagnostic(firstViolation(VRRP_BUDGET, (seed) => runVrrp(seed, options), property));
  });
}

for (const { name, options } of PLANTED_LVS_FAULTS) {
  test(`planted in the checkers and found: ${name}`, (context) => {
    context.diagnostic(firstViolation(LVS_BUDGET, (seed) => runLvs(seed, options)));
  });
}

for (const { name, plant } of PLANTED_POOL_FAULTS) {
  test(`planted in the pools and found: ${name}`, (context) => {
    context.diagnostic(firstViolation(POOL_BUDGET, (seed) => void runPool(seed, plant)));
  });
}
