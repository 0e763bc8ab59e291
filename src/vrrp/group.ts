/**
 * Sync groups: members change state together. A member changes first (its own log, its own notification), then the group
 * pulls the others along and notifies for itself.
 */

import { present } from '../base/invariant.js';
import type { SyncGroupConfig } from './config.js';
import { stepInstance, type InstanceEvent, type TakeoverSpan } from './instance/instance.js';
import type { VrrpState } from './notes.js';
import { notifyGroup } from './instance/outgoing.js';
import { vrrpState, type Instance, type Turn } from './instance/state.js';

export interface SyncGroup {
  readonly config: SyncGroupConfig;
  /** Indexes into the fleet's instances, in configuration order. */
  readonly members: readonly number[];
  /** Undefined before its members have started. */
  readonly state: VrrpState | undefined;
}

/** All instances of one host during one step; the arrays belong to the step and are changed in place. */
export interface Fleet {
  readonly instances: Instance[];
  readonly groups: SyncGroup[];
  /** Group index of each instance. */
  readonly groupOf: readonly (number | undefined)[];
}

/** Hands `event` to one instance and lets its group follow. */
export function stepMember(fleet: Fleet, index: number, event: InstanceEvent, turn: Turn): void {
  const before = instanceAt(fleet, index);
  const notesBefore = turn.notes.length;
  const after = stepInstance(before, event, turn);
  if (after === before) return;
  fleet.instances[index] = after;
  const groupIndex = fleet.groupOf[index];
  if (groupIndex === undefined) return;
  const to = vrrpState(after.state);
  if (to !== undefined && to !== vrrpState(before.state)) {
    syncGroup(fleet, groupIndex, to, spanAfter(event), turn);
  } else if (turn.notes.slice(notesBefore).some((note) => note.type === 'lowerPriorityReceived')) {
    challengeOthers(fleet, groupIndex, index, turn);
  }
}

/** A member may become master only when all others are, or have found their own master silent too. */
export function mayBecomeMaster(fleet: Fleet, index: number): boolean {
  const members = membersWith(fleet, index);
  return members.every((member) => {
    if (member === index) return true;
    const { state } = instanceAt(fleet, member);
    return state.role === 'master' || (state.role === 'backup' && state.wantsMaster);
  });
}

/** The instance itself and all that share its group. */
export function membersWith(fleet: Fleet, index: number): readonly number[] {
  const groupIndex = fleet.groupOf[index];
  return groupIndex === undefined ? [index] : groupAt(fleet, groupIndex).members;
}

/** An owner takes over at once only if the whole group consists of owners that want to. */
export function wantsMasterAtOnce(fleet: Fleet, index: number): boolean {
  return membersWith(fleet, index).every((member) => {
    const { priority, wantsMaster } = instanceAt(fleet, member).config;
    return priority === 255 && wantsMaster;
  });
}

/** True while any member has a fault of its own: none of them may leave FAULT. */
export function isHeldInFault(fleet: Fleet, index: number): boolean {
  return membersWith(fleet, index).some((member) => instanceAt(fleet, member).faults.length > 0);
}

/** True while nothing but scripts without a result holds it and its group: nobody is told of that. */
export function isWaiting(fleet: Fleet, index: number): boolean {
  const faults = membersWith(fleet, index).flatMap((member) => instanceAt(fleet, member).faults);
  return faults.length > 0 && faults.every(({ type }) => type === 'scriptUnknown');
}

/** Brings every member to `to` and tells it; nothing when the group is there already. */
export function syncGroup(fleet: Fleet, groupIndex: number, to: VrrpState, span: TakeoverSpan, turn: Turn): void {
  const group = groupAt(fleet, groupIndex);
  if (group.state === to) return;
  fleet.groups[groupIndex] = { ...group, state: to };
  turn.notes.push({ type: 'groupSyncing', group: group.config.name, state: to });
  for (const member of group.members) {
    fleet.instances[member] = stepInstance(instanceAt(fleet, member), { type: 'ordered', to, span }, turn);
  }
  notifyGroup(group.config, to, turn);
}

export function instanceAt(fleet: Fleet, index: number): Instance {
  return present(fleet.instances[index], `there is no instance ${index}`);
}

export function groupAt(fleet: Fleet, index: number): SyncGroup {
  return present(fleet.groups[index], `there is no group ${index}`);
}

/** How long the others wait before they try to take over: like the member that changed first. */
function spanAfter(event: InstanceEvent): TakeoverSpan {
  if (event.type === 'ordered') return event.span;
  const isLoss = event.type === 'addressLost' || event.type === 'routeLost' || event.type === 'ruleLost';
  return isLoss ? 'yield' : 'down';
}

function challengeOthers(fleet: Fleet, groupIndex: number, challenged: number, turn: Turn): void {
  for (const member of groupAt(fleet, groupIndex).members) {
    if (member === challenged) continue;
    fleet.instances[member] = stepInstance(instanceAt(fleet, member), { type: 'memberChallenged' }, turn);
  }
}
