/**
 * How children end: in order, each within its time, and none before it can put in order what it is there for. What a
 * checkers process that died has left in the kernel is known by the configuration alone, so the next one has that first.
 */

import type { Micros } from '../base/time.js';
import { after, seconds } from '../base/time.js';
import type { Child, ChildrenEffect, ChildrenNote, Ending } from './children-events.js';
import { newChild, type ChildrenState, type ChildState } from './children-state.js';
import { endingNotes, followedBy, step, unchanged, withChild, withoutChild, type ChildrenStep } from './children-step.js';

/** keepalived's exit statuses that no restart can cure: fatal, configuration, missing permission. */
export const PERMANENT = [1, 2, 4] as const;

/**
 * Everything ends with `status`: TERM, and KILL after childWaitTime. Checkers that wait to be started again are started, to
 * remove what the process before them has left; for VRRP the guardian does that.
 */
export function stop(state: ChildrenState, status: number, now: Micros, notes: readonly ChildrenNote[]): ChildrenStep {
  if (state.stopStatus !== undefined) return unchanged(state);
  const children = new Map<Child, ChildState>();
  for (const [name, child] of state.children) {
    if (child.respawnAt === undefined) children.set(name, { ...child, silentAt: undefined });
  }
  const begun = step({ ...state, children, stopStatus: status }, [], notes);
  const checkers = state.children.get('checkers');
  // Those that a restart in place has relieved have left their services behind.
  const isRelieved = state.replacing && checkers === undefined && state.wanted.includes('checkers');
  const isAwaited = checkers?.respawnAt !== undefined || isRelieved;
  return followedBy(isAwaited ? startToTidy(begun, now, undefined) : begun, (next) => terminateNext(next, now));
}

/** One of them has ended while everything ends. */
export function endedAtStop(
  state: ChildrenState,
  { name, child, pid, ending }: { readonly name: Child; readonly child: ChildState; readonly pid: number | undefined; readonly ending: Ending },
  now: Micros,
): ChildrenStep {
  const without = step(withoutChild(state, name), [], endingNotes(name, pid, ending));
  const tidying = leavesWork(state, name, child, ending) ? startToTidy(without, now, child.killAt) : without;
  return followedBy(tidying, (next) => terminateNext(next, now));
}

/** It died before anybody told it to leave, or was relieved by a program that never came. What dies once more would die for ever. */
function leavesWork(state: ChildrenState, name: Child, child: ChildState, ending: Ending): boolean {
  if (name === 'checkers' && state.replacing && !child.tidying) return true;
  return !child.leaving && leavesServices(state, name, child, ending);
}

/** It did not end in order, so what it has in the kernel's tables is still there. */
export function leavesServices({ config }: ChildrenState, name: Child, child: ChildState, ending: Ending): boolean {
  if (name !== 'checkers' || !config.respawn || child.pid === undefined || child.tidying) return false;
  return ending.type === 'signal' || (ending.status !== 0 && !PERMANENT.some((status) => status === ending.status));
}

/** A checkers process that nobody wants, for what the one before it has left. */
export function startToTidy({ state, effects, notes }: ChildrenStep, now: Micros, killAt: Micros | undefined): ChildrenStep {
  const child = { ...newChild(now, seconds(0)), tidying: true, killAt };
  const spawn: ChildrenEffect = { type: 'spawn', child: 'checkers' };
  return step(withChild(state, 'checkers', child), [...effects, spawn], [...notes, { type: 'childStartedToTidy', child: 'checkers' }]);
}

/** VRRP leaves first: while its addresses wait for a successor, the services behind them go on. */
export function terminateNext(state: ChildrenState, now: Micros): ChildrenStep {
  const effects: ChildrenEffect[] = [];
  const children = new Map(state.children);
  for (const [name, child] of state.children) {
    if (name !== 'vrrp' && state.children.has('vrrp')) continue;
    children.set(name, dismiss(name, child, after(now, state.config.childWaitTime), effects));
  }
  if (children.size > 0) return step({ ...state, children }, effects);
  return step({ ...state, children, exited: true }, [...effects, { type: 'exit', status: state.stopStatus ?? 0 }]);
}

/**
 * The child shall leave, at `killAt` by force: it is told at once, or when it has a configuration and so knows what there is
 * to remove. One that is being started, or was told before, stays as it is.
 */
export function dismiss(name: Child, child: ChildState, killAt: Micros, effects: ChildrenEffect[]): ChildState {
  const { pid } = child;
  if (pid === undefined || child.leaving) return child;
  const dismissed: ChildState = { ...child, silentAt: undefined, killAt: child.killAt ?? killAt };
  if (name === 'checkers' && child.configured === 0) return dismissed;
  effects.push({ type: 'terminate', child: name, pid });
  return { ...dismissed, leaving: true };
}
