import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { micros } from '../../src/base/time.js';
import { DeadlineQueue } from '../../src/health/deadlines.js';
import type { Sleeper } from '../../src/health/deadlines.js';

test('whatever is queued, moved and removed, the first to be woken comes first', () => {
  const act = fc.tuple(fc.constantFrom('set' as const, 'remove' as const, 'wake' as const), fc.nat(15), fc.nat(50));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
      const queue = new DeadlineQueue<Sleeper>();
      const sleepers = Array.from({ length: 16 }, (_, order): Sleeper => ({ order, place: -1, wakeAt: micros(0) }));
      const expected = new Map<Sleeper, number>();
      for (const [what, index, at] of acts) {
        const sleeper = what === 'wake' ? queue.first() : sleepers[index];
        if (sleeper === undefined) continue;
        if (what === 'set') {
          queue.set(sleeper, micros(at));
          expected.set(sleeper, at);
        } else {
          queue.remove(sleeper);
          expected.delete(sleeper);
        }
        assert.equal(queue.size, expected.size);
        const first = queue.first();
        if (expected.size === 0) assert.equal(first, undefined);
        else {
          const earliest = Math.min(...expected.values());
          const wanted = sleepers.find((each) => expected.get(each) === earliest);
          assert.equal(first, wanted, 'and of equals the lower order');
        }
      }
    }),
    { numRuns: 1000 },
  );
});
