/** When the kernel's counters are read: often while somebody looks, seldom while nobody does, never where nobody could. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import { createCounting } from '../../src/daemon/ipvs/counting.js';
import type { Counting } from '../../src/daemon/ipvs/counting.js';

interface Scene {
  readonly counting: Counting;
  /** At which seconds it counts, when the kernel is looked at each second of the span. */
  readonly counts: (from: number, to: number) => readonly number[];
}

function scene(): Scene {
  let now: Micros = seconds(0);
  const counting = createCounting({ now: () => now });
  return {
    counting,
    counts: (from, to) =>
      Array.from({ length: to - from }, (_, i) => from + i).filter((second) => {
        now = seconds(second);
        return counting.now() !== undefined;
      }),
  };
}

test('they are read once a minute, and every five seconds for a minute after somebody looked', () => {
  const { counting, counts } = scene();
  counting.configure(undefined, true);
  assert.deepEqual(counts(1, 100), [1, 61]);
  counting.wanted();
  assert.deepEqual(counts(100, 121), [100, 105, 110, 115, 120]);
  assert.deepEqual(counts(121, 300), [125, 130, 135, 140, 145, 150, 155, 215, 275]);
});

test('the interval of the configuration counts, and 0 means never', () => {
  const { counting, counts } = scene();
  counting.configure(seconds(2), true);
  counting.wanted();
  assert.deepEqual(counts(1, 8), [1, 3, 5, 7]);
  counting.configure(seconds(0), true);
  counting.wanted();
  assert.deepEqual(counts(8, 200), []);
});

test('without a control process nothing is counted', () => {
  const { counting, counts } = scene();
  counting.configure(undefined, false);
  counting.wanted();
  assert.deepEqual(counts(1, 200), []);
});
