/**
 * One probe for many: checkers that ask the same of the same target in the same rhythm are kept in step, and of those who
 * ask at the same time one asks for all. Each keeps a machine of its own, so that what follows from an answer is what
 * would have followed had it asked alone. Changes the pool's state in place.
 */

import { micros } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { isBetweenChecks, longestFirstWait } from './checker.js';
import type { CheckerEffect, CheckerState } from './checker.js';
import type { CheckerConfig } from './config-check.js';
import type { PassSeen } from './events.js';
import type { CheckerSlot, PoolState, QuestionGroup, RealServerState } from './pool-state.js';
import type { Outcome } from './virtual-server.js';

/** A new checker in its place and in its group; it sleeps nowhere yet. */
export function newSlot(pool: PoolState, server: RealServerState, config: CheckerConfig, state: CheckerState): CheckerSlot {
  pool.lastOrder += 1;
  const group = groupFor(pool, config);
  const slot: CheckerSlot = { config, state, lastAnswer: undefined, server, group, order: pool.lastOrder, place: -1, wakeAt: micros(0) };
  group.members.add(slot);
  return slot;
}

/** After a change of its configuration. */
export function regroup(pool: PoolState, slot: CheckerSlot): void {
  leaveGroup(pool, slot);
  slot.group = groupFor(pool, slot.config);
  slot.group.members.add(slot);
}

export function leaveGroup(pool: PoolState, slot: CheckerSlot): void {
  const { group } = slot;
  group.members.delete(slot);
  if (group.members.size === 0 && pool.questions.get(group.key) === group) pool.questions.delete(group.key);
}

/**
 * A checker that would ask after the first of its group asks together with it; one that has never asked does so too as
 * long as it need not wait longer than its own first run may take. Between retries everybody keeps its own time.
 */
export function keepInStep({ group, config, state }: CheckerSlot, now: Micros): CheckerState {
  const [first] = group.members;
  if (first === undefined || state.run.kind !== 'waiting' || first.state.run.kind !== 'waiting') return state;
  if (first.state === state || !isBetweenChecks(state) || !isBetweenChecks(first.state)) return state;
  const { at } = first.state.run;
  const isSooner = at < state.run.at || (!state.hasRun && at <= now + longestFirstWait(config));
  return at < now || !isSooner ? state : { ...state, run: { kind: 'waiting', at } };
}

/** Asks, or waits for the same answer when another of the group has asked already. */
export function ask(pool: PoolState, slot: CheckerSlot, effect: Extract<CheckerEffect, { type: 'startProbe' }>, out: Outcome): void {
  const { group, state } = slot;
  const { id, series } = effect;
  pool.probes.set(id, slot);
  const running = group.asked?.get(state.url);
  if (running !== undefined) {
    running.open.add(id);
    if (!running.quiet || series !== undefined) return;
    running.quiet = false;
    out.effects.push({ type: 'attendProbe', id: running.id });
    return;
  }
  const shared = { id, group, url: state.url, open: new Set([id]), quiet: series !== undefined };
  group.asked ??= new Map();
  group.asked.set(state.url, shared);
  pool.sharedProbes.set(id, shared);
  out.effects.push(effect);
}

/** Somebody waits no longer for an answer. The probe goes on as long as others do. */
export function callBack(pool: PoolState, { group }: CheckerSlot, id: number, out: Outcome): void {
  pool.probes.delete(id);
  for (const shared of group.asked?.values() ?? []) {
    if (!shared.open.delete(id) || shared.open.size > 0) continue;
    forget(pool, shared.id);
    out.effects.push({ type: 'cancelProbe', id: shared.id });
    return;
  }
}

/** A series goes on, and this is what was heard of it last. */
export function keepSeen(pool: PoolState, { id, latency, at }: PassSeen): void {
  for (const own of pool.sharedProbes.get(id)?.open ?? []) {
    const slot = pool.probes.get(own);
    if (slot !== undefined && (slot.lastAnswer?.at ?? 0) < at) slot.lastAnswer = { at, latency };
  }
}

/** Whoever waits for the answer of this probe, with the number it waits under. They wait no longer. */
export function askers(pool: PoolState, id: number): readonly { readonly slot: CheckerSlot; readonly id: number }[] {
  const shared = pool.sharedProbes.get(id);
  if (shared === undefined) return [];
  forget(pool, id);
  return [...shared.open].flatMap((own) => {
    const slot = pool.probes.get(own);
    pool.probes.delete(own);
    return slot === undefined ? [] : [{ slot, id: own }];
  });
}

function forget(pool: PoolState, id: number): void {
  const shared = pool.sharedProbes.get(id);
  if (shared === undefined) return;
  pool.sharedProbes.delete(id);
  const { group, url } = shared;
  group.asked?.delete(url);
}

function groupFor(pool: PoolState, config: CheckerConfig): QuestionGroup {
  const key = questionKey(config);
  const existing = pool.questions.get(key);
  if (existing !== undefined) return existing;
  const group: QuestionGroup = { key, members: new Set(), asked: undefined };
  pool.questions.set(key, group);
  return group;
}

/**
 * alpha and log_all_failures say nothing about what is asked or when. There may be ten thousand keys, so the plainest question has a
 * short one, in one piece: JSON comes as a chain of pieces that all stay.
 */
function questionKey({ check, delayLoop, delayBeforeRetry, retry, warmup }: CheckerConfig): string {
  if (check.type === 'TCP_CHECK' && check.exchange === undefined) {
    const { address, port, fwmark, connectTimeout, ...others } = check.connection;
    if (Object.keys(others).length === 0) return [address, port, fwmark, connectTimeout, delayLoop, delayBeforeRetry, retry, warmup].join(' ');
  }
  return JSON.stringify([check, delayLoop, delayBeforeRetry, retry, warmup]);
}
