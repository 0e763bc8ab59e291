import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, seconds } from '../../src/base/time.js';
import { Bench, WEB, WEB_KEY, holds, started } from './kernel.js';
import { service, tables } from './samples.js';

test('at stop our services go, foreign ones stay', () => {
  const bench = new Bench();
  bench.kernel = tables([service(8080), []]);
  started(WEB, bench);
  bench.deliver({ type: 'stopRequested', release: 'own' });
  bench.run(milliseconds(50));
  assert.ok(bench.stopped);
  assert.deepEqual([...bench.kernel.keys()], ['tcp 192.0.2.1:8080']);
  assert.equal(bench.ops.at(-1), `deleteService ${WEB_KEY}`);
  assert.deepEqual(bench.notes.at(-1), { type: 'servicesReleased', count: 1 });
});

test('services of an earlier process that are no longer wanted go at the first look, those of others stay', () => {
  const bench = new Bench();
  bench.kernel = tables([service(8080), []], [service(81), []]);
  bench.deliver({ type: 'servicesInherited', services: [WEB_KEY, 'tcp 192.0.2.1:81', 'tcp 192.0.2.1:82'] });
  started(WEB, bench);
  assert.deepEqual([...bench.kernel.keys()].sort(), [WEB_KEY, 'tcp 192.0.2.1:8080'].sort());
  assert.ok(bench.ops.includes('deleteService tcp 192.0.2.1:81'));
  assert.deepEqual([...bench.state.owned], [WEB_KEY]);
});

test('at stop nothing goes when the services are to stay, and everything when all is to be flushed', () => {
  const keep = started();
  keep.deliver({ type: 'stopRequested', release: 'nothing' });
  assert.ok(keep.stopped && holds(keep, WEB));
  const flush = new Bench();
  flush.kernel = tables([service(8080), []]);
  started(WEB, flush);
  flush.deliver({ type: 'stopRequested', release: 'all' });
  flush.run(milliseconds(50));
  assert.ok(flush.stopped);
  assert.equal(flush.kernel.size, 0);
});

test('a stop during an apply removes what that apply adds', () => {
  const bench = new Bench();
  bench.deliver({ type: 'desiredChanged', desired: WEB });
  bench.run(milliseconds(1));
  assert.equal(bench.state.phase.kind, 'applying');
  bench.deliver({ type: 'stopRequested', release: 'own' });
  bench.run(seconds(2));
  assert.ok(bench.stopped);
  assert.equal(bench.kernel.size, 0);
});

test('a flush that is requested during an apply still removes everything', () => {
  const bench = new Bench();
  bench.kernel = tables([service(8080), []]);
  bench.deliver({ type: 'desiredChanged', desired: WEB });
  bench.run(milliseconds(1));
  assert.equal(bench.state.phase.kind, 'applying');
  bench.deliver({ type: 'stopRequested', release: 'all' });
  bench.run(seconds(2));
  assert.deepEqual([bench.stopped, bench.kernel.size], [true, 0]);
});

test('a stop does not wait for services that never came to be', () => {
  const refused = new Bench();
  refused.refuse = () => ({ code: 'ENOENT', errno: 2 });
  started(WEB, refused);
  refused.run(milliseconds(300));
  refused.deliver({ type: 'stopRequested', release: 'own' });
  assert.ok(refused.stopped);
  const unknown = new Bench();
  unknown.broken = 'ENOBUFS';
  started(WEB, unknown);
  unknown.deliver({ type: 'stopRequested', release: 'own' });
  unknown.broken = undefined;
  unknown.run(seconds(1));
  assert.ok(unknown.stopped);
  assert.ok(!unknown.noteTypes().includes('releaseFailed'));
});

test('a stop ends within three seconds whatever the kernel answers, and at once without ip_vs', () => {
  const deaf = started();
  deaf.silent = true;
  deaf.deliver({ type: 'stopRequested', release: 'own' });
  deaf.run(milliseconds(2900));
  assert.ok(!deaf.stopped);
  deaf.run(milliseconds(200));
  assert.ok(deaf.stopped);
  assert.equal(deaf.notes.at(-1)?.type, 'releaseFailed');
  const bare = new Bench();
  bare.broken = 'ENOENT';
  started(WEB, bare);
  bare.deliver({ type: 'stopRequested', release: 'own' });
  assert.ok(bare.stopped);
});

test('what one refusal leaves behind is tried again, and all that went is counted', () => {
  const bench = started(tables([service(80), []], [service(443), []]));
  let refusals = 0;
  bench.refuse = (op) => (op.key.endsWith(':443') && refusals++ === 0 ? { code: 'EBUSY', errno: 16 } : undefined);
  bench.deliver({ type: 'stopRequested', release: 'own' });
  bench.run(seconds(2));
  assert.deepEqual([bench.stopped, bench.kernel.size], [true, 0]);
  assert.deepEqual(bench.notes.at(-1), { type: 'servicesReleased', count: 2 });
});
