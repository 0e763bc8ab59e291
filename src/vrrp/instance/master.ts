/** A master: advertises, announces its addresses, defends itself or gives way. RFC 5798 6.4.3. */

import { compareAddresses, type IpAddress } from '../../base/address.js';
import { after, isDue, type Micros } from '../../base/time.js';
import { follow } from './backup.js';
import type { VirtualAddress } from '../config.js';
import { noteConflict } from './conflicts.js';
import { advertInterface, isOwnDevice } from '../host/devices.js';
import { announce, composeAdvert, notifyInstance, sendAdvert, useAllowance } from './outgoing.js';
import { ownerAdvertSent, ownerHears, ownerTimeout } from './owner.js';
import type { Advert } from '../wire/packet.js';
import { downInterval, type Instance, type MasterState, type Turn } from './state.js';
import { counted } from './statistics.js';
import { becomeBackup } from './transitions.js';

/** The advert has passed the checks of receive.ts and is not our own. */
export function masterHears(
  instance: Instance,
  state: MasterState,
  advert: Advert,
  source: IpAddress,
  turn: Turn,
): Instance {
  if (advert.priority === 0) return hearsGoodbye(instance, state, source, turn);
  const order = advert.priority - instance.priority || compareAddresses(source, instance.source ?? source);
  if (advert.priority === 255 && instance.priority === 255) {
    const settled = ownerHears(instance, state, advert, source, order > 0, turn);
    if (settled !== undefined) return settled;
  }
  return order > 0 ? givesWay(instance, state, advert, source, turn) : hearsLower(instance, state, advert, source, turn);
}

/** Whatever is due at `now`. A late wake-up sends one advert, not all that were missed. */
export function masterTimeout(before: Instance, stateBefore: MasterState, turn: Turn): Instance {
  let instance = before;
  let state = stateBefore;
  if (isDue(state.advertAt, turn.now)) {
    instance = sendAdvert(instance, state.advert, turn);
    state = ownerAdvertSent(instance, { ...state, advertAt: nextAdvert(state.advertAt, instance, turn.now) }, turn);
  }
  state = ownerTimeout(instance, state, turn);
  state = announceDue(instance, state, turn);
  return instance === before && state === stateBefore ? before : { ...instance, state };
}

/** The addresses are in the kernel: now, and not before, the neighbours may hear of them. */
export function announceFirstSet(instance: Instance, state: MasterState, turn: Turn): Instance {
  const { masterRepeat, masterDelay, masterRefresh, extraInterfaces } = instance.config.announcements;
  announce(instance, instance.addresses.held, masterRepeat, turn);
  return {
    ...instance,
    state: {
      ...state,
      announceAt: masterDelay > 0 ? after(turn.now, masterDelay) : undefined,
      refreshAt: masterRefresh > 0 ? after(after(turn.now, masterDelay), masterRefresh) : undefined,
      extraAnnounceAt: extraInterfaces === undefined ? undefined : after(after(turn.now, masterDelay), extraInterfaces.period),
    },
  };
}

/** Somebody else claimed our addresses, or those of another member of our sync group: correct the neighbours. */
/** One round for the master of that name; keepalived's SendGarp. */
export function announceOnRequest(instances: readonly Instance[], name: string, turn: Turn): void {
  for (const instance of instances) {
    if (instance.config.name !== name || instance.state.role !== 'master') continue;
    turn.notes.push({ type: 'announcementRequested', instance: name });
    announce(instance, instance.addresses.held, 1, turn);
  }
}

export function announceAgain(instance: Instance, turn: Turn): Instance {
  const { state, config, addresses } = instance;
  const { lowerPriorityRepeat, lowerPriorityDelay } = config.announcements;
  if (state.role !== 'master') return instance;
  announce(instance, addresses.held, lowerPriorityRepeat, turn);
  if (lowerPriorityRepeat === 0 || lowerPriorityDelay === 0) return instance;
  return { ...instance, state: { ...state, lowerPriorityAnnounceAt: after(turn.now, lowerPriorityDelay) } };
}

/** After a change of priority, source or configuration. Without a source the old advert stays until the fault is dealt with. */
export function refreshAdvert(instance: Instance, turn: Turn): Instance {
  if (instance.state.role !== 'master') return instance;
  const advert = composeAdvert(instance, instance.priority, turn);
  return advert === undefined ? instance : { ...instance, state: { ...instance.state, advert } };
}

/** Beside the regular ones, at once: those who have refused its adverts for the address that they came from take this one. */
export function advertiseFromNewSource(instance: Instance, turn: Turn): Instance {
  return instance.state.role === 'master' ? answer(instance, instance.state, turn) : instance;
}

function hearsGoodbye(instance: Instance, state: MasterState, source: IpAddress, turn: Turn): Instance {
  const heard: Instance = { ...instance, statistics: counted(instance.statistics, 'priorityZeroReceived') };
  const allowance = useAllowance(heard, turn);
  if (allowance === undefined) return heard;
  turn.notes.push({ type: 'priorityZeroReceived', instance: instance.config.name, source, state: 'MASTER' });
  return answer({ ...heard, allowance }, state, turn);
}

/** An advert out of turn; the next regular one is a whole interval away. */
function answer(instance: Instance, state: MasterState, turn: Turn): Instance {
  const advertAt = after(turn.now, instance.config.advertInterval);
  return sendAdvert({ ...instance, state: { ...state, advertAt } }, state.advert, turn);
}

function hearsLower(
  instance: Instance,
  state: MasterState,
  advert: Advert,
  source: IpAddress,
  turn: Turn,
): Instance {
  const contested = noteConflict(instance, 'twoMasters', source, turn);
  const allowance = useAllowance(contested, turn);
  if (allowance === undefined) return contested;
  const { name, lowerPriorityNoAdvert } = instance.config;
  turn.notes.push({
    type: 'lowerPriorityReceived',
    instance: name,
    source,
    priority: advert.priority,
    ownPriority: instance.priority,
    forcesElection: !lowerPriorityNoAdvert,
  });
  const allowed: Instance = { ...contested, allowance };
  const answered = lowerPriorityNoAdvert ? allowed : answer(allowed, state, turn);
  const announced = announceAgain(answered, turn);
  notifyInstance(announced, 'MASTER_RX_LOWER_PRI', turn);
  return announced;
}

function givesWay(
  instance: Instance,
  state: MasterState,
  advert: Advert,
  source: IpAddress,
  turn: Turn,
): Instance {
  const { name, higherPrioritySendAdvert } = instance.config;
  const sent = higherPrioritySendAdvert ? sendAdvert(instance, state.advert, turn) : instance;
  const { priority } = advert;
  turn.notes.push(
    priority === instance.priority
      ? { type: 'higherAddressReceived', instance: name, source, priority }
      : { type: 'higherPriorityReceived', instance: name, source, priority, ownPriority: instance.priority },
  );
  const followed = follow(sent, advert, source, turn);
  return becomeBackup(followed, downInterval(followed), turn, 'silently');
}

function nextAdvert(due: Micros, instance: Instance, now: Micros): Micros {
  // Counted from when it was due, so that lateness does not add up.
  const next = after(due, instance.config.advertInterval);
  return next > now ? next : after(now, instance.config.advertInterval);
}

function announceDue(instance: Instance, before: MasterState, turn: Turn): MasterState {
  const { masterRepeat, masterRefresh, masterRefreshRepeat, lowerPriorityRepeat, extraInterfaces } = instance.config.announcements;
  const { held } = instance.addresses;
  let state = before;
  if (isDue(state.announceAt, turn.now)) {
    announce(instance, held, masterRepeat, turn);
    state = { ...state, announceAt: undefined };
  }
  if (isDue(state.lowerPriorityAnnounceAt, turn.now)) {
    announce(instance, held, lowerPriorityRepeat, turn);
    state = { ...state, lowerPriorityAnnounceAt: undefined };
  }
  if (isDue(state.refreshAt, turn.now)) {
    announce(instance, held, masterRefreshRepeat, turn);
    state = { ...state, refreshAt: after(turn.now, masterRefresh) };
  }
  if (extraInterfaces !== undefined && isDue(state.extraAnnounceAt, turn.now)) {
    announce(instance, onePerExtraInterface(instance, extraInterfaces.all), 1, turn);
    state = { ...state, extraAnnounceAt: after(turn.now, extraInterfaces.period) };
  }
  return state;
}

/**
 * The first address on each interface that no advert goes through: switches forget where its MAC is, since nothing else says
 * so by itself. `all` or only those with a MAC of their own.
 */
function onePerExtraInterface({ config, addresses }: Instance, all: boolean): readonly VirtualAddress[] {
  const first = new Map<string, VirtualAddress>();
  for (const address of addresses.held) {
    const isExtra = address.interface !== advertInterface(config) && (all || isOwnDevice(config, address.interface));
    if (isExtra && !first.has(address.interface)) first.set(address.interface, address);
  }
  return [...first.values()];
}
