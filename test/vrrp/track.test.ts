import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { contribution, effectivePriority, holdsInFault } from '../../src/vrrp/track.js';

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
