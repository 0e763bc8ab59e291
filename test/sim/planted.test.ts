import assert from 'node:assert/strict';
import test from 'node:test';
import { PLANTED_FAULTS } from './planted-faults.js';
import { runVrrp } from './vrrp-run.js';
import { Violation } from './world.js';

/** As many as every run of the suite spends on production's own machine. */
const BUDGET = 2_000;

for (const { name, options } of PLANTED_FAULTS) {
  test(`planted and found: ${name}`, (context) => {
    for (let seed = 1; seed <= BUDGET; seed += 1) {
      try {
        runVrrp(seed, options);
      } catch (error) {
        // The machine's own assertions count: in production they stop the process.
        if (!(error instanceof Error)) throw error;
        context.diagnostic(`seed ${seed}: ${error instanceof Violation ? error.property : error.message}`);
        return;
      }
    }
    assert.fail(`not found in ${BUDGET} seeds`);
  });
}
