/**
 * Keeps the kernel's LVS tables equal to what is desired: look, plan, apply, trust; on trouble forget, wait, look again.
 * One apply at a time; what is desired meanwhile is planned afterwards. The kernel tells nobody when its tables change, so a look
 * every second finds what others did. Edits do not wait for it: what is written while it goes on is no drift. A look that comes due
 * among edits waits for their answer. It knows nothing about health.
 */

import type { Step } from '../base/step.js';
import { after, earliest, isDue, micros, seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { ReconcilerEffect, ReconcilerEvent } from './events.js';
import { adoption, driftNote, driftOf, driftText } from './drift.js';
import type { IpvsNote } from './notes.js';
import { FIRST_PAUSE, longestPause } from './pauses.js';
import { applyOps, planOps } from './plan.js';
import type { Op } from './plan.js';
import { NO_REFUSALS, afterAnswer, stillRefused, withoutRefused } from './refusals.js';
import type { Refusals } from './refusals.js';
import type { ServiceKey, Tables } from './tables.js';
import { withWritten } from './written.js';

type Phase =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'applying';
      readonly id: number;
      readonly since: Micros;
      readonly giveUpAt: Micros;
      readonly ops: readonly Op[];
      /** What the ops lead to, or nothing when a look since has found more to do; and the services of which some ops were held back. */
      readonly desired: Tables;
      readonly partial: ReadonlySet<ServiceKey>;
    }
  | { readonly kind: 'stopped' };

type Applying = Extract<Phase, { kind: 'applying' }>;

interface Look {
  readonly id: number;
  readonly since: Micros;
  readonly giveUpAt: Micros;
  /** Sent since it began, or on their way then: of what they touch it says nothing. */
  readonly written: readonly Op[];
}

type Release = Extract<ReconcilerEvent, { type: 'stopRequested' }>['release'];

export interface ReconcilerState {
  readonly phase: Phase;
  /** On its way, beside whatever the phase is. */
  readonly look: Look | undefined;
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
/** In trouble it may take up to a quarter. */
const TROUBLED_SHARE = 4;
/** An answer that never comes must not stop everything; adapters answer far earlier. */
const ANSWER_WITHIN = seconds(30);
const STOP_WITHIN = seconds(3);
const NONE: Tables = new Map();
/** Codes that mean "no such family, protocol or option": ip_vs is not there. */
const MISSING = new Set(['ENOENT', 'ESRCH', 'ENOPROTOOPT', 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'ENOSYS', 'ENODEV']);

/** With `lvsFlush` the services of others are deleted at the first look. */
export function initialReconciler(options: { readonly lvsFlush: boolean } = { lvsFlush: false }): ReconcilerState {
  return {
    phase: { kind: 'idle' },
    look: undefined,
    lastId: 0,
    desired: undefined,
    owned: new Set(),
    believed: undefined,
    flushPending: options.lvsFlush,
    lookAt: micros(0),
    lookCost: micros(0),
    pause: FIRST_PAUSE,
    refusals: NO_REFUSALS,
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
  const { phase, look, stopping, refusals, believed } = state;
  if (phase.kind === 'stopped') return undefined;
  const nextLook = look?.giveUpAt ?? (phase.kind === 'idle' && hasWork(state) ? state.lookAt : undefined);
  const nextTry = believed !== undefined && refusals.all.size > 0 ? refusals.tryAt : undefined;
  return [phase.kind === 'applying' ? phase.giveUpAt : nextTry, stopping?.by].reduce(earliest, nextLook);
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
  const { trouble, phase } = state;
  return {
    phase: phase.kind === 'idle' && state.look !== undefined ? 'looking' : phase.kind,
    trusted: state.believed !== undefined,
    ownedServices: state.owned.size,
    refusedCommands: state.refusals.all.size,
    driftRepaired: state.driftRepaired,
    ...(trouble === undefined ? {} : { trouble: `${trouble.type} ${trouble.code}` }),
  };
}

interface Heard {
  readonly state: ReconcilerState;
  readonly notes: readonly IpvsNote[];
}

function hear(state: ReconcilerState, event: ReconcilerEvent, now: Micros): Heard {
  const { phase, look } = state;
  switch (event.type) {
    case 'desiredChanged':
      if (state.stopping !== undefined) return { state, notes: [] };
      return { state: { ...state, desired: event.desired, owned: owning(state.owned, event.desired) }, notes: [] };
    case 'servicesInherited':
      return { state: { ...state, owned: new Set([...state.owned, ...event.services]) }, notes: [] };
    case 'snapshotTaken':
      if (look?.id !== event.id) return { state, notes: [] };
      return looked({ ...state, look: undefined }, look, event.tables, now);
    case 'snapshotFailed':
      if (look?.id !== event.id) return { state, notes: [] };
      return setBack({ ...state, look: undefined }, MISSING.has(event.code) ? 'ipvsMissing' : 'lookFailed', event.code, now, look.since);
    case 'opsApplied':
      if (phase.kind !== 'applying' || phase.id !== event.id) return { state, notes: [] };
      return applied(state, phase, now);
    case 'opsFailed': {
      if (phase.kind !== 'applying' || phase.id !== event.id) return { state, notes: [] };
      return event.failures.length === 0
        ? setBack({ ...state, phase: { kind: 'idle' } }, 'applyFailed', event.code, now, phase.since)
        : refused(state, phase, event, now);
    }
    case 'timeout':
      if (look !== undefined && isDue(look.giveUpAt, now)) return setBack({ ...state, look: undefined }, 'lookFailed', 'ETIMEDOUT', now, now);
      if (phase.kind === 'applying' && isDue(phase.giveUpAt, now)) return setBack({ ...state, phase: { kind: 'idle' } }, 'applyFailed', 'ETIMEDOUT', now, now);
      return { state, notes: [] };
    case 'stopRequested':
      return { state: stopRequested(state, event.release, now), notes: [] };
    default:
      return unreachable(event);
  }
}

/** Trouble with a whole exchange, which is over: nothing is known any more. `since` it began, or now if it never was anything. */
function setBack(
  state: ReconcilerState,
  type: 'ipvsMissing' | 'lookFailed' | 'applyFailed',
  code: string,
  now: Micros,
  since: Micros,
): Heard {
  const told = state.trouble?.type === type && state.trouble.code === code;
  // ENOENT may be a moment's trouble; a kernel that never had ip_vs is asked every second in the end: each time it tries to load it.
  const longest = type === 'ipvsMissing' && !state.adopted ? LOOK_EVERY : longestPause(micros(Math.max(state.lookCost, now - since)), TROUBLED_SHARE);
  const pause = micros(Math.min(state.pause, longest));
  return {
    state: {
      ...state,
      believed: undefined,
      lookAt: after(now, pause),
      pause: micros(2 * pause),
      trouble: { type, code },
    },
    notes: told ? [] : [{ type, code }],
  };
}

function looked(state: ReconcilerState, { since, written }: Look, seen: Tables, now: Micros): Heard {
  // Something went wrong with what was written meanwhile: only a look from after it tells.
  if (written.length > 0 && state.believed === undefined) {
    return { state: { ...state, lookAt: micros(Math.max(state.lookAt, after(now, FIRST_PAUSE))) }, notes: [] };
  }
  const actual = state.believed === undefined ? seen : withWritten(seen, state.believed, written);
  const notes: IpvsNote[] = state.trouble?.type === 'ipvsMissing' ? [{ type: 'ipvsAvailable' }] : [];
  const lookCost = micros(Math.min(now - since, Math.max(2 * state.lookCost, QUICK_LOOK)));
  const owned = ownedAfterLook(state, actual);
  const desired = state.desired ?? new Map();
  const plan = planOps(desired, actual, owned);
  if (!state.adopted && state.stopping === undefined) notes.push(adoption(desired, actual, plan));
  const drift = plan.length === 0 ? [] : driftOf(state.believed, actual, state.owned);
  const lastDrift = driftText(drift);
  if (drift.length > 0 && lastDrift !== state.lastDrift) notes.push(driftNote(drift));
  return {
    state: {
      ...state,
      phase: state.phase.kind === 'applying' ? { ...state.phase, desired: NONE } : state.phase,
      owned,
      flushPending: false,
      adopted: true,
      believed: recognised(actual, desired, plan),
      lookAt: after(now, micros(Math.max(LOOK_EVERY, lookCost * LOOK_SHARE))),
      lookCost,
      pause: FIRST_PAUSE,
      trouble: undefined,
      refusals: stillRefused(state.refusals, plan),
      lastDrift,
      driftRepaired: state.driftRepaired + drift.length,
    },
    notes,
  };
}

/** lvs_flush makes everything ours; what is neither desired nor there any more, nor about to come, is not. */
function ownedAfterLook({ flushPending, owned, desired, phase }: ReconcilerState, actual: Tables): ReadonlySet<ServiceKey> {
  const ours = flushPending ? new Set([...owned, ...actual.keys()]) : owned;
  const coming = new Set(phase.kind === 'applying' ? phase.ops.map(({ key }) => key) : []);
  const kept = [...ours].filter((key) => desired?.has(key) === true || actual.has(key) || coming.has(key));
  return kept.length === ours.size ? ours : new Set(kept);
}

function without(keys: ReadonlySet<ServiceKey>, gone: ReadonlySet<ServiceKey>): ReadonlySet<ServiceKey> {
  return new Set([...keys].filter((key) => !gone.has(key)));
}

function present(keys: ReadonlySet<ServiceKey>, tables: Tables): ReadonlySet<ServiceKey> {
  return new Set([...keys].filter((key) => tables.has(key)));
}

/** `actual` with the services that need no op replaced by the desired objects, so that the next plan skips them. */
function recognised(actual: Tables, desired: Tables, plan: readonly Op[]): Tables {
  const differing = new Set(plan.map((op) => op.key));
  const tables = new Map(actual);
  for (const [key, entry] of desired) if (!differing.has(key)) tables.set(key, entry);
  return tables;
}

function applied(state: ReconcilerState, phase: Applying, now: Micros): Heard {
  const { ops } = phase;
  const { refusals, notes } = afterAnswer(state.refusals, { performed: ops, ops, failures: [], took: micros(now - phase.since) }, now);
  // Forgotten while the answer was on its way: then only a look tells.
  const believed = state.believed === undefined ? undefined : new Map(applyOps(state.believed, ops));
  for (const op of ops) {
    const entry = phase.desired.get(op.key);
    if (entry !== undefined && !phase.partial.has(op.key)) believed?.set(op.key, entry);
  }
  return { state: { ...state, ...changedOwnership(state, ops), phase: { kind: 'idle' }, believed, refusals }, notes };
}

/** Some ops were refused in words. */
function refused(state: ReconcilerState, phase: Applying, answer: Extract<ReconcilerEvent, { type: 'opsFailed' }>, now: Micros): Heard {
  const { ops } = phase;
  const { failures, othersUnknown } = answer;
  const indexes = new Set(failures.map(({ index }) => index));
  const performed = othersUnknown === true ? [] : ops.filter((_, index) => !indexes.has(index));
  const { refusals, notes, isNews } = afterAnswer(state.refusals, { performed, ops, failures, took: micros(now - phase.since) }, now);
  const next = { ...state, phase: { kind: 'idle' }, refusals } as const;
  if (othersUnknown === true) {
    const back = setBack(next, 'applyFailed', answer.code, now, phase.since);
    return { state: back.state, notes: [...notes, ...back.notes] };
  }
  // What is refused once more for the same reason says nothing new of the tables.
  if (!isNews && state.believed !== undefined) {
    return { state: { ...next, ...changedOwnership(state, performed), believed: applyOps(state.believed, performed) }, notes };
  }
  const released = state.released + deletions(state, performed);
  return { state: { ...next, believed: undefined, released, lookAt: after(now, FIRST_PAUSE) }, notes };
}

/** After these ops: what we deleted and do not want is not ours any more. */
function changedOwnership(state: ReconcilerState, performed: readonly Op[]): Pick<ReconcilerState, 'owned' | 'released'> {
  const gone = performed.filter((op) => op.type === 'deleteService' && state.desired?.has(op.key) !== true);
  const owned = gone.length === 0 ? state.owned : without(state.owned, new Set(gone.map(({ key }) => key)));
  return { owned, released: state.released + deletions(state, performed) };
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
  const base = { ...state, stopping, owned, desired: new Map(), refusals: NO_REFUSALS };
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
  if (phase.kind === 'idle' && stopping !== undefined && state.trouble?.type === 'ipvsMissing') return stop(state, []);
  if (phase.kind === 'idle' && desired !== undefined && believed !== undefined) {
    const plan = planOps(desired, believed, state.owned);
    const ops = withoutRefused(plan, state.refusals, now);
    if (ops.length > 0) return apply(state, plan, ops, desired, now);
    // What is not wanted any more is not tried again.
    if (isDue(state.refusals.tryAt, now)) return lookWhenDue({ ...state, refusals: stillRefused(state.refusals, plan) }, now);
  }
  return lookWhenDue(state, now);
}

/** While edits go on none begins: it would take time from them, and say nothing of what they touch. */
function lookWhenDue(state: ReconcilerState, now: Micros): ReconcilerStep {
  const mayLook = state.phase.kind === 'idle' && state.look === undefined && hasWork(state);
  return mayLook && isDue(state.lookAt, now) ? look(state, now) : { state, effects: [], notes: [] };
}

function look(state: ReconcilerState, now: Micros): ReconcilerStep {
  const id = state.lastId + 1;
  const begun: Look = { id, since: now, giveUpAt: after(now, ANSWER_WITHIN), written: [] };
  return { state: { ...state, look: begun, lastId: id }, effects: [{ type: 'snapshot', id }], notes: [] };
}

/** A look that is due begins with the edits: those that never stop must not keep it away. */
function apply(state: ReconcilerState, plan: readonly Op[], ops: readonly Op[], desired: Tables, now: Micros): ReconcilerStep {
  const { state: before, effects } = lookWhenDue(state, now);
  const id = before.lastId + 1;
  const sent = new Set(ops);
  const partial = new Set(plan.filter((op) => !sent.has(op)).map((op) => op.key));
  const phase: Phase = { kind: 'applying', id, since: now, giveUpAt: after(now, ANSWER_WITHIN), ops, desired, partial };
  const aware = before.look === undefined ? undefined : { ...before.look, written: [...before.look.written, ...ops] };
  return { state: { ...before, phase, look: aware, lastId: id }, effects: [{ type: 'apply', id, ops }, ...effects], notes: [] };
}

function stop(state: ReconcilerState, notes: readonly IpvsNote[]): ReconcilerStep {
  return { state: { ...state, phase: { kind: 'stopped' } }, effects: [{ type: 'stopped' }], notes };
}

function giveUpRelease(state: ReconcilerState): ReconcilerStep {
  return stop(state, [{ type: 'releaseFailed', code: state.trouble?.code ?? 'ETIMEDOUT' }]);
}

/** Whether a question to the kernel is on its way. */
export function isAtWork({ phase, look: current }: ReconcilerState): boolean {
  return current !== undefined || phase.kind === 'applying';
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
