/** Starting instances once their interfaces are known, and holding them in or releasing them from FAULT afterwards. */

import { after } from '../../base/time.js';
import { adoptMaster, continueSequence, mayBeAdopted, routeKey, settleLeftovers } from '../adoption.js';
import type { Legacy } from '../events.js';
import {
  groupAt,
  instanceAt,
  isHeldInFault,
  isWaiting,
  membersWith,
  stepMember,
  syncGroup,
  wantsMasterAtOnce,
  type Fleet,
} from '../group.js';
import { allAddresses } from './belongings.js';
import { stepInstance } from './instance.js';
import { assess, dependencies, sameFault, type Assessment, type Links } from '../links/links.js';
import { advertiseFromNewSource, refreshAdvert } from './master.js';
import type { FaultReason, VrrpState } from '../notes.js';
import { notifyGroup, notifyInstance } from './outgoing.js';
import { downInterval, vrrpState, type Instance, type Turn } from './state.js';
import { areTrackersKnown } from '../tracking/trackers.js';

/** Starts every instance that is complete: group lines first, then the instances, as keepalived notifies. */
export function startReady(fleet: Fleet, links: Links, legacy: Legacy, turn: Turn): void {
  const ready = fleet.instances.flatMap((instance, index) =>
    instance.state.role === 'initialize' && areKnown(fleet, membersWith(fleet, index), links, turn) ? [index] : [],
  );
  if (ready.length === 0) return;
  for (const index of ready) {
    const instance = instanceAt(fleet, index);
    const isKnown = legacy.states.has(routeKey(instance.config));
    fleet.instances[index] = assessed(instance, links, isKnown ? 'inPlace' : 'starting', turn);
  }
  const adopted = new Set(ready.filter((index) => mayBeAdopted(fleet, index, legacy)));
  const fresh = ready.filter((index) => !adopted.has(index));
  for (const index of fresh) fleet.instances[index] = settleLeftovers(fleet, index, legacy, turn);
  for (const index of adopted) {
    fleet.instances[index] = adoptMaster(continueSequence(instanceAt(fleet, index), legacy, turn.now), turn);
  }
  startGroups(fleet, ready, adopted, legacy, turn);
  for (const index of fresh) startOne(fleet, index, legacy, turn);
  alignGroups(fleet, new Set(ready), turn);
}

/** After a change of an interface or of the configuration: source, priority and faults of a running instance. */
export function reassess(fleet: Fleet, index: number, links: Links, turn: Turn): void {
  const before = instanceAt(fleet, index);
  if (before.state.role === 'initialize' || !areKnown(fleet, [index], links, turn)) return;
  const waited = isWaiting(fleet, index);
  const refreshed = refreshAdvert(assessed(before, links, 'running', turn), turn);
  const hasMoved = spokeFromVirtual(before) && refreshed.source !== undefined && refreshed.source !== before.source;
  fleet.instances[index] = hasMoved ? advertiseFromNewSource(refreshed, turn) : refreshed;
  const held = isHeldInFault(fleet, index);
  if (held !== (before.state.role === 'fault')) {
    const to: VrrpState = held ? 'FAULT' : 'BACKUP';
    const atOnce = wantsMasterAtOnce(fleet, index) || mayResume(fleet, index, before.faults, turn);
    stepMember(fleet, index, { type: 'ordered', to, span: atOnce ? 'none' : 'down' }, turn);
  } else if (waited && !isWaiting(fleet, index)) {
    tellFault(fleet, index, turn);
  }
}

/** An owner whose interface had nothing else for a moment. Peers that know it by its own address have refused its adverts. */
function spokeFromVirtual({ config, source }: Instance): boolean {
  return source !== undefined && allAddresses(config).some(({ address }) => address === source);
}

/**
 * A DHCP client that renews its lease takes the address we speak from away and sets it again: the master has said goodbye by
 * then, as keepalived does, but nobody has answered. It is master again before anybody else is, with one advert that ends the
 * waiting of the others. keepalived waits a whole master-down interval. Once a successor has spoken, we wait like everybody.
 */
function mayResume(fleet: Fleet, index: number, over: readonly FaultReason[], { handovers }: Turn): boolean {
  if (!over.every(({ type }) => type === 'noSourceAddress')) return false;
  return membersWith(fleet, index).every((member) => handovers.some(({ config }) => config === instanceAt(fleet, member).config));
}

/** Those that waited silently for the first result of a script are in FAULT for all to know. */
function tellFault(fleet: Fleet, index: number, turn: Turn): void {
  for (const member of membersWith(fleet, index)) {
    turn.notes.push({ type: 'instanceStarted', instance: instanceAt(fleet, member).config.name, state: 'FAULT' });
    notifyInstance(instanceAt(fleet, member), 'FAULT', turn);
  }
  const groupIndex = fleet.groupOf[index];
  if (groupIndex === undefined) return;
  const { config } = groupAt(fleet, groupIndex);
  notifyGroup(config, 'FAULT', turn);
}

/**
 * After members came or went: brings each group into one state. Members that have just started join their masters at once;
 * any other mixture begins again as backups.
 */
export function alignGroups(fleet: Fleet, fresh: ReadonlySet<number>, turn: Turn): void {
  for (const [groupIndex, group] of fleet.groups.entries()) {
    const started = group.members.filter((member) => instanceAt(fleet, member).state.role !== 'initialize');
    const [first] = started;
    if (first === undefined) continue;
    const to = commonState(fleet, started, fresh);
    const agreed = started.every((member) => vrrpState(instanceAt(fleet, member).state) === to);
    if (!agreed) {
      fleet.groups[groupIndex] = { ...group, state: undefined };
      syncGroup(fleet, groupIndex, to, wantsMasterAtOnce(fleet, first) ? 'none' : 'down', turn);
    } else if (group.state !== to) {
      fleet.groups[groupIndex] = { ...group, state: to };
      notifyGroup(group.config, to, turn);
    }
  }
}

function commonState(fleet: Fleet, started: readonly number[], fresh: ReadonlySet<number>): VrrpState {
  const [first] = started;
  if (first !== undefined && isHeldInFault(fleet, first)) return 'FAULT';
  const isMaster = (member: number): boolean => instanceAt(fleet, member).state.role === 'master';
  const canBeMaster = started.some(isMaster) && started.every((member) => isMaster(member) || fresh.has(member));
  return canBeMaster ? 'MASTER' : 'BACKUP';
}

function startGroups(
  fleet: Fleet,
  ready: readonly number[],
  adopted: ReadonlySet<number>,
  legacy: Legacy,
  turn: Turn,
): void {
  for (const [groupIndex, group] of fleet.groups.entries()) {
    const starting = group.members.find((member) => ready.includes(member));
    if (group.state !== undefined || starting === undefined) continue;
    const held = isHeldInFault(fleet, starting);
    const state = adopted.has(starting) ? 'MASTER' : held ? 'FAULT' : 'BACKUP';
    fleet.groups[groupIndex] = { ...group, state };
    const before = legacy.states.get(routeKey(instanceAt(fleet, starting).config));
    if (state !== before && !isWaiting(fleet, starting)) notifyGroup(group.config, state, turn);
  }
}

function startOne(fleet: Fleet, index: number, legacy: Legacy, turn: Turn): void {
  const instance = instanceAt(fleet, index);
  const faulty = isHeldInFault(fleet, index);
  const waiting = isWaiting(fleet, index);
  const groupIndex = fleet.groupOf[index];
  if (faulty && !waiting && instance.faults.length === 0 && groupIndex !== undefined) {
    const group = groupAt(fleet, groupIndex).config.name;
    turn.notes.push({ type: 'groupMemberFaulted', group, instance: instance.config.name });
  }
  const before = legacy.states.get(routeKey(instance.config));
  // An owner that was backup has been beaten: the process before it has tried already.
  const atOnce = before !== 'BACKUP' && wantsMasterAtOnce(fleet, index);
  const event = { type: 'started', faulty, waiting, wantsMasterAtOnce: atOnce, ...(before === undefined ? {} : { before }) } as const;
  fleet.instances[index] = stepInstance(instance, event, turn);
}

function areKnown(fleet: Fleet, members: readonly number[], links: Links, { trackers }: Turn): boolean {
  return members.every((member) => {
    const { config } = instanceAt(fleet, member);
    return dependencies(config).every((name) => links.has(name)) && areTrackersKnown(config.tracks ?? {}, trackers);
  });
}

/** `inPlace`: it starts in the place of one of a process that died, about which everything has been told. */
type Occasion = 'starting' | 'inPlace' | 'running';

function assessed(before: Instance, links: Links, occasion: Occasion, turn: Turn): Instance {
  const found = assess(before.config, turn.virtualAddresses, links, before.source, turn.trackers);
  const takesPart = before.state.role === 'backup' || before.state.role === 'master';
  // Nobody gives up what it does because of a script that a reload has added and that has not run yet.
  const faults = takesPart ? found.faults.filter(({ type }) => type !== 'scriptUnknown') : found.faults;
  const assessment: Assessment = { ...found, faults };
  tellDifferences(before, assessment, occasion !== 'running', turn);
  const instance: Instance = { ...before, source: assessment.source, faults: assessment.faults };
  // An owner that has stepped down to 254 for a rival stays there until the rival is gone.
  if (before.config.priority === 255 && before.priority === 254) return instance;
  return changePriority(instance, assessment.priority, occasion, turn);
}

function changePriority(before: Instance, priority: number, occasion: Occasion, turn: Turn): Instance {
  if (priority === before.priority) return before;
  const told = occasion !== 'inPlace';
  const from = before.priority;
  if (told) turn.notes.push({ type: 'effectivePriorityChanged', instance: before.config.name, from, to: priority });
  const instance: Instance = { ...before, priority };
  const { state } = instance;
  if (told && instance.config.notifyOptions?.priorityChanges === true) {
    notifyInstance(instance, state.role === 'master' ? 'MASTER_PRIORITY' : 'BACKUP_PRIORITY', turn);
  }
  if (state.role !== 'backup') return instance;
  // The running timer is moved by the difference, not restarted.
  const difference = downInterval(instance) - downInterval(before);
  const moved = after(state.masterDownAt, difference as typeof state.masterDownAt);
  return { ...instance, state: { ...state, masterDownAt: moved } };
}

function tellDifferences(before: Instance, now: Assessment, starting: boolean, turn: Turn): void {
  const { name } = before.config;
  const among = (faults: readonly FaultReason[], reason: FaultReason): boolean =>
    faults.some((other) => sameFault(other, reason));
  if (!starting && now.source !== before.source) {
    turn.notes.push({
      type: 'sourceChanged',
      instance: name,
      interface: before.config.interface,
      ...(before.source === undefined ? {} : { from: before.source }),
      ...(now.source === undefined ? {} : { to: now.source }),
    });
  }
  for (const reason of now.faults) {
    if (reason.type !== 'scriptUnknown' && !among(before.faults, reason)) turn.notes.push({ type: 'faultFound', instance: name, reason, starting });
  }
  for (const reason of before.faults) {
    if (reason.type !== 'scriptUnknown' && !among(now.faults, reason)) turn.notes.push({ type: 'faultCleared', instance: name, reason });
  }
}
