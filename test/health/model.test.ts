import assert from 'node:assert/strict';
import test from 'node:test';
import { nextRandom } from '../../src/base/random.js';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import type { CheckerConfig } from '../../src/health/config-check.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { desiredTables } from '../../src/health/desired.js';
import type { PoolEffect, PoolEvent, Verdict } from '../../src/health/events.js';
import { initialPool } from '../../src/health/pool-state.js';
import { poolDeadline, stepPool } from '../../src/health/pool.js';
import type { Tables } from '../../src/ipvs/tables.js';
import { Model } from './model.js';
import { address } from '../support/address.js';
import { PASSED, command, failure, realServer, statusFailure, tcpCheck, url, virtualServer, webCheck } from './samples.js';

class Dice {
  #seed: number;
  constructor(seed: number) {
    this.#seed = seed;
  }
  /** 0 to sides-1. */
  roll(sides: number): number {
    const { value, seed } = nextRandom(this.#seed);
    this.#seed = seed;
    return Math.floor(value * sides);
  }
  pick<T>(...from: readonly [T, ...T[]]): T {
    return from[this.roll(from.length)] ?? from[0];
  }
  chance(percent: number): boolean {
    return this.roll(100) < percent;
  }
}

function anyChecker(dice: Dice, last: number): CheckerConfig {
  const schedule = {
    delayLoop: dice.pick(seconds(1), seconds(3)),
    retry: dice.roll(3),
    delayBeforeRetry: dice.pick(micros(0), seconds(1), seconds(4)),
    warmup: dice.pick(micros(0), seconds(2)),
    alpha: dice.chance(20),
    logAllFailures: dice.chance(30),
  };
  const target = dice.pick(last, last, 100 + last);
  if (dice.chance(60)) return tcpCheck(target, schedule);
  const urls = [url('/a'), url('/b', 'd41d8cd98f00b204e9800998ecf8427e'), url('/c')].slice(0, 1 + dice.roll(3));
  return webCheck(target, urls, schedule, dice.chance(30));
}

function anyServer(dice: Dice, last: number): RealServerConfig {
  return realServer(last, {
    weight: dice.roll(4),
    inhibitOnFailure: dice.chance(30),
    checkers: Array.from({ length: dice.pick(0, 1, 1, 1, 2) }, () => anyChecker(dice, last)),
    ...(dice.chance(50) ? { notifyUp: command(`up${last}`), notifyDown: command(`down${last}`) } : {}),
  });
}

function anyVirtualServer(dice: Dice, last: number): VirtualServerConfig {
  const servers = [1, 2, 3].filter(() => dice.chance(70)).map((server) => anyServer(dice, server));
  const sorry = address(dice.pick('203.0.113.8', '203.0.113.9', '198.51.100.1'));
  return virtualServer(last, servers, {
    quorum: dice.roll(5),
    hysteresis: dice.pick(0, 0, 1),
    omega: dice.chance(50),
    ...(dice.chance(50) ? { sorryServer: { address: sorry, port: 80, method: 'nat' as const, inhibit: dice.chance(40) } } : {}),
    ...(dice.chance(50) ? { quorumUp: command('quorum-up'), quorumDown: command('quorum-down') } : {}),
  });
}

/** Another configuration, often much like the last one. */
function anyConfig(dice: Dice, last: PoolConfig | undefined): PoolConfig {
  const virtualServers = [1, 2].filter(() => dice.chance(85)).map((number) => {
    const before = last?.virtualServers.find(({ name }) => name.includes(`.${number}]`));
    if (before === undefined || dice.chance(30)) return anyVirtualServer(dice, number);
    if (dice.chance(30)) return before;
    const realServers = before.realServers.map((server) => {
      if (dice.chance(50)) return server;
      if (dice.chance(30)) return { ...server, weight: dice.roll(4) };
      const checkers = server.checkers.map((checker) => (dice.chance(50) ? { ...checker, delayLoop: seconds(2), retry: dice.roll(2) } : checker));
      return { ...server, checkers: dice.chance(20) ? checkers.slice(1) : checkers };
    });
    return { ...before, realServers, quorum: dice.pick(before.quorum, dice.roll(5)) };
  });
  return { virtualServers };
}

function anyVerdict(dice: Dice): Verdict {
  const local: Verdict = { type: 'local', operation: 'socket', code: 'EMFILE' };
  return dice.pick(PASSED, PASSED, PASSED, failure(), failure('connectTimeout'), statusFailure(503), local);
}

/** What is told to readers of state changes and mailed goes with the commands and is no part of the model. */
function effectLine(effect: PoolEffect): readonly string[] {
  if (effect.type === 'tellState' || effect.type === 'mail' || effect.type === 'report') return [];
  if (effect.type === 'runCommand') return [`run ${effect.command.argv.join(' ')}`];
  if (effect.type === 'cancelProbe') return [`cancel ${effect.id}`];
  assert.ok('connection' in effect.spec);
  const path = effect.spec.type === 'http' ? effect.spec.url.path : '-';
  return [`probe ${effect.id} ${effect.spec.connection.address} ${path} ${effect.deadline}`];
}

function tableLines(tables: Tables): string[] {
  return [...tables].map(([key, { destinations }]) => {
    const servers = [...destinations.values()].map(({ address, weight }) => `${address}=${weight}`).sort();
    return `[${key.slice(4, -3)}]:tcp:80: ${servers.join(' ')}`;
  });
}

/** Notes as text whatever the order of their properties. */
function noteLine(note: object): string {
  return JSON.stringify(Object.entries(note).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function nextEvent(dice: Dice, config: PoolConfig, probes: readonly number[], steps: number): PoolEvent {
  const probe = probes[dice.roll(probes.length)];
  const kind = dice.roll(100);
  if (steps === 0 || kind < 4) return { type: 'reconfigured', config };
  if (kind === 99) return { type: 'stopRequested', keepTables: false };
  if (kind > 96) return { type: 'probeAnswered', id: dice.roll(50), verdict: anyVerdict(dice) };
  if (kind < 60 && probe !== undefined) return { type: 'probeAnswered', id: probe, verdict: anyVerdict(dice) };
  return { type: 'timeout' };
}

/** Lives one life in both and collects the kinds of notes that occurred. */
function compare(seed: number, told: Set<string>): void {
  const dice = new Dice(seed);
  const model = new Model(seed);
  let pool = initialPool(seed);
  let now = micros(0);
  let config = anyConfig(dice, undefined);
  let probes: number[] = [];
  for (let steps = 0; steps < 30; steps += 1) {
    const event = nextEvent(dice, config, probes, steps);
    if (event.type === 'timeout') now = micros(Math.max(now, dice.chance(90) ? (poolDeadline(pool) ?? now) : now + seconds(1 + dice.roll(3))));
    else now = micros(now + dice.roll(milliseconds(20)));
    const step = stepPool(pool, event, now);
    pool = step.state;
    model.step(event, now);
    const real = [...step.notes.map(noteLine), ...step.effects.flatMap(effectLine), ...tableLines(desiredTables(pool)), poolDeadline(pool)];
    const wanted = [...model.notes.map(noteLine), ...model.effects, ...model.tables(), model.deadline()];
    if (real.join('\n') !== wanted.join('\n')) {
      assert.deepEqual(real, wanted, `seed ${seed}, step ${steps}, ${JSON.stringify(event).slice(0, 120)}`);
    }
    for (const { type } of step.notes) told.add(type);
    for (const effect of step.effects) {
      if (effect.type === 'startProbe') probes.push(effect.id);
      if (effect.type === 'cancelProbe') probes = probes.filter((id) => id !== effect.id);
    }
    if (event.type === 'probeAnswered') probes = probes.filter((id) => id !== event.id);
    if (event.type === 'reconfigured') config = anyConfig(dice, config);
    if (event.type === 'stopRequested') return;
  }
}

test('20,000 random lives of a pool are those of an independent model: notes, effects, tables and deadlines', () => {
  const told = new Set<string>();
  for (let seed = 1; seed <= 20_000; seed += 1) compare(seed, told);
  assert.equal(told.size, 24, `every kind of note occurred: ${[...told].join(' ')}`);
});
