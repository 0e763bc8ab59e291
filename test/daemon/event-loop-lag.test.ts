/** What a process says of its own lateness. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { createEventLoopLag } from '../../src/daemon/children/event-loop-lag.js';

test('lateness of the last minute: the 99th of a hundred and the latest, nothing before it was measured', () => {
  let now = 0;
  const lag = createEventLoopLag(100, () => now);
  const beat = (late: number): void => {
    now += 100 + late;
    lag.beat();
  };
  lag.beat();
  assert.equal(lag.shown(), undefined);
  for (let i = 0; i < 98; i += 1) beat(1);
  beat(30);
  beat(2_500);
  assert.deepEqual(lag.shown(), { p99: 30, max: 2_500 });
  beat(-40);
  assert.deepEqual(lag.shown(), { p99: 30, max: 2_500 }, 'a beat that catches up is not late');
  for (let i = 0; i < 600; i += 1) beat(0);
  assert.deepEqual(lag.shown(), { p99: 0, max: 0 }, 'what is older is forgotten');
});
