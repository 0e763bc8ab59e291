/**
 * A restart in place: another program takes over this process and what its children hold. All but VRRP leave first, and leave
 * everything as it is; VRRP speaks until its successor is ready, which the next program sees to.
 */

import type { Micros } from '../base/time.js';
import { after, seconds } from '../base/time.js';
import type { Child, ChildrenEffect, Ending } from './children-events.js';
import { newChild, type ChildrenState, type ChildState } from './children-state.js';
import { endingNotes, followedBy, step, unchanged, withoutChild, type ChildrenStep } from './children-step.js';

/** `isBusy`: a configuration is on its way to somebody. Then, and while everything ends, the answer is no. */
export function beginReplacement(
  state: ChildrenState,
  { isBusy, way }: { readonly isBusy: boolean; readonly way: 'inPlace' | 'asStop' },
  now: Micros,
): ChildrenStep {
  if (state.replacing) return unchanged(state);
  if (isBusy || state.settling !== 'no' || state.stopStatus !== undefined) return step(state, [], [{ type: 'replacementRefused' }]);
  const effects: ChildrenEffect[] = [];
  const children = new Map<Child, ChildState>();
  for (const [name, child] of state.children) {
    const { pid } = child;
    // Who waits to be started is the next program's to start.
    if (pid === undefined) continue;
    const silentAt = undefined;
    children.set(name, name === 'vrrp' ? { ...child, silentAt } : { ...child, silentAt, leaving: true, killAt: after(now, state.config.childWaitTime) });
    effects.push({ type: 'relieve', child: name, pid });
  }
  return followedBy(step({ ...state, children, replacing: true }, effects, [{ type: way === 'inPlace' ? 'replacing' : 'leaving' }]), replaceWhenAlone);
}

/** One of them has ended meanwhile. */
export function endedAtReplacement(state: ChildrenState, name: Child, pid: number | undefined, ending: Ending): ChildrenStep {
  return followedBy(step(withoutChild(state, name), [], endingNotes(name, pid, ending)), replaceWhenAlone);
}

/** The other program could not be started after all: whoever has left is started again. */
export function giveUpReplacement(state: ChildrenState, now: Micros): ChildrenStep {
  if (!state.replacing || state.stopStatus !== undefined) return unchanged(state);
  const children = new Map(state.children);
  const effects: ChildrenEffect[] = [];
  for (const name of state.wanted) {
    const pid = children.get(name)?.pid;
    if (pid === undefined) {
      children.set(name, newChild(now, seconds(0)));
      effects.push({ type: 'spawn', child: name });
    } else if (name === 'vrrp') effects.push({ type: 'retain', child: name, pid });
  }
  return step({ ...state, children, replacing: false }, effects);
}

function replaceWhenAlone(state: ChildrenState): ChildrenStep {
  const others = [...state.children.keys()].filter((name) => name !== 'vrrp');
  return others.length > 0 ? unchanged(state) : step(state, [{ type: 'replace' }]);
}
