/**
 * Keeps the kernel's LVS tables equal to what is desired: look, plan, apply, trust; on trouble forget, wait, look again.
 * One question to the kernel at a time; what is desired meanwhile is planned afterwards. The kernel tells nobody when its
 * tables change, so a look every second finds what others did. It knows nothing about health.
 */

import type { Step } from '../base/step.js';
import { after, isDue, micros, milliseconds, seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { ReconcilerEffect, ReconcilerEvent } from './events.js';
import { opLabels } from './labels.js';
import type { IpvsNote } from './notes.js';
import { applyOps, planOps } from './plan.js';
import type { Op } from './plan.js';
import { afterAnswer, stillRefused, withoutRefused } from './refusals.js';
import type { Refusals } from './refusals.js';
import type { ServiceKey, Tables } from './tables.js';

type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'looking'; readonly id: number; readonly since: Micros; readonly giveUpAt: Micros }
  | {
      readonly kind: 'applying';
      readonly id: number;
      readonly giveUpAt: Micros;
      readonly ops: readonly Op[];
      /** What the ops lead to, and the services among them of which some ops were held back. */
      readonly desired: Tables;
      readonly partial: ReadonlySet<ServiceKey>;
    }
  | { readonly kind: 'stopped' };

type Release = Extract<ReconcilerEvent, { type: 'stopRequested' }>['release'];

export interface ReconcilerState {
  readonly phase: Phase;
  readonly lastId: number;
  /** Undefined until told: nothing is looked at or changed before. */
  readonly desired: Tables | undefined;
  /** Services we ever desired and have not deleted since; the only ones we may delete. */
  readonly owned: ReadonlySet<ServiceKey>;
  /** What the kernel holds as far as we know; undefined after trouble. */
  readonly believed: Tables | undefined;
  /** lvs_flush: at the first look everything in the kernel counts as ours. */
  readonly flushPending: boolean;
  readonly lookAt: Micros;
  /** What a look took of late. A process that slept during one did not look for so long: it counts for little at once. */
  readonly lookCost: Micros;
  readonly pause: Micros;
  readonly refusals: Refusals;
  /** The trouble last told, so that it is told once. */
  readonly trouble: { readonly type: 'ipvsMissing' | 'lookFailed' | 'applyFailed'; readonly code: string } | undefined;
  readonly adopted: boolean;
  /** The drift found by the last look, as text, so that a kernel that keeps undoing something is told once. */
  readonly lastDrift: string;
  readonly driftRepaired: number;
  /** Services deleted since the stop was requested. */
  readonly released: number;
  readonly stopping: { readonly release: Release; readonly by: Micros } | undefined;
}

const LOOK_EVERY = seconds(1);
/** Reading very large tables takes time: looking may take up to a tenth of it. */
const LOOK_SHARE = 10;
/** A look that takes no longer never delays the next one. */
const QUICK_LOOK = micros(LOOK_EVERY / LOOK_SHARE);
const FIRST_PAUSE = milliseconds(100);
const LONGEST_PAUSE = seconds(5);
/** An answer that never comes must not stop everything; adapters answer far earlier. */
const ANSWER_WITHIN = seconds(30);
const STOP_WITHIN = seconds(3);
const DRIFT_NAMED = 10;
/** Codes that mean "no such family, protocol or option": ip_vs is not there. */
const MISSING = new Set(['ENOENT', 'ESRCH', 'ENOPROTOOPT', 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'ENOSYS', 'ENODEV']);

/** With `lvsFlush` the services of others are deleted at the first look. */
export function initialReconciler(options: { readonly lvsFlush: boolean } = { lvsFlush: false }): ReconcilerState {
  return {
    phase: { kind: 'idle' },
    lastId: 0,
    desired: undefined,
    owned: new Set(),
    believed: undefined,
    flushPending: options.lvsFlush,
    lookAt: micros(0),
    lookCost: micros(0),
    pause: FIRST_PAUSE,
    refusals: new Map(),
    trouble: undefined,
    adopted: false,
    lastDrift: '',
    driftRepaired: 0,
    released: 0,
    stopping: undefined,
  };
}

export type ReconcilerStep = Step<ReconcilerState, ReconcilerEffect, IpvsNote>;

/** Total: answers with an unknown or old id change nothing. */
export function stepReconciler(state: ReconcilerState, event: ReconcilerEvent, now: Micros): ReconcilerStep {
  if (state.phase.kind === 'stopped') return { state, effects: [], notes: [] };
  const heard = hear(state, event, now);
  const next = proceed(heard.state, now);
  return { state: next.state, effects: next.effects, notes: [...heard.notes, ...next.notes] };
}

/** When `timeout` is next worth delivering. */
export function reconcilerDeadline(state: ReconcilerState): Micros | undefined {
  const { phase, stopping } = state;
  if (phase.kind === 'stopped') return undefined;
  const due = phase.kind === 'idle' ? (hasWork(state) ? state.lookAt : undefined) : phase.giveUpAt;
  return stopping !== undefined && (due === undefined || stopping.by < due) ? stopping.by : due;
}

/** Plain data for status surfaces. */
export function describeReconciler(state: ReconcilerState): {
  readonly phase: string;
  readonly trusted: boolean;
  readonly ownedServices: number;
  readonly refusedCommands: number;
  readonly driftRepaired: number;
  readonly trouble?: string;
} {
  const { trouble } = state;
  return {
    phase: state.phase.kind,
    trusted: state.believed !== undefined,
    ownedServices: state.owned.size,
    refusedCommands: state.refusals.size,
    driftRepaired: state.driftRepaired,
    ...(trouble === undefined ? {} : { trouble: `${trouble.type} ${trouble.code}` }),
  };
}

interface Heard {
  readonly state: ReconcilerState;
  readonly notes: readonly IpvsNote[];
}

function hear(state: ReconcilerState, event: ReconcilerEvent, now: Micros): Heard {
  const { phase } = state;
  switch (event.type) {
    case 'desiredChanged':
      if (state.stopping !== undefined) return { state, notes: [] };
      return { state: { ...state, desired: event.desired, owned: owning(state.owned, event.desired) }, notes: [] };
    case 'snapshotTaken':
      if (phase.kind !== 'looking' || phase.id !== event.id) return { state, notes: [] };
      return looked(state, event.tables, phase.since, now);
    case 'snapshotFailed':
      if (phase.kind !== 'looking' || phase.id !== event.id) return { state, notes: [] };
      return setBack(state, MISSING.has(event.code) ? 'ipvsMissing' : 'lookFailed', event.code, now);
    case 'opsApplied':
      if (phase.kind !== 'applying' || phase.id !== event.id) return { state, notes: [] };
      return applied(state, phase, now);
    case 'opsFailed': {
      if (phase.kind !== 'applying' || phase.id !== event.id) return { state, notes: [] };
      if (event.failures.length === 0) return setBack(state, 'applyFailed', event.code, now);
      const { refusals, notes } = afterAnswer(state.refusals, phase.ops, event.failures, now);
      const refused = new Set(event.failures.map(({ index }) => index));
      const released = state.released + deletions(state, phase.ops.filter((_, index) => !refused.has(index)));
      const lookAt = after(now, FIRST_PAUSE);
      return { state: { ...state, phase: { kind: 'idle' }, believed: undefined, refusals, released, lookAt }, notes };
    }
    case 'timeout':
      if (phase.kind === 'looking' && isDue(phase.giveUpAt, now)) return setBack(state, 'lookFailed', 'ETIMEDOUT', now);
      if (phase.kind === 'applying' && isDue(phase.giveUpAt, now)) return setBack(state, 'applyFailed', 'ETIMEDOUT', now);
      return { state, notes: [] };
    case 'stopRequested':
      return { state: stopRequested(state, event.release, now), notes: [] };
    default:
      return unreachable(event);
  }
}

/** Trouble with the whole exchange: nothing is known any more. */
function setBack(
  state: ReconcilerState,
  type: 'ipvsMissing' | 'lookFailed' | 'applyFailed',
  code: string,
  now: Micros,
): Heard {
  const told = state.trouble?.type === type && state.trouble.code === code;
  // ENOENT may be a moment's trouble; a kernel without ip_vs is asked every second in the end.
  const pause = type === 'ipvsMissing' ? micros(Math.min(state.pause, LOOK_EVERY)) : state.pause;
  return {
    state: {
      ...state,
      phase: { kind: 'idle' },
      believed: undefined,
      lookAt: after(now, pause),
      pause: Math.min(state.pause * 2, LONGEST_PAUSE) as Micros,
      trouble: { type, code },
    },
    notes: told ? [] : [{ type, code }],
  };
}

function looked(state: ReconcilerState, actual: Tables, since: Micros, now: Micros): Heard {
  const notes: IpvsNote[] = state.trouble?.type === 'ipvsMissing' ? [{ type: 'ipvsAvailable' }] : [];
  const lookCost = micros(Math.min(now - since, Math.max(2 * state.lookCost, QUICK_LOOK)));
  const owned = ownedAfterLook(state, actual);
  const desired = state.desired ?? new Map();
  const plan = planOps(desired, actual, owned);
  if (!state.adopted && state.stopping === undefined) notes.push(adoption(desired, actual, plan));
  const drift = plan.length === 0 ? [] : driftOf(state, actual);
  const driftText = drift.map((op) => JSON.stringify([op.type, opLabels(op)])).join();
  if (drift.length > 0 && driftText !== state.lastDrift) notes.push(driftNote(drift));
  return {
    state: {
      ...state,
      phase: { kind: 'idle' },
      owned,
      flushPending: false,
      adopted: true,
      believed: recognised(actual, desired, plan),
      lookAt: after(now, micros(Math.max(LOOK_EVERY, lookCost * LOOK_SHARE))),
      lookCost,
      pause: FIRST_PAUSE,
      trouble: undefined,
      refusals: stillRefused(state.refusals, plan),
      lastDrift: driftText,
      driftRepaired: state.driftRepaired + drift.length,
    },
    notes,
  };
}

/** lvs_flush makes everything ours; what is neither desired nor there any more is not. */
function ownedAfterLook({ flushPending, owned, desired }: ReconcilerState, actual: Tables): ReadonlySet<ServiceKey> {
  const ours = flushPending ? new Set([...owned, ...actual.keys()]) : owned;
  const kept = [...ours].filter((key) => desired?.has(key) === true || actual.has(key));
  return kept.length === ours.size ? ours : new Set(kept);
}

function present(keys: ReadonlySet<ServiceKey>, tables: Tables): ReadonlySet<ServiceKey> {
  return new Set([...keys].filter((key) => tables.has(key)));
}

/** What others did to entries of ours since we last knew. */
function driftOf({ believed, owned }: ReconcilerState, actual: Tables): readonly Op[] {
  return believed === undefined ? [] : planOps(believed, actual, owned).filter((op) => owned.has(op.key));
}

function driftNote(drift: readonly Op[]): IpvsNote {
  const named = drift.slice(0, DRIFT_NAMED).map((op) => ({ repair: op.type, ...opLabels(op) }));
  return { type: 'driftFound', count: drift.length, named };
}

function adoption(desired: Tables, actual: Tables, plan: readonly Op[]): IpvsNote {
  let services = 0;
  let destinations = 0;
  for (const [key, entry] of desired) {
    const present = actual.get(key);
    if (present === undefined) continue;
    services += 1;
    for (const destinationKey of entry.destinations.keys()) if (present.destinations.has(destinationKey)) destinations += 1;
  }
  return { type: 'tablesAdopted', services, destinations, edits: plan.length };
}

/** `actual` with the services that need no op replaced by the desired objects, so that the next plan skips them. */
function recognised(actual: Tables, desired: Tables, plan: readonly Op[]): Tables {
  const differing = new Set(plan.map((op) => op.key));
  const tables = new Map(actual);
  for (const [key, entry] of desired) if (!differing.has(key)) tables.set(key, entry);
  return tables;
}

function applied(state: ReconcilerState, phase: Extract<Phase, { kind: 'applying' }>, now: Micros): Heard {
  const { refusals, notes } = afterAnswer(state.refusals, phase.ops, [], now);
  // Forgotten while the answer was on its way: then only a look tells.
  const believed = state.believed === undefined ? undefined : new Map(applyOps(state.believed, phase.ops));
  const owned = new Set(state.owned);
  const released = state.released + deletions(state, phase.ops);
  for (const op of phase.ops) {
    const entry = phase.desired.get(op.key);
    if (entry !== undefined && !phase.partial.has(op.key)) believed?.set(op.key, entry);
    if (op.type === 'deleteService' && state.desired?.has(op.key) !== true) owned.delete(op.key);
  }
  return { state: { ...state, phase: { kind: 'idle' }, believed, owned, refusals, released }, notes };
}

/** Services that these ops deleted, if we are stopping. */
function deletions({ stopping }: ReconcilerState, performed: readonly Op[]): number {
  return stopping === undefined ? 0 : performed.filter(({ type }) => type === 'deleteService').length;
}

function stopRequested(state: ReconcilerState, release: Release, now: Micros): ReconcilerState {
  if (state.stopping !== undefined) return state;
  const stopping = { release, by: after(now, STOP_WITHIN) };
  const known = state.phase.kind === 'idle' ? state.believed : undefined;
  const owned = known === undefined ? state.owned : present(state.owned, known);
  const base = { ...state, stopping, owned, desired: new Map(), refusals: new Map() };
  // Deleting what belongs to others needs a look of now, not of up to a second ago.
  return release === 'all' ? { ...base, flushPending: true, believed: undefined, lookAt: now } : base;
}

/** Starts the next question to the kernel if there is one to ask. */
function proceed(state: ReconcilerState, now: Micros): ReconcilerStep {
  const { stopping, phase, desired, believed } = state;
  if (stopping !== undefined && (stopping.release === 'nothing' || !hasWork(state))) {
    return stop(state, state.released === 0 ? [] : [{ type: 'servicesReleased', count: state.released }]);
  }
  if (stopping !== undefined && isDue(stopping.by, now)) return giveUpRelease(state);
  if (phase.kind !== 'idle' || desired === undefined) return { state, effects: [], notes: [] };
  if (stopping !== undefined && state.trouble?.type === 'ipvsMissing') return stop(state, []);
  if (believed !== undefined) {
    const plan = planOps(desired, believed, state.owned);
    const ops = withoutRefused(plan, state.refusals, now);
    if (ops.length > 0) return apply(state, plan, ops, desired, now);
  }
  if (!hasWork(state) || !isDue(state.lookAt, now)) return { state, effects: [], notes: [] };
  const id = state.lastId + 1;
  const looking: Phase = { kind: 'looking', id, since: now, giveUpAt: after(now, ANSWER_WITHIN) };
  return { state: { ...state, phase: looking, lastId: id }, effects: [{ type: 'snapshot', id }], notes: [] };
}

function apply(
  state: ReconcilerState,
  plan: readonly Op[],
  ops: readonly Op[],
  desired: Tables,
  now: Micros,
): ReconcilerStep {
  const id = state.lastId + 1;
  const sent = new Set(ops);
  const partial = new Set(plan.filter((op) => !sent.has(op)).map((op) => op.key));
  const phase: Phase = { kind: 'applying', id, giveUpAt: after(now, ANSWER_WITHIN), ops, desired, partial };
  return { state: { ...state, phase, lastId: id }, effects: [{ type: 'apply', id, ops }], notes: [] };
}

function stop(state: ReconcilerState, notes: readonly IpvsNote[]): ReconcilerStep {
  return { state: { ...state, phase: { kind: 'stopped' } }, effects: [{ type: 'stopped' }], notes };
}

function giveUpRelease(state: ReconcilerState): ReconcilerStep {
  return stop(state, [{ type: 'releaseFailed', code: state.trouble?.code ?? 'ETIMEDOUT' }]);
}

/** False while nothing of ours is or should be in the kernel: then there is nothing to look for. */
function hasWork({ desired, owned, flushPending }: ReconcilerState): boolean {
  return desired !== undefined && (desired.size > 0 || owned.size > 0 || flushPending);
}

function owning(owned: ReadonlySet<ServiceKey>, desired: Tables): ReadonlySet<ServiceKey> {
  let next: Set<ServiceKey> | undefined;
  for (const key of desired.keys()) {
    if (!owned.has(key)) (next ??= new Set(owned)).add(key);
  }
  return next ?? owned;
}
