/** What the steps of the supervisor's machine are made of. No rules. */

import type { Step } from '../base/step.js';
import type { Child, ChildrenEffect, ChildrenNote, Ending } from './children-events.js';
import type { ChildrenState, ChildState } from './children-state.js';

export type ChildrenStep = Step<ChildrenState, ChildrenEffect, ChildrenNote>;

export function step(
  state: ChildrenState,
  effects: readonly ChildrenEffect[] = [],
  notes: readonly ChildrenNote[] = [],
): ChildrenStep {
  return { state, effects, notes };
}

export function unchanged(state: ChildrenState): ChildrenStep {
  return step(state);
}

export function followedBy(first: ChildrenStep, f: (state: ChildrenState) => ChildrenStep): ChildrenStep {
  const second = f(first.state);
  return step(second.state, [...first.effects, ...second.effects], [...first.notes, ...second.notes]);
}

export function withChild(state: ChildrenState, name: Child, child: ChildState): ChildrenState {
  return { ...state, children: new Map(state.children).set(name, child) };
}

export function withoutChild(state: ChildrenState, name: Child): ChildrenState {
  const children = new Map(state.children);
  children.delete(name);
  return { ...state, children };
}

/** Of an orderly end there is nothing to say. */
export function endingNotes(child: Child, pid: number | undefined, ending: Ending): readonly ChildrenNote[] {
  if (pid === undefined) return [{ type: 'childNotStarted', child, ending }];
  if (ending.type === 'status' && ending.status === 0) return [];
  return [{ type: 'childExited', child, pid, ending }];
}
