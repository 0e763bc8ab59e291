import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { milliseconds, seconds } from '../../src/base/time.js';
import { describeReconciler, reconcilerDeadline } from '../../src/ipvs/reconciler.js';
import { Bench, WEB, WEB_KEY, holds, started } from './kernel.js';
import { destination, service, smallTables, tables } from './samples.js';

function looks(bench: Bench): number {
  return bench.snapshots;
}

test('before anything is desired the kernel is left in peace', () => {
  const bench = new Bench();
  bench.run(seconds(10));
  assert.equal(bench.snapshots, 0);
  assert.equal(reconcilerDeadline(bench.state), undefined);
});

test('an empty kernel is filled after one look', () => {
  const bench = started();
  assert.ok(holds(bench, WEB));
  assert.deepEqual(bench.ops, [
    `addService ${WEB_KEY}`,
    `addDestination ${WEB_KEY} 198.51.100.1:80`,
    `addDestination ${WEB_KEY} 198.51.100.2:80`,
  ]);
  assert.deepEqual(bench.notes, [{ type: 'tablesAdopted', services: 0, destinations: 0, edits: 3 }]);
});

test('what is already there is adopted: equal entries untouched, different ones edited, surplus servers removed', () => {
  const bench = new Bench();
  bench.kernel = tables(
    [service(80), [destination(1), destination(2, { weight: 9 }), destination(3)]],
    [service(443), [destination(9)]],
  );
  started(WEB, bench);
  assert.deepEqual(bench.ops, [
    `editDestination ${WEB_KEY} 198.51.100.2:80`,
    `deleteDestination ${WEB_KEY} 198.51.100.3:80`,
  ]);
  assert.ok(bench.kernel.has('tcp 192.0.2.1:443'), 'a foreign service stays');
});

test('a look that finds nothing changed sends nothing', () => {
  const bench = started();
  const { length } = bench.ops;
  bench.run(seconds(20));
  assert.equal(bench.ops.length, length);
  assert.ok(bench.snapshots >= 20 && bench.snapshots <= 22, `${bench.snapshots} looks in 20 s`);
});

test('looking at tables so large that it takes long is done less often', () => {
  const bench = started();
  bench.answerAfter = milliseconds(400);
  bench.run(seconds(44));
  assert.ok(bench.snapshots >= 10 && bench.snapshots <= 12, `${bench.snapshots} looks in 44 s`);
});

test('a process that was asleep during one look does not look less often for it', () => {
  const bench = started();
  bench.answerAfter = seconds(7);
  bench.run(seconds(8));
  bench.answerAfter = milliseconds(1);
  bench.run(seconds(3));
  const { snapshots } = bench;
  bench.run(seconds(10));
  assert.ok(bench.snapshots - snapshots >= 9, `${bench.snapshots - snapshots} looks in 10 s`);
});

test('a change is applied at once, without another look', () => {
  const bench = started();
  const { snapshots } = bench;
  const desired = tables([service(80), [destination(1)]]);
  bench.deliver({ type: 'desiredChanged', desired });
  bench.run(milliseconds(2));
  assert.ok(holds(bench, desired));
  assert.equal(bench.snapshots, snapshots);
});

test('changes during an apply are planned together afterwards', () => {
  const bench = new Bench();
  bench.deliver({ type: 'desiredChanged', desired: WEB });
  for (const weight of [5, 6, 7]) {
    bench.deliver({ type: 'desiredChanged', desired: tables([service(80), [destination(1, { weight }), destination(2)]]) });
  }
  bench.run(milliseconds(10));
  assert.equal(bench.ops.length, 3);
  assert.equal(bench.kernel.get(WEB_KEY)?.destinations.get('198.51.100.1:80')?.weight, 7);
});

test('tables cleared behind our back are back within two seconds and named once', () => {
  const bench = started();
  bench.run(milliseconds(500));
  bench.kernel = new Map();
  bench.run(seconds(2));
  assert.ok(holds(bench, WEB));
  const found = bench.notes.filter(({ type }) => type === 'driftFound');
  assert.deepEqual(found, [
    {
      type: 'driftFound',
      count: 3,
      named: [
        { repair: 'addService', service: '192.0.2.1:tcp:80' },
        { repair: 'addDestination', service: '192.0.2.1:tcp:80', server: '198.51.100.1:80' },
        { repair: 'addDestination', service: '192.0.2.1:tcp:80', server: '198.51.100.2:80' },
      ],
    },
  ]);
  assert.equal(bench.state.driftRepaired, 3);
});

test('a weight changed by hand is put right; a new foreign service is not touched', () => {
  const bench = started();
  const other = tables([service(8080), [destination(7)]]);
  bench.kernel = new Map([...tables([service(80), [destination(1, { weight: 50 }), destination(2)]]), ...other]);
  bench.run(seconds(2));
  assert.equal(bench.ops.at(-1), `editDestination ${WEB_KEY} 198.51.100.1:80`);
  assert.ok(bench.kernel.has('tcp 192.0.2.1:8080'));
});

test('a kernel that undoes something again and again is told about once', () => {
  const bench = started();
  for (let i = 0; i < 10; i += 1) {
    bench.kernel = tables([service(80), [destination(1, { weight: 50 }), destination(2)]]);
    bench.run(seconds(1));
  }
  assert.equal(bench.notes.filter(({ type }) => type === 'driftFound').length, 1);
  assert.ok(bench.state.driftRepaired >= 9);
});

test('a service that is no longer desired is deleted, and then it is foreign', () => {
  const bench = started(tables([service(80), []], [service(443), [destination(1)]]));
  bench.deliver({ type: 'desiredChanged', desired: tables([service(80), []]) });
  bench.run(milliseconds(10));
  assert.equal(bench.ops.at(-1), 'deleteService tcp 192.0.2.1:443');
  bench.kernel = new Map([...bench.kernel, ...tables([service(443), []])]);
  bench.run(seconds(5));
  assert.ok(bench.kernel.has('tcp 192.0.2.1:443'), 'set up by hand later, it is a foreign service');
});

test('a deletion in a batch of which another part was refused gives the service up just the same', () => {
  const bench = started(tables([service(80), []], [service(443), []]));
  bench.refuse = (op) => (op.type === 'editService' ? { code: 'ENOENT', errno: 2 } : undefined);
  bench.deliver({ type: 'desiredChanged', desired: tables([service(80, { scheduler: 'mh' }), []]) });
  bench.run(seconds(2));
  assert.ok(!bench.kernel.has('tcp 192.0.2.1:443'));
  bench.kernel = new Map([...bench.kernel, ...tables([service(443), []])]);
  bench.run(seconds(5));
  assert.ok(bench.kernel.has('tcp 192.0.2.1:443'));
});

for (const code of ['ENOENT', 'ESRCH', 'ENOPROTOOPT']) {
  test(`without ip_vs (${code}) it is said once, looked for every second in the end, and filled when it comes`, () => {
    const bench = new Bench();
    bench.broken = code;
    bench.deliver({ type: 'desiredChanged', desired: WEB });
    bench.run(seconds(60));
    assert.deepEqual(bench.notes, [{ type: 'ipvsMissing', code }]);
    assert.ok(bench.snapshots >= 59 && bench.snapshots <= 64, `${bench.snapshots} looks in 60 s`);
    bench.broken = undefined;
    bench.run(milliseconds(1100));
    assert.ok(holds(bench, WEB));
    assert.deepEqual(bench.noteTypes(), ['ipvsMissing', 'ipvsAvailable', 'tablesAdopted']);
  });
}

test('other trouble is retried after 0.1 s, then every 0.3 s, and forgotten on success', () => {
  const bench = new Bench();
  bench.broken = 'ENOBUFS';
  bench.deliver({ type: 'desiredChanged', desired: WEB });
  bench.run(milliseconds(650));
  assert.equal(bench.snapshots, 4, 'at 0, 0.1, 0.3 and 0.6 s');
  bench.run(seconds(60));
  const { snapshots } = bench;
  bench.run(seconds(30));
  assert.ok(bench.snapshots - snapshots <= 100);
  bench.broken = undefined;
  bench.run(milliseconds(310));
  assert.ok(holds(bench, WEB));
  bench.broken = 'ENOBUFS';
  const before = looks(bench);
  bench.run(seconds(2));
  assert.ok(looks(bench) - before >= 4, 'the regular look and retries after 0.1, 0.2 and 0.3 s: the pause starts over');
  assert.deepEqual(bench.noteTypes(), ['lookFailed', 'tablesAdopted', 'lookFailed']);
});

test('one refused command delays nothing but itself and is told once', () => {
  const bench = new Bench();
  const desired = tables([service(80, { scheduler: 'mh' }), [destination(1)]], [service(81), [destination(1)]]);
  bench.refuse = (op) => (op.type === 'addService' && op.service.scheduler === 'mh' ? { code: 'ENOENT', errno: 2 } : undefined);
  started(desired, bench);
  bench.run(seconds(30));
  assert.ok(bench.kernel.has('tcp 192.0.2.1:81'));
  const more = tables([service(80, { scheduler: 'mh' }), [destination(1)]], [service(81), [destination(1), destination(2)]]);
  bench.deliver({ type: 'desiredChanged', desired: more });
  bench.run(milliseconds(200));
  assert.equal(bench.kernel.get('tcp 192.0.2.1:81')?.destinations.size, 2, 'within 0.2 s although another op is refused');
  assert.deepEqual(bench.notes.filter(({ type }) => type === 'commandFailed'), [
    { type: 'commandFailed', operation: 'addService', service: '192.0.2.1:tcp:80', code: 'ENOENT', errno: 2 },
  ]);
  assert.ok(bench.ops.filter((op) => op.includes(':80 ENOENT')).length < 110, 'and retried every 0.3 s');
  assert.equal(bench.ops.filter((op) => op.includes(':80 198')).length, 1, 'its servers wait until it is there');
  assert.ok(bench.snapshots < 40, `what is refused again needs no look: ${bench.snapshots} looks in 30 s`);
  bench.refuse = () => undefined;
  bench.run(milliseconds(310));
  assert.ok(holds(bench, more));
});

test('a destination that is refused does not hold its neighbours back', () => {
  const bench = new Bench();
  bench.refuse = (op) => ('destination' in op && op.destination.address.endsWith('.1') ? { code: 'ERANGE', errno: 34 } : undefined);
  started(WEB, bench);
  assert.deepEqual([...(bench.kernel.get(WEB_KEY)?.destinations.keys() ?? [])], ['198.51.100.2:80']);
});

test('what was refused is not mistaken for the doing of others, and is forgotten when it is no longer wanted', () => {
  const bench = new Bench();
  bench.refuse = (op) => ('destination' in op && op.destination.address.endsWith('.1') ? { code: 'ERANGE', errno: 34 } : undefined);
  started(WEB, bench);
  bench.run(milliseconds(230));
  const wanted = tables([service(80), [destination(1), destination(2), destination(3)]]);
  bench.deliver({ type: 'desiredChanged', desired: wanted });
  bench.run(seconds(3));
  assert.equal(bench.kernel.get(WEB_KEY)?.destinations.size, 2);
  assert.ok(!bench.noteTypes().includes('driftFound'));
  assert.equal(describeReconciler(bench.state).refusedCommands, 1);
  bench.deliver({ type: 'desiredChanged', desired: tables([service(80), [destination(2), destination(3)]]) });
  bench.run(seconds(2));
  assert.equal(describeReconciler(bench.state).refusedCommands, 0);
});

test('foreign services that come and go are not our drift', () => {
  const bench = new Bench();
  bench.kernel = tables([service(8080), [destination(7)]]);
  started(WEB, bench);
  bench.kernel = tables([service(80), [destination(1)]]);
  bench.run(seconds(2));
  assert.deepEqual(bench.notes.filter(({ type }) => type === 'driftFound'), [
    {
      type: 'driftFound',
      count: 1,
      named: [{ repair: 'addDestination', service: '192.0.2.1:tcp:80', server: '198.51.100.2:80' }],
    },
  ]);
});

test('an entry that turns out to exist, or to be gone, counts as success and leads to a fresh look', () => {
  const bench = started();
  bench.run(milliseconds(100));
  bench.kernel = tables([service(80), [destination(1), destination(3)]]);
  bench.deliver({ type: 'desiredChanged', desired: tables([service(80), [destination(1), destination(3)]]) });
  bench.run(milliseconds(200));
  assert.deepEqual(bench.ops.slice(-2), [
    `addDestination ${WEB_KEY} 198.51.100.3:80 EEXIST`,
    `deleteDestination ${WEB_KEY} 198.51.100.2:80 ENOENT`,
  ]);
  assert.equal(bench.state.believed?.get(WEB_KEY)?.destinations.size, 2);
});

test('an edit of a destination that is gone becomes an addition', () => {
  const bench = started();
  bench.kernel = tables([service(80), [destination(2)]]);
  bench.deliver({ type: 'desiredChanged', desired: tables([service(80), [destination(1, { weight: 4 }), destination(2)]]) });
  bench.run(milliseconds(300));
  assert.deepEqual(bench.ops.slice(-2), [
    `editDestination ${WEB_KEY} 198.51.100.1:80 ENOENT`,
    `addDestination ${WEB_KEY} 198.51.100.1:80`,
  ]);
});

test('an apply that breaks as a whole is looked into before anything is tried again', () => {
  const bench = started();
  bench.broken = 'ENOBUFS';
  const desired = tables([service(80), [destination(1)]]);
  bench.deliver({ type: 'desiredChanged', desired });
  bench.run(milliseconds(50));
  bench.broken = undefined;
  bench.run(milliseconds(200));
  assert.ok(holds(bench, desired));
  assert.ok(bench.noteTypes().includes('applyFailed'));
});

test('an answer that never comes, or comes late, stops nothing', () => {
  const bench = new Bench();
  bench.silent = true;
  bench.deliver({ type: 'desiredChanged', desired: WEB });
  bench.run(seconds(29));
  bench.silent = false;
  bench.run(seconds(3));
  assert.ok(holds(bench, WEB));
  const before = bench.state;
  bench.deliver({ type: 'snapshotTaken', id: 1, tables: new Map() });
  assert.equal(bench.state.believed, before.believed);
});

test('with lvs_flush everything that is not desired goes at the first look', () => {
  const bench = new Bench({ lvsFlush: true });
  bench.kernel = tables([service(80), [destination(1)]], [service(8080), []]);
  started(WEB, bench);
  assert.deepEqual([...bench.kernel.keys()], [WEB_KEY]);
  assert.ok(!bench.ops.includes(`deleteService ${WEB_KEY}`), 'what stays is not flushed');
  bench.kernel = new Map([...bench.kernel, ...tables([service(8080), []])]);
  bench.run(seconds(5));
  assert.ok(bench.kernel.has('tcp 192.0.2.1:8080'), 'only at the start');
});

test('whatever others do and however often it fails, the kernel comes to hold what is desired and keeps what is foreign', () => {
  const act = fc.oneof(
    fc.record({ type: fc.constant('desire' as const), desired: smallTables }),
    fc.record({ type: fc.constant('meddle' as const), tables: smallTables }),
    fc.record({ type: fc.constant('break' as const), code: fc.constantFrom('ENOENT', 'ENOBUFS', undefined) }),
    fc.record({ type: fc.constant('wait' as const), span: fc.integer({ min: 0, max: 3_000_000 }) }),
    fc.record({ type: fc.constant('delay' as const), span: fc.integer({ min: 1, max: 1_500 }) }),
  );
  fc.assert(
    fc.property(smallTables, fc.array(act, { maxLength: 12 }), (first, acts) => {
      const bench = started(first);
      const foreign = tables([service(9999), [destination(9)]]);
      let desired = first;
      for (const each of acts) {
        if (each.type === 'desire') bench.deliver({ type: 'desiredChanged', desired: (desired = each.desired) });
        else if (each.type === 'meddle') bench.kernel = new Map([...each.tables, ...foreign]);
        else if (each.type === 'break') bench.broken = each.code;
        else if (each.type === 'delay') bench.lookTakes = milliseconds(each.span);
        else bench.run(milliseconds(each.span / 1000));
      }
      bench.kernel = new Map([...bench.kernel, ...foreign]);
      bench.broken = undefined;
      bench.lookTakes = undefined;
      bench.run(seconds(9));
      assert.ok(holds(bench, desired));
      assert.ok(bench.kernel.get('tcp 192.0.2.1:9999')?.destinations.size === 1);
      const { length } = bench.ops;
      bench.run(seconds(10));
      assert.equal(bench.ops.length, length, 'and then it is quiet');
    }),
    { numRuns: 300 },
  );
});
