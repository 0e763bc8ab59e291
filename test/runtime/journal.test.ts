import assert from 'node:assert/strict';
import test from 'node:test';
import type { Micros } from '../../src/base/time.js';
import type { Machine } from '../../src/runtime/driver.js';
import { createJournal, replay } from '../../src/runtime/journal.js';

/** Adds what it hears to its seed and remembers when. */
const SUM: Machine<string, number, never, never> = {
  initial: (seed) => String(seed),
  step: (state, event, now) => ({ state: `${state} +${event}@${now}`, effects: [], notes: [] }),
  deadline: () => undefined,
};

test('a replayed journal leads to the same state', () => {
  const journal = createJournal<number>(10);
  journal.record(1, 100 as Micros);
  journal.record(2, 200 as Micros);
  assert.equal(replay(SUM, 7, journal), '7 +1@100 +2@200');
});

test('a full journal keeps the newest entries, counts the others and refuses to be replayed', () => {
  const journal = createJournal<number>(3);
  for (let event = 1; event <= 8; event += 1) journal.record(event, event as Micros);
  const kept = journal.entries().map((entry) => entry.event);
  assert.ok(kept.length >= 3 && kept.length <= 6);
  assert.deepEqual(kept, [1, 2, 3, 4, 5, 6, 7, 8].slice(-kept.length));
  assert.equal(journal.forgotten() + kept.length, 8);
  assert.throws(() => replay(SUM, 7, journal), /lost its beginning/);
});
