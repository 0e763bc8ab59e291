/**
 * One virtual router: which rule answers which event in which state. The director drives it and adds what concerns several
 * instances (links, sync groups, reload).
 */

import type { IpAddress } from '../../base/address.js';
import { earliest, isDue, type Micros } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import { addressesApplied, addressesFailed, retryAddresses } from './addresses.js';
import { allBelongings, identity, isOn, listOf, type Belonging } from './belongings.js';
import { backupHears, backupTimeout } from './backup.js';
import { noteConflict, noteStranger } from './conflicts.js';
import { announceAgain, announceFirstSet, masterHears, masterTimeout } from './master.js';
import type { Rejection, VrrpState } from '../notes.js';
import type { Arrival } from './arrival.js';
import type { Advert } from '../wire/packet.js';
import type { DirectorEvent } from '../events.js';
import { judge, malformedRefusal, missingAddress, type MalformedAdvert } from './receive.js';
import { putBack } from '../repair.js';
import type { Route } from '../host/routes.js';
import type { Rule } from '../host/rules.js';
import { downInterval, type Instance, type Turn } from './state.js';
import { counted, rejectionCounter } from './statistics.js';
import { giveWayAfterStall } from './stall.js';
import { becomeBackup, becomeFault, becomeMaster, recover, start, type Start } from './transitions.js';

export type InstanceEvent =
  /** All it depends on is known. */
  | ({ readonly type: 'started' } & Start)
  | {
      readonly type: 'advertReceived';
      readonly advert: Advert;
      readonly source: IpAddress;
      readonly hopLimit: number;
      readonly arrival?: Arrival;
      /** The source is an address of this very interface. */
      readonly fromSelf: boolean;
    }
  | MalformedAdvert
  /** `mayBecomeMaster` is false while another member of the sync group is not ready. */
  | { readonly type: 'timeout'; readonly mayBecomeMaster: boolean }
  /** A fault, a sync group, or the end of both. `span` says how long a backup waits before it takes over. */
  | { readonly type: 'ordered'; readonly to: VrrpState; readonly span: TakeoverSpan }
  | { readonly type: 'addressesApplied'; readonly epoch: number }
  | {
      readonly type: 'addressesFailed';
      readonly epoch: number;
      readonly reason: string;
      readonly applied: readonly IpAddress[];
    }
  | { readonly type: 'addressLost'; readonly interface: string; readonly address: IpAddress }
  | { readonly type: 'routeLost'; readonly route: Route }
  | { readonly type: 'ruleLost'; readonly rule: Rule }
  /** An interface that was down is up again. */
  | { readonly type: 'linkReturned'; readonly interface: string }
  /** Another member of the sync group heard an advert of lower priority. */
  | { readonly type: 'memberChallenged' };

/**
 * The whole master-down interval; the same, but nobody better is in sight and the others have to be told; or (an owner that
 * wants it) at once.
 */
export type TakeoverSpan = 'down' | 'yield' | 'none';

/** The instance after the event; what it wants done and told is appended to `turn`. */
export function stepInstance(instance: Instance, event: InstanceEvent, turn: Turn): Instance {
  const { state } = instance;
  switch (event.type) {
    case 'started':
      return state.role === 'initialize' ? start(instance, event, turn) : instance;
    case 'advertReceived':
      // What comes now may be from whoever has taken over.
      return hears(giveWayAfterStall(instance, turn), event, turn);
    case 'advertMalformed':
      return isListening(instance) ? reject(instance, malformedRefusal(instance.config, event), event.source, turn) : instance;
    case 'timeout':
      return expire(instance, event.mayBecomeMaster, turn);
    case 'ordered':
      return obey(instance, event.to, event.span, turn);
    case 'addressesApplied':
      if (!isAwaited(instance, event.epoch)) return instance;
      return announceIfMaster(addressesApplied(instance), instance.addresses.present, turn);
    case 'addressesFailed': {
      if (!isAwaited(instance, event.epoch)) return instance;
      const failed = addressesFailed(instance, event.reason, event.applied, turn);
      return announceIfMaster(failed, failed.addresses.held.length > instance.addresses.held.length, turn);
    }
    case 'addressLost':
    case 'routeLost':
    case 'ruleLost':
      return loses(instance, event, turn);
    case 'linkReturned':
      return asksAgain(instance, event.interface, turn);
    case 'memberChallenged':
      return announceAgain(instance, turn);
    default:
      return unreachable(event);
  }
}

/** When it must be woken at the latest. */
export function instanceDeadline(instance: Instance): Micros | undefined {
  const { state, addresses } = instance;
  switch (state.role) {
    case 'backup':
      return earliest(state.masterDownAt, addresses.retryAt);
    case 'master': {
      const refreshing = earliest(state.refreshAt, state.extraAnnounceAt);
      const announcing = earliest(earliest(state.announceAt, refreshing), state.lowerPriorityAnnounceAt);
      return earliest(earliest(earliest(state.advertAt, state.rival?.until), announcing), addresses.retryAt);
    }
    case 'fault':
      return addresses.retryAt;
    case 'initialize':
      return undefined;
  }
}

function expire(before: Instance, mayBecomeMaster: boolean, turn: Turn): Instance {
  const awake = giveWayAfterStall(before, turn);
  const instance = isDue(awake.addresses.retryAt, turn.now) ? retryAddresses(awake, turn) : awake;
  const { state } = instance;
  switch (state.role) {
    case 'backup':
      return backupTimeout(instance, state, mayBecomeMaster, turn);
    case 'master':
      return masterTimeout(instance, state, turn);
    case 'initialize':
    case 'fault':
      return instance;
  }
}

function obey(instance: Instance, to: VrrpState, span: TakeoverSpan, turn: Turn): Instance {
  const { role } = instance.state;
  switch (to) {
    case 'MASTER':
      return role === 'backup' ? becomeMaster(instance, turn) : instance;
    case 'BACKUP':
      if (role === 'fault') return recover(instance, span === 'none', turn);
      if (role !== 'master') return instance;
      return becomeBackup(instance, downInterval(instance), turn, span === 'yield' ? 'sayGoodbye' : 'silently');
    case 'FAULT':
      return role === 'fault' || role === 'initialize' ? instance : becomeFault(instance, turn);
  }
}

function hears(
  before: Instance,
  event: Extract<InstanceEvent, { type: 'advertReceived' }>,
  turn: Turn,
): Instance {
  if (!isListening(before)) return before;
  if (event.fromSelf) return hearsItself(before, event.advert, event.source, turn);
  const judgement = judge(before.config, before.freshness, event);
  if (judgement.rejection !== undefined) return reject(before, judgement.rejection, event.source, turn);
  const { told } = before;
  const accepted: Instance = { ...before, freshness: judgement.freshness, statistics: counted(before.statistics, 'advertsReceived') };
  const instance = remark(remarkArrival(accepted, judgement, event.source, turn), event, turn);
  const { state } = instance;
  let heard = instance;
  if (state.role === 'backup') heard = backupHears(instance, state, event.advert, event.source, turn);
  if (state.role === 'master') heard = masterHears(instance, state, event.advert, event.source, turn);
  if (heard.master === undefined || heard.master.address === before.master?.address) return heard;
  // A new master: everything may be told again, but not twice for this packet.
  return { ...heard, told: instance.told.filter((kind) => !told.includes(kind)) };
}

function isListening(instance: Instance): boolean {
  return instance.state.role === 'backup' || instance.state.role === 'master';
}

/** A reflection of ourselves decides nothing; the one thing worth a warning is a master that hears an equal. */
function hearsItself(instance: Instance, advert: Advert, source: IpAddress, turn: Turn): Instance {
  if (instance.state.role !== 'master' || advert.priority !== instance.priority) return instance;
  return tellOnce(instance, 'ownAddressReceived', turn, () => ({
    type: 'ownAddressReceived',
    instance: instance.config.name,
    source,
  }));
}

function reject(instance: Instance, rejection: Rejection, source: IpAddress, turn: Turn): Instance {
  const statistics = counted(instance.statistics, rejectionCounter[rejection.type]);
  const told = tellOnce({ ...instance, statistics }, rejection.type, turn, () => ({
    type: 'advertRejected',
    instance: instance.config.name,
    source,
    rejection,
  }));
  return noteStranger(told, rejection.type, source, turn);
}

/** What the way of an accepted advert gives to say. */
function remarkArrival(
  instance: Instance,
  { skew, oldChecksum }: Exclude<ReturnType<typeof judge>, { rejection: object }>,
  source: IpAddress,
  turn: Turn,
): Instance {
  const { name, hmac } = instance.config;
  const heard =
    skew === undefined || hmac === undefined
      ? instance
      : tellOnce(instance, 'clocksDiffer', turn, () => ({ type: 'clocksDiffer', instance: name, source, skew, window: hmac.timeWindow / 1_000_000 }));
  if (!oldChecksum || heard.oldChecksum) return heard;
  turn.notes.push({ type: 'oldChecksumLearnt', instance: name });
  return { ...heard, oldChecksum: true };
}

/** Differences that keepalived mentions without refusing the advert. */
function remark(
  before: Instance,
  event: { readonly advert: Advert; readonly source: IpAddress },
  turn: Turn,
): Instance {
  const { config } = before;
  const { advert, source } = event;
  let instance = before;
  if (advert.version === 3 && advert.advertInterval !== config.advertInterval) {
    const counts = counted(instance.statistics, 'advertIntervalErrors');
    instance = tellOnce({ ...instance, statistics: counts }, 'advertIntervalDiffers', turn, () => ({
      type: 'advertIntervalDiffers',
      instance: config.name,
      source,
      received: advert.advertInterval,
      own: config.advertInterval,
    }));
  }
  if (config.skipCheckAdvertAddresses && source === before.master?.address) return instance;
  const expected = config.virtualAddresses.length;
  const missing = missingAddress(config, advert);
  if (advert.addresses.length === expected && missing === undefined) return instance;
  const statistics = counted(instance.statistics, 'addressListErrors');
  const differing = noteConflict({ ...instance, statistics }, 'addressList', source, turn);
  if (advert.addresses.length !== expected || missing === undefined) {
    return tellOnce(differing, 'addressCountDiffers', turn, () => ({
      type: 'addressCountDiffers',
      instance: config.name,
      source,
      received: advert.addresses.length,
      expected,
    }));
  }
  return tellOnce(differing, 'addressNotAdvertised', turn, () => ({
    type: 'addressNotAdvertised',
    instance: config.name,
    source,
    virtualRouterId: config.virtualRouterId,
    address: missing,
  }));
}

function tellOnce(instance: Instance, kind: string, turn: Turn, note: () => Turn['notes'][number]): Instance {
  if (instance.told.includes(kind)) return instance;
  turn.notes.push(note());
  return { ...instance, told: [...instance.told, kind] };
}

/** A late answer to an older request, or a second one to the last, says nothing. */
function isAwaited({ addresses }: Instance, epoch: number): boolean {
  return addresses.status === 'applying' && addresses.epoch === epoch;
}

function announceIfMaster(instance: Instance, somethingNew: boolean, turn: Turn): Instance {
  return somethingNew && instance.state.role === 'master' ? announceFirstSet(instance, instance.state, turn) : instance;
}

type Loss = Extract<InstanceEvent, { type: 'addressLost' | 'routeLost' | 'ruleLost' }>;

export function lossOf(event: Extract<DirectorEvent, { type: 'addressRemoved' | 'routeRemoved' | 'ruleRemoved' }>): Loss {
  switch (event.type) {
    case 'addressRemoved':
      return { type: 'addressLost', interface: event.interface, address: event.address };
    case 'routeRemoved':
      return { type: 'routeLost', route: event.route };
    case 'ruleRemoved':
      return { type: 'ruleLost', rule: event.rule };
  }
}

/** Only a master misses anything, and only what it watches over. */
function loses(instance: Instance, event: Loss, turn: Turn): Instance {
  if (instance.state.role !== 'master') return instance;
  const lost = missing(instance, event);
  if (lost?.tracked !== true) return instance;
  turn.notes.push({ ...event, instance: instance.config.name });
  const repairing = putBack(instance, lost, turn);
  if (repairing !== 'exhausted') return repairing;
  const forgiven: Instance = { ...instance, repairs: { windowEndsAt: turn.now, used: 0 } };
  return becomeBackup(forgiven, downInterval(instance), turn, 'sayGoodbye');
}

function missing({ config, addresses }: Instance, event: Loss): Belonging | undefined {
  if (event.type === 'addressLost') {
    return addresses.held.find((held) => held.interface === event.interface && held.address === event.address);
  }
  const gone = identity(event.type === 'routeLost' ? event.route : event.rule);
  return listOf(allBelongings(config)).find((belonging) => identity(belonging) === gone);
}

/** A master that was not held in fault by it may have lost routes there without a word from the kernel. */
function asksAgain(instance: Instance, on: string, turn: Turn): Instance {
  const { state, addresses, config } = instance;
  const isConcerned = listOf(allBelongings(config)).some((belonging) => belonging.tracked && isOn(belonging, on));
  if (state.role !== 'master' || !addresses.present || !isConcerned) return instance;
  return { ...instance, addresses: { ...addresses, retryAt: turn.now } };
}
