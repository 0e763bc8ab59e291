import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { milliseconds, seconds } from '../../src/base/time.js';
import type { Tables } from '../../src/ipvs/tables.js';
import { type Bench, WEB, WEB_KEY, holds, started } from './kernel.js';
import { destination, service, smallTables, tables } from './samples.js';

/** A bench in the middle of a look that takes a second. */
function looking(desired: Tables = WEB): Bench {
  const bench = started(desired);
  bench.lookTakes = seconds(1);
  const { snapshots } = bench;
  bench.run(milliseconds(1500));
  assert.equal(bench.snapshots, snapshots + 1);
  assert.equal(bench.state.phase.kind, 'idle');
  assert.ok(bench.state.look !== undefined);
  return bench;
}

test('an edit does not wait for the look that goes on', () => {
  const bench = looking();
  const { snapshots } = bench;
  const desired = tables([service(80), [destination(2)]], [service(443), [destination(1)]]);
  bench.deliver({ type: 'desiredChanged', desired });
  bench.run(milliseconds(2));
  assert.ok(holds(bench, desired));
  assert.equal(bench.snapshots, snapshots, 'and the look still goes on');
  bench.run(seconds(20));
  assert.ok(holds(bench, desired));
  assert.ok(!bench.noteTypes().includes('driftFound'));
});

test('what others did during a look in which we wrote is put right when it ends, and nothing else counts as their doing', () => {
  const bench = looking(tables([service(80), [destination(1), destination(2)]], [service(443), [destination(3)]]));
  const desired = tables([service(80), [destination(2)]], [service(443), [destination(3), destination(4)]]);
  bench.deliver({ type: 'desiredChanged', desired });
  bench.run(milliseconds(2));
  bench.kernel = tables([service(80), [destination(2)]], [service(443), [destination(4)]]);
  bench.run(milliseconds(2600));
  assert.ok(holds(bench, desired));
  const found = bench.notes.flatMap((note) => (note.type === 'driftFound' ? note.named : []));
  assert.deepEqual(found, [{ repair: 'addDestination', service: '192.0.2.1:tcp:443', server: '198.51.100.3:80' }]);
});

test('a service that comes during a look and is no longer wanted when the look ends is removed', () => {
  const bench = looking();
  bench.lookTakes = milliseconds(300);
  bench.run(milliseconds(600));
  bench.answerAfter = milliseconds(1200);
  bench.deliver({ type: 'desiredChanged', desired: new Map([...WEB, ...tables([service(443), []])]) });
  bench.run(milliseconds(10));
  assert.equal(bench.state.phase.kind, 'applying');
  bench.deliver({ type: 'desiredChanged', desired: WEB });
  bench.run(seconds(10));
  assert.deepEqual([...bench.kernel.keys()], [WEB_KEY]);
});

test('a look says nothing when an edit was refused while it went on: another one follows', () => {
  const bench = looking(tables([service(80), [destination(1), destination(2)]], [service(443), [destination(3)]]));
  bench.kernel = tables([service(80), [destination(2)]], [service(443), [destination(3)]]);
  const desired = tables([service(80), [destination(1, { weight: 7 }), destination(2)]], [service(443), [destination(3)]]);
  bench.deliver({ type: 'desiredChanged', desired });
  bench.lookTakes = undefined;
  bench.run(milliseconds(1200));
  assert.ok(holds(bench, desired));
  assert.deepEqual(bench.ops.slice(-2), [`editDestination ${WEB_KEY} 198.51.100.1:80 ENOENT`, `addDestination ${WEB_KEY} 198.51.100.1:80`]);
});

test('a look that comes due while edits are on their way waits for their answer, and then comes at once', () => {
  const bench = started(WEB);
  bench.run(milliseconds(50));
  bench.answerAfter = seconds(3);
  const { snapshots } = bench;
  bench.deliver({ type: 'desiredChanged', desired: new Map([...WEB, ...tables([service(443), []])]) });
  bench.run(milliseconds(2900));
  assert.equal(bench.state.phase.kind, 'applying');
  assert.equal(bench.snapshots, snapshots);
  bench.run(milliseconds(200));
  assert.equal(bench.state.phase.kind, 'idle');
  assert.equal(bench.snapshots, snapshots + 1);
});

test('looks that take long and edits that never stop: drift of entries that nobody edits is found all the same', () => {
  const bench = started(tables([service(80), [destination(1)]], [service(443), [destination(3)]]));
  bench.lookTakes = milliseconds(90);
  bench.kernel = tables([service(80), [destination(1)]]);
  let desired: Tables = new Map();
  for (let weight = 2; weight < 1500; weight += 1) {
    desired = tables([service(80), [destination(1, { weight })]], [service(443), [destination(3)]]);
    bench.deliver({ type: 'desiredChanged', desired });
    bench.run(milliseconds(1));
  }
  assert.ok(bench.kernel.has('tcp 192.0.2.1:443'));
  bench.run(milliseconds(10));
  assert.ok(holds(bench, desired));
});

test('edits of ours during looks, whatever those happen to show of them, are neither made twice nor taken for the doing of others', () => {
  const act = fc.record({ desired: smallTables, before: fc.integer({ min: 0, max: 700 }), look: fc.integer({ min: 1, max: 1500 }), apply: fc.integer({ min: 1, max: 400 }) });
  fc.assert(
    fc.property(smallTables, fc.array(act, { minLength: 1, maxLength: 12 }), (first, acts) => {
      const bench = started(first);
      let desired = first;
      for (const { before, look, apply, ...each } of acts) {
        bench.lookTakes = milliseconds(look);
        bench.answerAfter = milliseconds(apply);
        bench.run(milliseconds(before));
        bench.deliver({ type: 'desiredChanged', desired: (desired = each.desired) });
      }
      bench.run(seconds(20));
      assert.ok(holds(bench, desired));
      assert.equal(bench.kernel.size, desired.size);
      assert.deepEqual(bench.needless, []);
      assert.deepEqual(bench.ops.filter((text) => / E[A-Z]+$/.test(text)), []);
      assert.deepEqual(bench.noteTypes().filter((type) => type !== 'tablesAdopted'), []);
    }),
    { numRuns: 500 },
  );
});
