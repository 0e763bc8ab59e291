/**
 * The supervisor as a machine: which child processes run, which configuration they have, when a dead one is started
 * again and how everything ends. It forks nothing and reads no file: its effects say what to do.
 */

import type { Micros } from '../base/time.js';
import { after, earliest, isDue, seconds } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Child, ChildrenEffect, ChildrenEvent, ChildrenNote, Ending } from './children-events.js';
import { CHILDREN } from './children-events.js';
import { newChild, type ChildrenState, type ChildState } from './children-state.js';
import { endingNotes, followedBy, step, unchanged, withChild, withoutChild, type ChildrenStep } from './children-step.js';
import { beginReplacement, endedAtReplacement, giveUpReplacement } from './children-replacement.js';
import { dismiss, endedAtStop, leavesServices, PERMANENT, startToTidy, stop, terminateNext } from './children-stop.js';

/** A run at least this long makes the next restart immediate again (keepalived). */
const LONG_RUN = seconds(60);
const FIRST_DELAY = seconds(1);
const LONGEST_DELAY = seconds(60);
const NO_DELAY = seconds(0);
/**
 * From its start to its first word: modules are loaded then, and the machine may be booting. And until it has its first
 * configuration, lest a machine too slow for that starts it for ever; but not for VRRP, whose next process takes over addresses.
 */
const LOADING_PATIENCE = seconds(30);

/** The earliest instant at which a `timeout` has work. */
export function childrenDeadline(state: ChildrenState): Micros | undefined {
  let deadline: Micros | undefined;
  for (const child of state.children.values()) {
    // Nobody can be killed who is still being started.
    const killAt = child.pid === undefined ? undefined : child.killAt;
    deadline = earliest(earliest(deadline, child.silentAt), earliest(child.respawnAt, killAt));
  }
  return deadline;
}

/** Total: an event that does not fit (a stale pid, an answer after the end) changes nothing. */
export function stepChildren(state: ChildrenState, event: ChildrenEvent, now: Micros): ChildrenStep {
  if (state.exited) return unchanged(state);
  switch (event.type) {
    case 'started':
      return step({ ...state, loading: 'start' }, [{ type: 'load' }]);
    case 'reloadRequested':
      return reload(state);
    case 'loaded':
      return loaded(state, event, now);
    case 'loadFailed':
      return loadFailed(state, event.status, now);
    case 'childStarted':
      return childStarted(state, event.child, event.pid, now);
    case 'childReady':
      return childReady(state, event.child, event.pid, now);
    case 'childConfigured':
      return childConfigured(state, event.child, event.pid, event.generation, now);
    case 'childAlive':
      return withLive(state, event.child, event.pid, (child) =>
        step(withChild(state, event.child, watched(state, event.child, child, now))),
      );
    case 'childExited':
      return childExited(state, event.child, event.pid, event.ending, now);
    case 'timeout':
      return timeout(state, now);
    case 'stopRequested':
      return stop(state, 0, now, [{ type: 'stopping' }]);
    case 'replacementRequested':
      return beginReplacement(state, { isBusy: isBusy(state), way: event.way ?? 'inPlace' }, now);
    case 'replacementFailed':
      return giveUpReplacement(state, now);
    default:
      return unreachable(event);
  }
}

function reload(state: ChildrenState): ChildrenStep {
  // The next program reads the configuration anyway.
  if (state.stopStatus !== undefined || state.replacing) return unchanged(state);
  if (isBusy(state)) return step({ ...state, reloadQueued: true }, [], [{ type: 'reloadQueued' }]);
  return step({ ...state, loading: 'reload', reloadQueued: false }, [{ type: 'load' }], [{ type: 'reloading' }]);
}

/**
 * A load is unanswered or a living child still reads its configuration. A child that only waits to be started again
 * does not count: a configuration that kills it must be replaceable.
 */
function isBusy(state: ChildrenState): boolean {
  if (state.loading !== 'no') return true;
  return state.wanted.some((name) => {
    const child = state.children.get(name);
    return child !== undefined && child.respawnAt === undefined && child.configured !== state.generation;
  });
}

function loaded(
  state: ChildrenState,
  event: Extract<ChildrenEvent, { type: 'loaded' }>,
  now: Micros,
): ChildrenStep {
  if (state.stopStatus !== undefined || state.loading === 'no') return unchanged(state);
  const effects: ChildrenEffect[] = [];
  const children = new Map(state.children);
  let tidiesUp = event.inheritsServices === true && !event.children.includes('checkers');
  for (const name of CHILDREN) {
    const child = children.get(name);
    if (event.children.includes(name)) {
      if (child === undefined) {
        children.set(name, newChild(now, NO_DELAY));
        effects.push({ type: 'spawn', child: name });
      } else if (child.pid !== undefined && child.ready && child.killAt === undefined) {
        effects.push({ type: 'configure', child: name, pid: child.pid, generation: event.generation });
      }
    } else if (child?.pid !== undefined) {
      children.set(name, dismiss(name, child, after(now, event.childWaitTime), effects));
    } else if (child?.respawnAt !== undefined) {
      children.delete(name);
      if (name === 'checkers') tidiesUp = true;
    }
  }
  const next: ChildrenState = {
    ...state,
    config: { ...state.config, childWaitTime: event.childWaitTime, aliveTimeout: event.aliveTimeout },
    children,
    wanted: event.children,
    generation: event.generation,
    settling: state.loading,
    loading: 'no',
  };
  const notes: ChildrenNote[] = event.children.length === 0 ? [{ type: 'nothingToRun' }] : [];
  const begun = step(next, effects, notes);
  return followedBy(tidiesUp ? startToTidy(begun, now, after(now, LOADING_PATIENCE)) : begun, settle);
}

function loadFailed(state: ChildrenState, status: number, now: Micros): ChildrenStep {
  if (state.loading === 'no' || state.stopStatus !== undefined) return unchanged(state);
  if (state.loading === 'start') return stop({ ...state, loading: 'no' }, status, now, []);
  const failed = step({ ...state, loading: 'no' }, [], [{ type: 'reloadFailed' }]);
  return followedBy(failed, settle);
}

function childStarted(state: ChildrenState, name: Child, pid: number, now: Micros): ChildrenStep {
  const child = state.children.get(name);
  if (child === undefined || child.pid !== undefined) return unchanged(state);
  const started = { ...child, pid, startedAt: now, silentAt: after(now, LOADING_PATIENCE) };
  const note: ChildrenNote = { type: 'childStarted', child: name, pid };
  if (state.stopStatus !== undefined) {
    const ending = terminateNext(withChild(state, name, { ...started, silentAt: undefined }), now);
    return step(ending.state, ending.effects, [note]);
  }
  if (state.wanted.includes(name)) return step(withChild(state, name, started), [], [note]);
  const effects: ChildrenEffect[] = [];
  const leaving = dismiss(name, started, after(now, state.config.childWaitTime), effects);
  return step(withChild(state, name, leaving), effects, [note]);
}

function childReady(state: ChildrenState, name: Child, pid: number, now: Micros): ChildrenStep {
  return withLive(state, name, pid, (child) =>
    step(withChild(state, name, watched(state, name, { ...child, ready: true }, now)), [
      { type: 'configure', child: name, pid, generation: state.generation },
    ]),
  );
}

function childConfigured(state: ChildrenState, name: Child, pid: number, generation: number, now: Micros): ChildrenStep {
  return withLive(state, name, pid, (child) => {
    const configured = watched(state, name, { ...child, configured: generation }, now);
    if (child.killAt === undefined) return followedBy(step(withChild(state, name, configured)), settle);
    const effects: ChildrenEffect[] = [];
    return step(withChild(state, name, dismiss(name, configured, child.killAt, effects)), effects);
  });
}

/** Announces the end of a start or reload, and begins the one that waited. */
function settle(state: ChildrenState): ChildrenStep {
  const complete =
    state.settling !== 'no' &&
    state.stopStatus === undefined &&
    state.wanted.every((name) => state.children.get(name)?.configured === state.generation);
  const note: ChildrenNote = {
    type: 'configurationComplete',
    reload: state.settling === 'reload',
    generation: state.generation,
  };
  const settled = complete ? step({ ...state, settling: 'no' }, [], [note]) : unchanged(state);
  return followedBy(settled, (next) => (next.reloadQueued && !isBusy(next) ? reload(next) : unchanged(next)));
}

function childExited(
  state: ChildrenState,
  name: Child,
  pid: number | undefined,
  ending: Ending,
  now: Micros,
): ChildrenStep {
  const child = state.children.get(name);
  if (child === undefined || child.pid !== pid || child.respawnAt !== undefined) return unchanged(state);
  if (state.stopStatus !== undefined) return endedAtStop(state, { name, child, pid, ending }, now);
  if (state.replacing) return endedAtReplacement(state, name, pid, ending);
  const without = withoutChild(state, name);
  if (!state.wanted.includes(name)) {
    const ended = step(without, [], endingNotes(name, pid, ending));
    return followedBy(leavesServices(state, name, child, ending) ? startToTidy(ended, now, after(now, LOADING_PATIENCE)) : ended, settle);
  }
  if (child.killAt !== undefined || child.leaving) {
    // A reload dropped it and a later one wants it again.
    const fresh = withChild(state, name, newChild(now, NO_DELAY));
    return step(fresh, [{ type: 'spawn', child: name }], endingNotes(name, pid, ending));
  }
  if (pid !== undefined && ending.type === 'status') {
    const status = PERMANENT.find((permanent) => permanent === ending.status);
    if (status !== undefined) {
      return stop(without, status, now, [{ type: 'childExitedPermanently', child: name, pid, status }]);
    }
  }
  const notes = [...endingNotes(name, pid, ending)];
  if (!state.config.respawn) {
    if (pid !== undefined) notes.push({ type: 'childDiedExiting', child: name, pid });
    return stop(without, 0, now, notes);
  }
  return followedBy(respawn(state, name, child, now, notes), settle);
}

/** The first restart is immediate; after short runs the next ones wait 1, 2, 4 ... 60 s. */
function respawn(
  state: ChildrenState,
  name: Child,
  child: ChildState,
  now: Micros,
  notes: ChildrenNote[],
): ChildrenStep {
  const ranLong = child.pid !== undefined && now - child.startedAt >= LONG_RUN;
  const delay = ranLong ? NO_DELAY : child.nextDelay;
  const nextDelay = delay === 0 ? FIRST_DELAY : (Math.min(delay * 2, LONGEST_DELAY) as Micros);
  if (child.pid !== undefined) notes.push({ type: 'childDiedRespawning', child: name, pid: child.pid });
  if (delay === 0) {
    return step(withChild(state, name, newChild(now, nextDelay)), [{ type: 'spawn', child: name }], notes);
  }
  notes.push({ type: 'restartDelayed', child: name, delay });
  return step(withChild(state, name, { ...newChild(now, nextDelay), respawnAt: after(now, delay) }), [], notes);
}

function timeout(state: ChildrenState, now: Micros): ChildrenStep {
  const effects: ChildrenEffect[] = [];
  const notes: ChildrenNote[] = [];
  const children = new Map(state.children);
  for (const [name, child] of state.children) {
    const { pid } = child;
    if (isDue(child.respawnAt, now)) {
      children.set(name, { ...child, respawnAt: undefined });
      effects.push({ type: 'spawn', child: name });
    } else if (pid !== undefined && isDue(child.killAt, now)) {
      children.set(name, { ...child, killAt: undefined, silentAt: undefined, leaving: true });
      effects.push({ type: 'kill', child: name, pid });
      notes.push({ type: 'childKilled', child: name, pid });
    } else if (pid !== undefined && isDue(child.silentAt, now)) {
      children.set(name, judgeSilence(state, name, { ...child, pid }, now, effects, notes));
    }
  }
  return step({ ...state, children }, effects, notes);
}

/** Kills a silent child, unless the supervisor itself was asleep: then what the child said is still unread. */
function judgeSilence(
  state: ChildrenState,
  name: Child,
  child: ChildState & { readonly pid: number },
  now: Micros,
  effects: ChildrenEffect[],
  notes: ChildrenNote[],
): ChildState {
  const allowed = patience(state, name, child) ?? NO_DELAY;
  if (now - (child.silentAt ?? now) > allowed / 2) return { ...child, silentAt: after(now, allowed) };
  effects.push({ type: 'kill', child: name, pid: child.pid });
  notes.push({ type: 'childSilent', child: name, pid: child.pid, silence: allowed });
  return { ...child, silentAt: undefined };
}

/** It has just been heard. */
function watched(state: ChildrenState, name: Child, child: ChildState, now: Micros): ChildState {
  const allowed = patience(state, name, child);
  const isWatched = allowed !== undefined && child.killAt === undefined && state.stopStatus === undefined && !state.replacing;
  return { ...child, silentAt: isWatched ? after(now, allowed) : undefined };
}

/** How long it may be silent; undefined = not watched. */
function patience(state: ChildrenState, name: Child, child: ChildState): Micros | undefined {
  const allowed = state.config.aliveTimeout[name];
  if (!child.ready) return LOADING_PATIENCE;
  return child.configured === 0 && name !== 'vrrp' && allowed !== undefined ? LOADING_PATIENCE : allowed;
}

/** Runs `f` for a child that is alive under this pid and not told to leave. */
function withLive(
  state: ChildrenState,
  name: Child,
  pid: number,
  f: (child: ChildState) => ChildrenStep,
): ChildrenStep {
  const child = state.children.get(name);
  return child?.pid !== pid || child.leaving ? unchanged(state) : f(child);
}
