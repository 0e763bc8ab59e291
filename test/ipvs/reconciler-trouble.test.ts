import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import { destinationKey } from '../../src/ipvs/tables.js';
import { Bench, WEB, holds } from './kernel.js';
import { destination, service, tables } from './samples.js';

const CODES = ['ENOBUFS', 'EPERM', 'EEXIST', 'ENOENT', 'ESRCH', 'EINTR', 'EBADMSG', 'ETIMEDOUT'];
/** Nobody's business but somebody else's. */
const FOREIGN = tables([service(443), [destination(9)]]);
/** In both: never to be deleted, not even to be made anew. */
const STAYS = [`tcp 192.0.2.1:80`, `tcp 192.0.2.1:80 ${destinationKey(destination(2))}`];
const WIDER = tables([service(80, { scheduler: 'wrr' }), [destination(2, { weight: 5 }), destination(3)]], [service(81), [destination(1)]]);

/** Comes into being and is changed after 50 ms. */
function beChanged(bench: Bench): void {
  bench.kernel = FOREIGN;
  bench.deliver({ type: 'desiredChanged', desired: WEB });
  bench.run(milliseconds(50));
  bench.deliver({ type: 'desiredChanged', desired: WIDER });
  bench.run(milliseconds(1350));
}

/** After that somebody puts the kernel back. */
function beTamperedWith(bench: Bench): void {
  beChanged(bench);
  bench.kernel = new Map([...WEB, ...FOREIGN]);
  bench.run(milliseconds(1300));
}

function exchangesOf(live: (bench: Bench) => void): number {
  const bench = new Bench();
  live(bench);
  assert.ok(holds(bench, WIDER));
  assert.ok(bench.exchanges >= 4, `${bench.exchanges} exchanges`);
  return bench.exchanges;
}

function sparesWhatStays(bench: Bench): void {
  const deleted = bench.ops.flatMap((op) => /^delete\w+ (.*)$/.exec(op)?.[1] ?? []);
  assert.deepEqual(deleted.filter((name) => STAYS.includes(name) || name.includes(':443')), []);
  assert.ok(holds(bench, FOREIGN), 'what is foreign is there, unchanged');
}

function runUntil(bench: Bench, instant: Micros): void {
  bench.run(micros(Math.max(0, instant - bench.now)));
}

for (const code of CODES) {
  for (const live of [beChanged, beTamperedWith]) {
    test(`${code} on any one exchange with the kernel, nothing or half of it done, is over within 500 ms (${live.name})`, () => {
      const exchanges = exchangesOf(live);
      for (let broken = 1; broken <= exchanges; broken += 1) {
        const bench = new Bench();
        const brokenAt: Micros[] = [];
        bench.breaks = (exchange) => {
          if (exchange !== broken) return undefined;
          brokenAt.push(bench.now);
          return code;
        };
        live(bench);
        const [instant] = brokenAt;
        assert.ok(instant !== undefined, `exchange ${broken} took place`);
        runUntil(bench, micros(instant + milliseconds(500)));
        assert.ok(holds(bench, WIDER), `exchange ${broken}`);
        bench.run(seconds(3));
        assert.ok(holds(bench, WIDER), `and stays so after exchange ${broken}`);
        sparesWhatStays(bench);
      }
    });
  }

  test(`${code} for any one command is over within 500 ms and costs the others nothing`, () => {
    const bench = new Bench();
    beTamperedWith(bench);
    const commands = bench.ops.length;
    for (let refused = 1; refused <= commands; refused += 1) {
      const disturbed = new Bench();
      let count = 0;
      disturbed.refuse = () => {
        count += 1;
        return count === refused ? { code, errno: 1 } : undefined;
      };
      beTamperedWith(disturbed);
      disturbed.run(milliseconds(500));
      assert.ok(holds(disturbed, WIDER), `command ${refused}`);
      sparesWhatStays(disturbed);
    }
  });
}

const MANY = tables([service(80), Array.from({ length: 200 }, (_, i) => destination(i + 1))]);
const CHANGED = tables([service(80), Array.from({ length: 200 }, (_, i) => destination(i + 1, { weight: 7 }))]);

for (const code of CODES) {
  test(`${code} on every exchange for a minute is over within 500 ms of its end`, () => {
    const bench = new Bench();
    bench.kernel = FOREIGN;
    bench.deliver({ type: 'desiredChanged', desired: MANY });
    bench.run(seconds(1));
    bench.broken = code;
    bench.deliver({ type: 'desiredChanged', desired: CHANGED });
    const before = bench.exchanges;
    bench.run(seconds(60));
    assert.ok(bench.exchanges - before < 240, `${bench.exchanges - before} questions`);
    bench.broken = undefined;
    bench.run(milliseconds(500));
    assert.ok(holds(bench, CHANGED));
    sparesWhatStays(bench);
  });

  test(`${code} for all of 200 commands for a minute is over within 500 ms of its end, and asked for a few at a time`, () => {
    const bench = new Bench();
    bench.deliver({ type: 'desiredChanged', desired: MANY });
    bench.run(seconds(1));
    bench.refuse = () => ({ code, errno: 1 });
    bench.deliver({ type: 'desiredChanged', desired: CHANGED });
    bench.run(milliseconds(200));
    const { length } = bench.ops;
    const { snapshots } = bench;
    bench.run(seconds(60));
    assert.ok(bench.ops.length - length < 60 * 60, `${bench.ops.length - length} commands`);
    assert.ok(bench.snapshots - snapshots < 70, `${bench.snapshots - snapshots} looks`);
    bench.refuse = () => undefined;
    bench.run(milliseconds(500));
    assert.ok(holds(bench, CHANGED));
  });
}

test('those that are refused for good do not keep others waiting that are refused for the same reason for a while', () => {
  const bench = new Bench();
  let isOver = false;
  bench.refuse = (op) => ('destination' in op && (/\.[1-3]?\d$/.test(op.destination.address) || !isOver) ? { code: 'ENOENT', errno: 2 } : undefined);
  bench.deliver({ type: 'desiredChanged', desired: MANY });
  bench.run(seconds(60));
  isOver = true;
  bench.run(seconds(2));
  assert.equal(bench.kernel.get('tcp 192.0.2.1:80')?.destinations.size, 200 - 39);
});

test('of an answer that broke off, what was refused is remembered, and all else is looked at: nothing is sent twice', () => {
  const bench = new Bench();
  bench.deliver({ type: 'desiredChanged', desired: tables([service(80), []]) });
  bench.run(milliseconds(10));
  bench.breaksOff = (ops) => Math.ceil(ops.length / 2);
  bench.refuse = (op) => ('destination' in op && op.destination.address.endsWith('.1') ? { code: 'ERANGE', errno: 34 } : undefined);
  bench.deliver({ type: 'desiredChanged', desired: MANY });
  bench.run(milliseconds(10));
  bench.breaksOff = () => undefined;
  bench.run(milliseconds(500));
  assert.deepEqual(bench.needless, []);
  const { destinations } = bench.kernel.get('tcp 192.0.2.1:80') ?? {};
  assert.equal(destinations?.size, 199);
  const refusals = bench.notes.filter(({ type }) => type === 'commandFailed');
  assert.deepEqual(refusals.map((note) => 'server' in note && note.server), ['198.51.100.1:80']);
  assert.ok(bench.noteTypes().includes('applyFailed'));
});
