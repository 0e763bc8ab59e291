/** The scheduling of this very process, moved and put back. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import test from 'node:test';

import { micros } from '../../src/base/time.js';
import { openProcessScheduler } from '../../src/io/processes/process-scheduler.js';
import { until } from './support/until.js';

/** Policy (SCHED_OTHER 0, SCHED_RR 2) and real-time priority of the main thread. */
function policy(): readonly [number, number] {
  const fields = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) /s, '').split(' ').map(Number);
  return [fields[38] ?? NaN, fields[37] ?? NaN];
}

test('whoever computes longer than the real-time limit goes on as an ordinary process, and is real-time again afterwards', async () => {
  let told = 0;
  const scheduler = openProcessScheduler(() => {
    told += 1;
  });
  const found = getPriority();
  assert.deepEqual(scheduler.apply({ lockMemory: false, realTimePriority: 3, realTimeLimit: micros(40_000) }), []);
  for (let round = 1; round <= 2; round += 1) {
    assert.deepEqual(policy(), [2, 3], `round ${round}`);
    const end = process.cpuUsage().user + 300_000;
    while (process.cpuUsage().user < end);
    assert.deepEqual(policy(), [0, 0], 'it has lost its priority, and lives');
    await until(() => told === round);
  }
  assert.deepEqual(policy(), [2, 3]);
  assert.deepEqual(scheduler.apply({ lockMemory: false, niceValue: 5 }), []);
  assert.deepEqual([policy(), getPriority()], [[0, 0], 5]);
  assert.deepEqual(scheduler.apply({ lockMemory: false }), []);
  assert.equal(getPriority(), found);
});
