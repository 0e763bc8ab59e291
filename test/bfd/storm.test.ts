/**
 * Hundreds of seeded pairs through loss, delay, cuts of one or both directions, restarts and reloads, then calm. What must hold
 * at every instant: nobody is up while the other end has been down for longer than it takes to notice; silence ends a session
 * exactly when its detection time has passed; packets go neither too fast nor too slow. In calm, both come up.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, milliseconds, seconds, type Micros } from '../../src/base/time.js';
import { detectionTime } from '../../src/bfd/timing.js';
import { Pair, type Side } from './rig.js';

const SEEDS = 400;
const OTHER: Readonly<Record<Side, Side>> = { a: 'b', b: 'a' };
const INTERVALS = [10, 50, 100, 300, 1_000, 2_500].map(milliseconds);
const DELAYS = [micros(200), milliseconds(5), milliseconds(60)];

for (let block = 0; block < 4; block += 1) {
  test(`storm and calm, seeds ${block * (SEEDS / 4)} to ${(block + 1) * (SEEDS / 4) - 1}`, () => {
    for (let seed = block * (SEEDS / 4); seed < (block + 1) * (SEEDS / 4); seed += 1) runSeed(seed);
  });
}

function runSeed(seed: number): void {
  const watch = createWatch(seed);
  const pair = new Pair(seed, {}, {}, watch.look);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(pair.draw() * values.length)] ?? values[0] as T;
  const numbers = (): Parameters<Pair['configure']>[1] => ({ minTransmit: pick(INTERVALS), minReceive: pick(INTERVALS), multiplier: 2 + Math.floor(pair.draw() * 5) });
  const passive = pick(['a', 'b', undefined, undefined] as const);
  for (const side of ['a', 'b'] as const) pair.configure(side, { ...numbers(), passive: side === passive });
  for (let round = 0; round < 12; round += 1) {
    pair.wire = { loss: { a: pick([0, 0, 0.3, 1]), b: pick([0, 0, 0.3, 1]) }, delay: pick(DELAYS) };
    const deed = pick(['nothing', 'nothing', 'reload', 'restart'] as const);
    const side = pick(['a', 'b'] as const);
    if (deed === 'restart') watch.restarted(side);
    if (deed === 'restart') pair.restart(side);
    if (deed === 'reload') pair.configure(side, { ...numbers(), passive: side === passive });
    pair.run(micros(pair.now + milliseconds(20 + 6_000 * pair.draw())));
  }
  // Delays that vary by more than a short detection time would be a storm.
  pair.wire = { loss: { a: 0, b: 0 }, delay: micros(200) };
  // The longest detection time twice (forgetting, then being heard), and two idle intervals.
  pair.run(micros(pair.now + seconds(2 * 6 * 2.5 + 3)));
  assert.deepEqual(pair.phases(), ['up', 'up'], `seed ${seed}: calm brings both up`);
  const since = pair.now;
  pair.run(micros(pair.now + seconds(20)));
  for (const side of ['a', 'b'] as const) assertPace(pair, side, since, seed);
}

/** 75 to 90 % of the negotiated interval, poll answers aside. */
function assertPace(pair: Pair, side: Side, since: Micros, seed: number): void {
  const interval = Math.max(pair.config(side).minTransmit, pair.config(OTHER[side]).minReceive);
  const instants = pair.sent.filter((sent) => sent.side === side && sent.at >= since && !sent.packet.final).map((sent) => sent.at);
  assert.ok(instants.length >= Math.floor(seconds(20) / interval) - 1, `seed ${seed}: ${side} sends`);
  for (const [index, instant] of instants.slice(1).entries()) {
    const gap = instant - (instants[index] ?? 0);
    assert.ok(gap >= interval * 0.75 - 1 && gap <= interval * 0.9 + 1, `seed ${seed}: ${side} sends after ${gap} us, ${interval} us negotiated`);
  }
}

interface Watch {
  readonly look: (pair: Pair) => void;
  readonly restarted: (side: Side) => void;
}

function createWatch(seed: number): Watch {
  /** Since when a side has been down without interruption. */
  const downSince: Record<Side, Micros | undefined> = { a: undefined, b: undefined };
  const told: Record<Side, boolean | undefined> = { a: undefined, b: undefined };
  let heard = 0;
  let noted = 0;
  return {
    restarted: (side) => {
      told[side] = undefined;
    },
    look: (pair) => {
      if (!pair.isWhole()) return;
      for (const { note } of pair.notes.slice(noted)) {
        if (note.type === 'sessionExpired') assert.equal(note.overdue, 0, `seed ${seed}: noticed when the detection time has passed`);
      }
      noted = pair.notes.length;
      for (const { side, up } of pair.told.slice(heard)) {
        assert.notEqual(up, told[side], `seed ${seed}: ${side} is told changes only`);
        told[side] = up;
      }
      heard = pair.told.length;
      for (const side of ['a', 'b'] as const) {
        const { phase } = pair.state(side);
        if (phase === 'up' || phase === 'init') downSince[side] = undefined;
        else downSince[side] ??= pair.now;
        assert.ok(phase !== 'up' || pair.state(side).told === true, `seed ${seed}: whoever is up says so`);
        const since = downSince[OTHER[side]];
        if (phase !== 'up' || since === undefined) continue;
        // What was under way when the other end went down may still arrive; then silence or its word ends this end too.
        const bound = (detectionTime(pair.state(side)) ?? 0) + milliseconds(61);
        assert.ok(pair.now - since <= bound, `seed ${seed}: ${side} is up ${pair.now - since} us after the other end went down`);
      }
    },
  };
}
