/**
 * A process that takes the place of one that died goes on where it left off: masters stay masters, with their addresses
 * in the kernel all the time, and scripts are not told what they have been told. keepalived starts anew and removes them.
 */

import { after, seconds, type Micros } from '../base/time.js';
import { invariant } from '../base/invariant.js';
import { requestAddresses } from './instance/addresses.js';
import { advertInterface } from './host/devices.js';
import type { Legacy } from './events.js';
import { LONGEST_HANDOVER, handOver } from './instance/handover.js';
import type { VrrpState } from './notes.js';
import { instanceAt, isHeldInFault, isWaiting, membersWith, type Fleet } from './group.js';
import { composeAdvert, sendAdvert } from './instance/outgoing.js';
import { allBelongings, filtered, identitiesOf, identity } from './instance/belongings.js';
import { release } from './release.js';
import { vrrpState, type Handover, type Instance, type Release, type Turn } from './instance/state.js';
import { removeLeftovers } from './instance/transitions.js';
import type { Trackers } from './tracking/tracker-state.js';
import { scriptMemories } from './tracking/trackers.js';

export const NO_LEGACY: Legacy = { states: new Map(), delayedUntil: undefined };

/**
 * What an instance is matched by: it is the same when these are, whatever its name. Those with peers may share all of it,
 * and then the name tells them apart.
 */
export function routeKey(of: Pick<Instance['config'], 'name' | 'interface' | 'family' | 'virtualRouterId' | 'device' | 'unicast'>): string {
  const way = of.unicast === undefined ? '' : ` unicast ${of.name}`;
  return `${advertInterface(of)} ${of.family} ${of.virtualRouterId}${way}`;
}

/** What a legacy is made of. */
export interface LegacySource {
  readonly instances: readonly Instance[];
  readonly delayedUntil: Micros | undefined;
  readonly trackers: Trackers;
  readonly handovers: readonly Handover[];
  readonly releases: readonly Release[];
  /** What this process was given itself. */
  readonly legacy: Legacy;
}

/** By routeKey; of those that have not started yet nothing. */
export function statesOf(instances: readonly Instance[]): ReadonlyMap<string, VrrpState> {
  return new Map(
    instances.flatMap(({ config, state }) => {
      const role = vrrpState(state);
      return role === undefined ? [] : [[routeKey(config), role] as const];
    }),
  );
}

/** What the next process may be given, should this one die at `now` or later. */
export function legacyOf({ instances, delayedUntil, trackers, handovers, releases, legacy: before }: LegacySource, now: Micros): Legacy {
  // What has not started yet is what it was in the process before, unless that has been given up in the meantime.
  const inherited = before.goodbyeSaid === true ? [] : instances.flatMap(({ config, state }) => {
    const last = state.role === 'initialize' ? before.states.get(routeKey(config)) : undefined;
    return last === undefined ? [] : [[routeKey(config), last] as const];
  });
  const states = new Map([...inherited, ...statesOf(instances)]);
  const sequences = instances.flatMap(({ config, freshness }) =>
    config.authentication.type === 'ah' ? [[routeKey(config), { sequence: freshness.headerSequence, at: now }] as const] : [],
  );
  const headerSequences = sequences.length === 0 ? {} : { headerSequences: new Map(sequences) };
  const scripts = scriptMemories(trackers);
  const kept = handovers.map(({ config }) => ({ config, belongings: allBelongings(config) }));
  const ownerless = [...kept, ...releases.map(({ config, belongings }) => ({ config, belongings }))];
  return { states, delayedUntil, scripts, sessions: trackers.sessions, ...headerSequences, ...(ownerless.length === 0 ? {} : { ownerless }) };
}

/**
 * What the next program is given at a restart in place. Its configuration may be another one: what masters hold now and it does
 * not ask for is nobody's there.
 */
export function bequestOf(source: LegacySource, now: Micros): Legacy {
  const legacy = legacyOf(source, now);
  const masters = source.instances.filter(({ state }) => vrrpState(state) === 'MASTER');
  const held = masters.map(({ config }) => ({ config, belongings: allBelongings(config) }));
  return { ...legacy, ownerless: [...(legacy.ownerless ?? []), ...held] };
}

/** What the process before held for nobody goes, unless it is an instance's again: that one sees to it. */
export function releaseOwnerless({ ownerless = [] }: Legacy, { instances }: Fleet, turn: Turn): void {
  const owned = identitiesOf(instances.map(({ config }) => config));
  for (const { config, belongings } of ownerless) release(config, filtered(belongings, (belonging) => !owned.has(identity(belonging))), turn);
}

/** More than an instance can send in a second: one regular advert, its answers to others, goodbyes. */
const SEQUENCES_A_SECOND = 20;

/**
 * With a sequence that the process before cannot have used yet: the neighbours would not believe a lower one, and take
 * over from a master that speaks all the time.
 */
export function continueSequence(instance: Instance, { headerSequences }: Legacy, now: Micros): Instance {
  const last = headerSequences?.get(routeKey(instance.config));
  if (last === undefined) return instance;
  const elapsed = Math.ceil((now - last.at) / seconds(1)) + 1;
  const headerSequence = last.sequence + elapsed * SEQUENCES_A_SECOND;
  return { ...instance, freshness: { ...instance.freshness, headerSequence, headerIsOwn: false } };
}

/** True when it was master, with all of its sync group, and nothing stands against it now. */
export function mayBeAdopted(fleet: Fleet, index: number, legacy: Legacy): boolean {
  if (legacy.goodbyeSaid === true) return false;
  // A script that has had no result yet is no word against a master.
  if (isHeldInFault(fleet, index) && !isWaiting(fleet, index)) return false;
  return membersWith(fleet, index).every((member) => legacy.states.get(routeKey(instanceAt(fleet, member).config)) === 'MASTER');
}

/**
 * What the process before may have left goes before anything else; but what a goodbye was said for stays until the successor
 * has it, as in any handover.
 */
export function settleLeftovers(fleet: Fleet, index: number, legacy: Legacy, turn: Turn): Instance {
  const instance = instanceAt(fleet, index);
  const wasMaster = legacy.states.get(routeKey(instance.config)) === 'MASTER';
  if (legacy.goodbyeSaid !== true || !wasMaster) return removeLeftovers(instance, turn);
  const companions = membersWith(fleet, index).map((member) => instanceAt(fleet, member).config);
  handOver(instance, companions, LONGEST_HANDOVER, turn);
  return instance;
}

/** Master at once: the neighbours hear of us before anything else, the kernel only confirms what it holds. */
export function adoptMaster(instance: Instance, turn: Turn): Instance {
  const { name, advertInterval } = instance.config;
  const advert = composeAdvert(instance, instance.priority, turn);
  invariant(advert !== undefined, `${name} is adopted as master without a source address`);
  turn.notes.push({ type: 'masterAdopted', instance: name });
  const entered: Instance = {
    ...sendAdvert(instance, advert, turn),
    faults: [],
    since: turn.now,
    state: {
      role: 'master',
      advertAt: after(turn.now, advertInterval),
      advert,
      announceAt: undefined,
      refreshAt: undefined,
      lowerPriorityAnnounceAt: undefined,
      rival: undefined,
    },
  };
  return requestAddresses(entered, true, allBelongings(entered.config), turn);
}
