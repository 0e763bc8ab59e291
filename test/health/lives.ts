/** Random lives of a pool, lived by the machine and by the independent model at once: everything they say must be the same. */

import assert from 'node:assert/strict';
import { nextRandom } from '../../src/base/random.js';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import { withOverrides } from '../../src/health/by-hand.js';
import type { ServerOverride } from '../../src/health/by-hand.js';
import type { CheckerConfig } from '../../src/health/config-check.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { desiredTables } from '../../src/health/desired.js';
import type { PoolEffect, PoolEvent, Verdict } from '../../src/health/events.js';
import type { HealthNote } from '../../src/health/notes.js';
import { initialPool } from '../../src/health/pool-state.js';
import { poolDeadline, stepPool } from '../../src/health/pool.js';
import { destinationKey, entryKey, serviceKey } from '../../src/ipvs/tables.js';
import type { Tables } from '../../src/ipvs/tables.js';
import { address } from '../support/address.js';
import type { ModelEvent } from './model-events.js';
import { Model } from './model.js';
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

/** Of the machine's side only: bugs that a test plants there. */
export interface Plant {
  readonly config?: (config: PoolConfig) => PoolConfig;
  /** Undefined = it is not heard. */
  readonly event?: (event: PoolEvent) => PoolEvent | undefined;
  readonly words?: (words: readonly ServerOverride[]) => readonly ServerOverride[];
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

function anyReturn(dice: Dice): Partial<RealServerConfig> {
  return {
    ...(dice.chance(20) ? { slowStart: dice.pick(seconds(1), seconds(5), seconds(30)) } : {}),
    ...(dice.chance(20) ? { manualResume: true } : {}),
    ...(dice.chance(25) ? { flapDamping: { halfLife: dice.pick(seconds(5), seconds(20)), suppress: dice.pick(900, 1_500), reuse: 600, longest: seconds(30) } } : {}),
  };
}

function anyServer(dice: Dice, last: number): RealServerConfig {
  return realServer(last, {
    weight: dice.pick(dice.roll(4), dice.roll(4), 40),
    inhibitOnFailure: dice.chance(30),
    checkers: Array.from({ length: dice.pick(0, 1, 1, 1, 2) }, () => anyChecker(dice, last)),
    ...(dice.chance(50) ? { notifyUp: command(`up${last}`), notifyDown: command(`down${last}`) } : {}),
    ...anyReturn(dice),
  });
}

function anyBackups(dice: Dice): Partial<VirtualServerConfig> {
  if (dice.chance(70)) return {};
  const backupServers = [3, 6, 7].filter(() => dice.chance(60)).map((last) => ({ ...anyServer(dice, last), tier: 1 + dice.roll(2) }));
  return { backupServers };
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
    ...(dice.chance(20) ? { haSuspend: true } : {}),
    ...(dice.chance(50) ? { drainTimeout: dice.pick(micros(0), seconds(2), seconds(60)) } : {}),
    ...anyBackups(dice),
  });
}

function variedServer(dice: Dice, server: RealServerConfig): RealServerConfig {
  if (dice.chance(50)) return server;
  if (dice.chance(30)) return { ...server, weight: dice.roll(4) };
  const { slowStart, manualResume, flapDamping, ...bare } = server;
  if (dice.chance(20)) return slowStart ?? manualResume ?? flapDamping ? bare : { ...bare, ...anyReturn(dice) };
  const checkers = server.checkers.map((checker) => (dice.chance(50) ? { ...checker, delayLoop: seconds(2), retry: dice.roll(2) } : checker));
  return { ...server, checkers: dice.chance(20) ? checkers.slice(1) : checkers };
}

function varied(dice: Dice, before: VirtualServerConfig): VirtualServerConfig {
  const kept = before.realServers.filter(() => dice.chance(80));
  const { backupServers, haSuspend, ...bare } = before;
  return {
    ...bare,
    realServers: kept.map((server) => variedServer(dice, server)),
    quorum: dice.pick(before.quorum, dice.roll(5)),
    ...(backupServers === undefined || dice.chance(20) ? anyBackups(dice) : { backupServers: backupServers.map((server) => variedServer(dice, server)) }),
    ...(dice.chance(20) ? { haSuspend: true } : haSuspend === true ? { haSuspend } : {}),
  };
}

/** Another configuration, often much like the last one. */
function anyConfig(dice: Dice, last: PoolConfig | undefined): PoolConfig {
  const virtualServers = [1, 2].filter(() => dice.chance(85)).map((number) => {
    const before = last?.virtualServers.find(({ name }) => name.includes(`.${number}]`));
    if (before === undefined || dice.chance(30)) return anyVirtualServer(dice, number);
    return dice.chance(30) ? before : varied(dice, before);
  });
  return { virtualServers, ...(dice.chance(40) ? { tracked: virtualServers.filter(() => dice.chance(70)).map(({ name }) => name) } : {}) };
}

function anyVerdict(dice: Dice): Verdict {
  const local: Verdict = { type: 'local', operation: 'socket', code: 'EMFILE' };
  return dice.pick(PASSED, PASSED, PASSED, failure(), failure('connectTimeout'), statusFailure(503), local);
}

const nameOf = (last: number): string => `[198.51.100.${last}]:tcp:80`;
const poolOf = (last: number): string => `[192.0.2.${last}]:tcp:80`;

/** Another word, or one word less. */
function anyWords(dice: Dice, words: readonly ServerOverride[]): readonly ServerOverride[] {
  if (words.length > 0 && dice.chance(40)) return words.filter((_, index) => index !== dice.roll(words.length));
  const action = dice.pick<ServerOverride['action']>('drain', 'disable', 'weight', 'add', 'remove', 'weight');
  const fresh = { virtualServer: poolOf(1 + dice.roll(2)), server: nameOf(action === 'add' ? 4 + dice.roll(2) : 1 + dice.roll(5)), action };
  return [...words, action === 'weight' || (action === 'add' && dice.chance(50)) ? { ...fresh, weight: dice.roll(6) } : fresh];
}

/** What is told to readers of state changes and mailed goes with the commands and is no part of the model. */
function effectLine(effect: PoolEffect): readonly string[] {
  switch (effect.type) {
    case 'tellState':
    case 'mail':
      return [];
    case 'report':
      return [`report ${effect.quorums.map(({ virtualServer: of, up }) => `${of} ${up ? 'up' : 'down'}`).join(', ')}; ${effect.holds.join(', ')}`];
    case 'runCommand':
      return [`run ${effect.command.argv.join(' ')}`];
    case 'cancelProbe':
      return [`cancel ${effect.id}`];
    case 'attendProbe':
      return [`attend ${effect.id}`];
    case 'startProbe': {
      assert.ok('connection' in effect.spec);
      const path = effect.spec.type === 'http' ? effect.spec.url.path : '-';
      const { series } = effect;
      const when = series === undefined ? 'now' : `${series.at} to ${series.until} by ${series.every}`;
      return [`probe ${effect.id} ${effect.spec.connection.address} ${path} ${effect.deadline} ${when}`];
    }
  }
}

function tableLines(tables: Tables): string[] {
  return [...tables].map(([key, { destinations }]) => {
    const servers = [...destinations.values()].map(({ address: of, weight }) => `${of}=${weight}`).sort();
    return `[${key.slice(4, -3)}]:tcp:80: ${servers.join(' ')}`;
  });
}

/** Whatever the order of their properties. */
function sameNotes(a: readonly HealthNote[], b: readonly HealthNote[]): boolean {
  return a.length === b.length && a.every((note, i) => sameProperties(note, b[i] ?? {}));
}

function sameProperties(a: object, b: object): boolean {
  const others = new Map<string, unknown>(Object.entries(b));
  const own: [string, unknown][] = Object.entries(a);
  return own.length === others.size && own.every(([key, value]) => value === others.get(key) || JSON.stringify(value) === JSON.stringify(others.get(key)));
}

function entriesOf(idle: readonly (readonly [VirtualServerConfig, RealServerConfig])[]): ReadonlySet<string> {
  return new Set(idle.flatMap(([{ services }, server]) => services.map(({ identity }) => entryKey(serviceKey(identity), destinationKey(server)))));
}

/** One that both live, from birth to a stop or to the end of the test. */
class Life {
  readonly #dice: Dice;
  readonly #model: Model;
  readonly #plant: Plant;
  #pool;
  #now = micros(0);
  #config: PoolConfig;
  #words: readonly ServerOverride[] = [];
  #probes: number[] = [];

  constructor(seed: number, plant: Plant) {
    this.#dice = new Dice(seed);
    // Half of the lives ask ahead.
    const foresight = milliseconds(seed % 2 === 0 ? 0 : 200);
    this.#model = new Model(seed, foresight);
    this.#pool = initialPool(seed, foresight);
    this.#config = anyConfig(this.#dice, undefined);
    this.#plant = plant;
  }

  /** `cover` hears of every event, and of every note that the machine made. */
  live(length: number, cover: (cell: string) => void): void {
    const dice = this.#dice;
    if (dice.chance(30)) {
      const holds = [1, 2, 3].flatMap((last) => [1, 2].flatMap((pool) => (dice.chance(30) ? [`${nameOf(last)} ${poolOf(pool)}`] : [])));
      this.#hear({ type: 'holdsInherited', holds }, cover);
    }
    if (dice.chance(30)) this.#hear({ type: 'addressChanged', address: address(`192.0.2.${1 + dice.roll(2)}`), present: true }, cover);
    for (let steps = 0; steps < length; steps += 1) {
      const event = this.#next(steps);
      if (event.type === 'timeout') this.#now = micros(Math.max(this.#now, dice.chance(90) ? (poolDeadline(this.#pool) ?? this.#now) : this.#now + seconds(1 + dice.roll(3))));
      else this.#now = micros(this.#now + dice.roll(milliseconds(20)));
      this.#hear(event, cover);
      if (event.type === 'reconfigured') this.#config = dice.chance(50) ? anyConfig(dice, this.#config) : this.#config;
      if (event.type === 'stopRequested') return;
    }
  }

  #next(steps: number): ModelEvent {
    const dice = this.#dice;
    const probe = this.#probes[dice.roll(this.#probes.length)];
    const kind = dice.roll(100);
    if (steps === 0 || kind < 4) return { type: 'reconfigured', config: this.#config, words: this.#words };
    if (kind < 7) {
      this.#words = anyWords(dice, this.#words);
      return { type: 'reconfigured', config: this.#config, words: this.#words };
    }
    if (kind < 9) return { type: 'addressChanged', address: address(`192.0.2.${1 + dice.roll(2)}`), present: dice.chance(60) };
    if (kind === 9) return { type: 'resumeRequested', ...(dice.chance(50) ? { server: nameOf(1 + dice.roll(3)) } : {}), ...(dice.chance(30) ? { virtualServer: poolOf(1 + dice.roll(2)) } : {}) };
    if (kind === 10) return { type: 'entriesSeenIdle', idle: this.#config.virtualServers.flatMap((virtual) => [1, 2, 3, 4].filter(() => dice.chance(50)).map((last) => [virtual, realServer(last)] as const)) };
    if (kind === 99) return { type: 'stopRequested', keepTables: false };
    if (kind > 97) return { type: 'probeAnswered', id: dice.roll(50), verdict: anyVerdict(dice) };
    if (kind < 60 && probe !== undefined) {
      const at = micros(this.#now - dice.roll(milliseconds(250)));
      return { type: 'probeAnswered', id: probe, verdict: anyVerdict(dice), ...(dice.chance(50) ? { at } : {}) };
    }
    return { type: 'timeout' };
  }

  #hear(event: ModelEvent, cover: (cell: string) => void): void {
    cover(`event ${event.type}`);
    const heard = this.#asToldToTheMachine(event);
    const step = heard === undefined ? { notes: [], effects: [] } : stepPool(this.#pool, heard, this.#now);
    this.#model.step(event, this.#now);
    const real = [...step.effects.flatMap(effectLine), ...tableLines(desiredTables(this.#pool)), poolDeadline(this.#pool)];
    const wanted = [...this.#model.effects, ...this.#model.tables(), this.#model.deadline()];
    if (real.join('\n') !== wanted.join('\n') || !sameNotes(step.notes, this.#model.notes)) {
      const about = JSON.stringify(event).slice(0, 120);
      assert.deepEqual([...step.notes, ...real], [...this.#model.notes, ...wanted], about);
      assert.fail(about);
    }
    for (const { type } of step.notes) cover(`note ${type}`);
    for (const effect of step.effects) {
      if (effect.type === 'startProbe') this.#probes.push(effect.id);
      if (effect.type === 'cancelProbe') this.#probes = this.#probes.filter((id) => id !== effect.id);
    }
    if (event.type === 'probeAnswered') this.#probes = this.#probes.filter((id) => id !== event.id);
  }

  #asToldToTheMachine(event: ModelEvent): PoolEvent | undefined {
    const told = this.#inMachineTerms(event);
    return this.#plant.event === undefined ? told : this.#plant.event(told);
  }

  #inMachineTerms(event: ModelEvent): PoolEvent {
    const { config: changed, words: said } = this.#plant;
    if (event.type === 'entriesSeenIdle') return { type: 'entriesSeenIdle', idle: entriesOf(event.idle) };
    if (event.type !== 'reconfigured') return event;
    const config = withOverrides(event.config, said === undefined ? event.words : said(event.words));
    return { type: 'reconfigured', config: changed === undefined ? config : changed(config) };
  }
}

/** Events. Most lives are short, for variety of configurations; some are long, for what takes time to go wrong. */
function lengthOf(seed: number): number {
  return seed % 20 === 0 ? 120 : 3 + (seed % 10);
}

/** Lives the life of this seed. Throws when machine and model differ. `cover` hears of every event and of every note. */
export function liveOne(seed: number, cover: (cell: string) => void, plant: Plant = {}, length = lengthOf(seed)): void {
  new Life(seed, plant).live(length, cover);
}

