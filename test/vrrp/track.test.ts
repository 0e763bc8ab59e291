import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { contribution, effectivePriority, fileContribution, holdsInFault } from '../../src/vrrp/tracking/track.js';

const reading = fc.record({
  weight: fc.integer({ min: -254, max: 254 }),
  reverse: fc.boolean(),
  up: fc.boolean(),
});

test('the effective priority is the clamped sum of all that apply', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 254 }), fc.array(reading, { maxLength: 6 }), (base, readings) => {
      let sum = base;
      for (const { weight, reverse, up } of readings) {
        const good = reverse ? !up : up;
        if (weight > 0 && good) sum += weight;
        if (weight < 0 && !good) sum += weight;
      }
      assert.equal(effectivePriority(base, readings.map(contribution)), sum < 1 ? 1 : sum > 254 ? 254 : sum);
      assert.equal(effectivePriority(255, readings.map(contribution)), 255);
    }),
  );
});

test('only weight 0 holds in fault: while down, or reversed while up', () => {
  assert.equal(holdsInFault({ weight: 0, reverse: false, up: false }), true);
  assert.equal(holdsInFault({ weight: 0, reverse: false, up: true }), false);
  assert.equal(holdsInFault({ weight: 0, reverse: true, up: true }), true);
  assert.equal(holdsInFault({ weight: 0, reverse: true, up: false }), false);
  assert.equal(holdsInFault({ weight: -1, reverse: false, up: false }), false);
});

test('the product of a file is added between -253 and 253, below it is a fault; weight 0 looks at zero or not', () => {
  const plain = (value: number, weight: number) => fileContribution(value, { weight, reverse: false });
  const reversed = (value: number, weight: number) => fileContribution(value, { weight, reverse: true });
  assert.deepEqual([plain(-253, 1), plain(-254, 1), plain(127, -2), plain(300, 1)], [-253, 'fault', 'fault', 253]);
  assert.deepEqual([reversed(253, 1), reversed(254, 1), reversed(-300, 1)], [-253, 'fault', 253]);
  assert.deepEqual([plain(0, 0), plain(1, 0), reversed(0, 0), reversed(-1, 0)], [0, 'fault', 'fault', 0]);
});
