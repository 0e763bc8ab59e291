/**
 * Pool and reconciler as one machine: what the checks find becomes what the kernel should hold. It joins them and decides
 * nothing itself. Like the pool it changes the state it is given: use the state of the last step only.
 */

import type { Step } from '../base/step.js';
import { after, earliest, isDue, milliseconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { desiredTables, haveTablesChanged } from '../health/desired.js';
import type { PoolEffect, PoolEvent } from '../health/events.js';
import type { HealthNote } from '../health/notes.js';
import { initialPool } from '../health/pool-state.js';
import type { PoolState } from '../health/pool-state.js';
import { poolDeadline, stepPool } from '../health/pool.js';
import type { ReconcilerEffect, ReconcilerEvent } from '../ipvs/events.js';
import type { IpvsNote } from '../ipvs/notes.js';
import type { ServiceKey } from '../ipvs/tables.js';
import { initialReconciler, reconcilerDeadline, stepReconciler } from '../ipvs/reconciler.js';
import type { ReconcilerState } from '../ipvs/reconciler.js';
import type { Machine } from './driver.js';

export type LvsEvent =
  | Extract<
      PoolEvent,
      { readonly type: 'reconfigured' | 'probeAnswered' | 'passesSeen' | 'fileRead' | 'sessionChanged' | 'addressChanged' | 'holdsInherited' | 'resumeRequested' }
    >
  | Exclude<ReconcilerEvent, { readonly type: 'desiredChanged' }>;

export type LvsEffect =
  | PoolEffect
  | ReconcilerEffect
  /** All services that may be in the kernel by our doing, before they are: a process that takes our place has to know them. */
  | { readonly type: 'servicesOwned'; readonly services: readonly ServiceKey[] };
export type LvsNote = HealthNote | IpvsNote;

export interface LvsState {
  readonly pool: PoolState;
  readonly reconciler: ReconcilerState;
  /**
   * When the reconciler is to be told what health has changed. Telling costs time in proportion to the tables, so it waits
   * for the alarm: checks that fail together are told together.
   */
  readonly tellAt: Micros | undefined;
  readonly toldAt: Micros | undefined;
}

export type LvsStep = Step<LvsState, LvsEffect, LvsNote>;
export type LvsMachine = Machine<LvsState, LvsEvent, LvsEffect, LvsNote>;

/** Between two tellings at least: when ten thousand servers fail one by one, health must not take all the time there is. */
const TELL_EVERY = milliseconds(10);

/** `lvsFlush`: what others left in the kernel is removed at the first look. `foresight`: see checkerDeadline; `slack`: see PoolState. */
export function createLvsMachine(options: { readonly lvsFlush: boolean; readonly foresight?: Micros; readonly slack?: Micros }): LvsMachine {
  return {
    initial: (seed) => ({
      pool: initialPool(seed, options.foresight, options.slack),
      reconciler: initialReconciler(options),
      tellAt: undefined,
      toldAt: undefined,
    }),
    step: (state, event, now) => tellOwned(state, stepLvs(state, event, now)),
    deadline: lvsDeadline,
  };
}

function lvsDeadline({ pool, reconciler, tellAt }: LvsState): Micros | undefined {
  return earliest(tellAt, earliest(poolDeadline(pool), reconcilerDeadline(reconciler)));
}

function stepLvs(state: LvsState, event: LvsEvent, now: Micros): LvsStep {
  switch (event.type) {
    case 'reconfigured':
      return followedBy(toPool(state, event, now), (next) => tellDesired(next, now));
    case 'probeAnswered':
    case 'passesSeen':
    case 'fileRead':
    case 'sessionChanged':
    case 'addressChanged':
    case 'holdsInherited':
    case 'resumeRequested':
      return toPool(state, event, now);
    case 'snapshotTaken': {
      const { idle } = event;
      const seen = toReconciler(state, event, now);
      if (idle === undefined || state.pool.draining.size === 0) return seen;
      return followedBy(seen, (next) => toPool(next, { type: 'entriesSeenIdle', idle }, now));
    }
    case 'servicesInherited':
    case 'snapshotFailed':
    case 'opsApplied':
    case 'opsFailed':
      return toReconciler(state, event, now);
    case 'timeout':
      return followedBy(
        followedBy(expirePool(state, now), (next) => (isDue(next.tellAt, now) ? tellDesired(next, now) : unchanged(next))),
        (next) => (isDue(reconcilerDeadline(next.reconciler), now) ? toReconciler(next, event, now) : unchanged(next)),
      );
    case 'stopRequested': {
      const stopped = toPool(state, { type: 'stopRequested', keepTables: event.release === 'nothing' }, now);
      return followedBy(stopped, (next) => toReconciler({ ...next, tellAt: undefined }, event, now));
    }
    default:
      return unreachable(event);
  }
}

function tellOwned(before: LvsState, step: LvsStep): LvsStep {
  const { owned } = step.state.reconciler;
  if (owned === before.reconciler.owned) return step;
  return { ...step, effects: [{ type: 'servicesOwned', services: [...owned] }, ...step.effects] };
}

function expirePool(state: LvsState, now: Micros): LvsStep {
  return isDue(poolDeadline(state.pool), now) ? toPool(state, { type: 'timeout' }, now) : unchanged(state);
}

function toPool(state: LvsState, event: PoolEvent, now: Micros): LvsStep {
  const { state: pool, effects, notes } = stepPool(state.pool, event, now);
  const tellAt = state.tellAt ?? (haveTablesChanged(pool) ? nextTelling(state, now) : undefined);
  return { state: { ...state, pool, tellAt }, effects, notes };
}

function nextTelling({ toldAt }: LvsState, now: Micros): Micros {
  return toldAt === undefined || toldAt + TELL_EVERY < now ? now : after(toldAt, TELL_EVERY);
}

function tellDesired(state: LvsState, now: Micros): LvsStep {
  if (state.tellAt === undefined) return unchanged(state);
  const told: LvsState = { ...state, tellAt: undefined, toldAt: now };
  return toReconciler(told, { type: 'desiredChanged', desired: desiredTables(state.pool) }, now);
}

function toReconciler(state: LvsState, event: ReconcilerEvent, now: Micros): LvsStep {
  const { state: reconciler, effects, notes } = stepReconciler(state.reconciler, event, now);
  return { state: { ...state, reconciler }, effects, notes };
}

function unchanged(state: LvsState): LvsStep {
  return { state, effects: [], notes: [] };
}

function followedBy(first: LvsStep, f: (state: LvsState) => LvsStep): LvsStep {
  const second = f(first.state);
  return {
    state: second.state,
    effects: [...first.effects, ...second.effects],
    notes: [...first.notes, ...second.notes],
  };
}
