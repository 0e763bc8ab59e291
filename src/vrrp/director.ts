/**
 * All virtual routers of one host as one machine: demultiplexes adverts, applies links, sync groups and configurations, and
 * stops in order. The runtime and the simulation drive this and nothing below it.
 */

import { earliest, isDue, micros, type Micros } from '../base/time.js';
import type { Step } from '../base/step.js';
import { unreachable } from '../base/unreachable.js';
import { NO_LEGACY, releaseOwnerless } from './adoption.js';
import type { DirectorConfig, LinkState } from './config.js';
import { hearsClaim } from './instance/conflicts.js';
import type { DirectorEffect, DirectorEvent, Legacy, TrackerEvent } from './events.js';
import { alignGroups, reassess, startReady } from './instance/faults.js';
import { expireHandovers, handoverDeadline, linkSeen, successorHeard } from './instance/handover.js';
import { instanceAt, mayBecomeMaster, stepMember, type Fleet, type SyncGroup } from './group.js';
import { instanceDeadline, lossOf } from './instance/instance.js';
import { hearManager, withSettings } from './instance/manager.js';
import { NO_PENDING_LINKS, delayed, delaysOf, duePendingLinks, pendingLinksDeadline, without, type PendingLinks } from './links/link-delays.js';
import { admitted, type LinkKinds } from './links/link-kinds.js';
import { isConcerned, virtualAddressKeys, type Links } from './links/links.js';
import type { VrrpNote } from './notes.js';
import { pacingDeadline, sendPaced } from './instance/pacing.js';
import { NO_PACING, type Pacing } from './instance/pacing-state.js';
import { announceOnRequest } from './instance/master.js';
import { reconfigure } from './reload.js';
import { recipientOf, routesOf, virtualRouterIdOf, type Routes } from './routing.js';
import { releaseAnswered, releaseDeadline, retryReleases } from './release.js';
import type { Handover, Instance, Release, Turn } from './instance/state.js';
import {
  configureStatic,
  NO_STATIC_OBJECTS,
  releaseStatic, retryStatic,
  staticAnswered,
  staticLinkChanged,
  staticLost,
  type StaticHolding,
} from './host/static-objects.js';
import { beginStop, concludeStop } from './stop.js';
import { NO_TRACKERS, type Trackers } from './tracking/tracker-state.js';
import { stepDown } from './instance/yielding.js';
import { reconfigureTrackers, trackersDeadline } from './tracking/trackers.js';
import { expireTrackers, hearTracker, isTrackedBy, stopScripts, tellTracked, withGroupTracks, type Tracked } from './tracking/tracking.js';

export interface DirectorState {
  /** Undefined until the first `reconfigured`. */
  readonly config: DirectorConfig | undefined;
  readonly links: Links;
  readonly linkKinds: LinkKinds;
  /** Of all instances (virtualAddressKeys). */
  readonly virtualAddresses: ReadonlySet<string>;
  /** What an earlier process was; counts for instances that start under the configuration it came with. */
  readonly legacy: Legacy;
  /** In configuration order. */
  readonly instances: readonly Instance[];
  readonly groups: readonly SyncGroup[];
  readonly groupOf: readonly (number | undefined)[];
  readonly routes: Routes;
  /** What reloads have taken away and the kernel still holds. */
  readonly releases: readonly Release[];
  /** Addresses of masters that have left, kept for their successors. */
  readonly handovers: readonly Handover[];
  /** Everything that is watched by name. */
  readonly trackers: Trackers;
  readonly staticObjects: StaticHolding;
  /** End of the start-up delay while it lasts. */
  readonly delayedUntil: Micros | undefined;
  /** Announcements that wait for their turn. */
  readonly pacing: Pacing;
  /** Changes of links that do not count yet. */
  readonly pendingLinks: PendingLinks;
  /** Last epoch given to a request for addresses. */
  readonly epoch: number;
  readonly seed: number;
  /** `leaving`: stop requested, handovers still open. Once stopped nothing is sent or asked for any more. */
  readonly phase: 'running' | 'leaving' | 'stopped';
}

export type DirectorStep = Step<DirectorState, DirectorEffect, VrrpNote>;

/** `seed` feeds the jitter of repeated requests; equal seeds and events give equal steps. */
export function initialDirector(seed: number): DirectorState {
  return {
    config: undefined,
    links: new Map(),
    virtualAddresses: new Set(),
    legacy: NO_LEGACY,
    instances: [],
    groups: [],
    groupOf: [],
    routes: new Map(),
    releases: [],
    handovers: [],
    pacing: NO_PACING,
    pendingLinks: NO_PENDING_LINKS,
    trackers: NO_TRACKERS,
    linkKinds: new Map(),
    staticObjects: NO_STATIC_OBJECTS,
    delayedUntil: undefined,
    epoch: 0,
    seed,
    phase: 'running',
  };
}

/** Total: any event in any state gives a step. `now` must not go back between steps. */
export function stepDirector(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  if (state.phase === 'stopped') return { state, effects: [], notes: [] };
  if (state.phase === 'leaving') return stepLeaving(state, event, now);
  if (event.type === 'reconfigured') return configure(state, event, now);
  const turn = beginTurn(state, state.config, state.delayedUntil, now);
  const fleet: Fleet = { instances: [...state.instances], groups: [...state.groups], groupOf: state.groupOf };
  switch (event.type) {
    case 'linkChanged': {
      const known = state.links.get(event.interface);
      const { link: counting, kinds: linkKinds } = admitted(state.config, state.linkKinds, event.interface, event.link, turn);
      const { link, pending, returned } = delayed(delaysOf(state.config), state.pendingLinks, event.interface, counting, known, now);
      const next = followLink({ ...state, linkKinds, pendingLinks: pending }, fleet, event.interface, link, turn);
      if (returned) for (const index of fleet.instances.keys()) stepMember(fleet, index, { type: 'linkReturned', interface: event.interface }, turn);
      return finish(next, fleet, turn);
    }
    case 'advertReceived':
    case 'advertMalformed':
      deliverAdvert(state, fleet, event, turn);
      return finish(state, fleet, turn);
    case 'addressesApplied':
    case 'addressesFailed': {
      const staticObjects = staticAnswered(state.staticObjects, event, turn);
      if (staticObjects === undefined) deliverAnswer(fleet, event, turn);
      return finish({ ...state, staticObjects: staticObjects ?? state.staticObjects }, fleet, turn);
    }
    case 'addressRemoved':
    case 'routeRemoved':
    case 'ruleRemoved':
      for (const index of fleet.instances.keys()) stepMember(fleet, index, lossOf(event), turn);
      return finish({ ...state, staticObjects: staticLost(state.staticObjects, event, turn) }, fleet, turn);
    case 'addressClaimed':
      for (const [index, instance] of fleet.instances.entries()) {
        fleet.instances[index] = hearsClaim(instance, event, state.links, turn);
      }
      return finish(state, fleet, turn);
    case 'announceRequested':
      announceOnRequest(fleet.instances, event.instance, turn);
      return finish(state, fleet, turn);
    case 'instanceSet':
      hearManager(fleet, event, state.links, turn);
      return finish({ ...state, config: state.config && withSettings(state.config, [event]) }, fleet, turn);
    case 'scriptEnded':
    case 'fileRead':
    case 'processesCounted':
    case 'sessionChanged':
    case 'virtualServerChanged':
      deliverTracker(state, fleet, event, turn);
      return finish(state, fleet, turn);
    case 'timeout': {
      const settled = followDelayedLinks(state, fleet, turn);
      const staticObjects = retryStatic(settled.staticObjects, turn);
      return finish({ ...settled, staticObjects, delayedUntil: expire(settled, fleet, turn) }, fleet, turn);
    }
    case 'stopRequested':
      stopScripts(turn);
      beginStop(fleet, event, state.links, turn);
      return finish({ ...state, phase: leavingPhase(state, fleet, turn) }, fleet, turn);
    default:
      return unreachable(event);
  }
}

/** When `timeout` is due at the latest; undefined when nothing is waited for. */
export function directorDeadline(state: DirectorState): Micros | undefined {
  if (state.phase === 'stopped') return undefined;
  const handovers = handoverDeadline(state.handovers);
  if (state.phase === 'leaving') return handovers;
  let deadline = earliest(earliest(state.delayedUntil, handovers), releaseDeadline(state.releases));
  deadline = earliest(deadline, earliest(pacingDeadline(state.pacing), pendingLinksDeadline(state.pendingLinks)));
  deadline = earliest(deadline, trackersDeadline(state.trackers));
  deadline = earliest(deadline, state.staticObjects.retryAt);
  for (const instance of state.instances) deadline = earliest(deadline, instanceDeadline(instance));
  return deadline;
}

function configure(
  before: DirectorState,
  { config: given, legacy }: Extract<DirectorEvent, { type: 'reconfigured' }>,
  now: Micros,
): DirectorStep {
  const config = withGroupTracks(given);
  const state: DirectorState = { ...before, virtualAddresses: virtualAddressKeys(config), legacy: legacy ?? NO_LEGACY };
  // Taking the place of another process is no start of the director.
  const isDelayed = state.config === undefined && legacy === undefined && config.startupDelay > 0;
  const begun = isDelayed ? micros(now + config.startupDelay) : (legacy?.delayedUntil ?? state.delayedUntil);
  const delayedUntil = isDue(begun, now) ? undefined : begun;
  const turn = beginTurn(state, config, delayedUntil, now);
  if (isDelayed) turn.notes.push({ type: 'startupDelayed', delay: config.startupDelay });
  const known: Trackers = { ...turn.trackers, sessions: new Map([...(legacy?.sessions ?? []), ...turn.trackers.sessions]) };
  turn.trackers = reconfigureTrackers(known, config.tracked, state.legacy.scripts ?? new Map(), turn);
  const staticObjects = configureStatic(state.staticObjects, config, turn);
  const fleet = reconfigure({ ...state, instances: [...state.instances], groups: [...state.groups] }, config, state.links, turn);
  if (state.config === undefined) releaseOwnerless(state.legacy, fleet, turn);
  for (const index of fleet.instances.keys()) reassess(fleet, index, state.links, turn);
  stepDown(fleet, state.instances.map((instance) => instance.config), turn);
  startReady(fleet, state.links, state.legacy, turn);
  alignGroups(fleet, new Set(), turn);
  expireTrackers(turn);
  const routes = routesOf(config);
  return finish({ ...state, config, staticObjects, routes, groupOf: fleet.groupOf, delayedUntil }, fleet, turn);
}

/** A link as it counts from now on, for static objects and for instances. */
function followLink(state: DirectorState, fleet: Fleet, name: string, link: LinkState | undefined, turn: Turn): DirectorState {
  const event = { type: 'linkChanged', interface: name, ...(link === undefined ? {} : { link }) } as const;
  const staticObjects = staticLinkChanged(state.staticObjects, event, state.links.get(name), turn);
  return { ...state, staticObjects, links: applyLink(state, fleet, event, turn) };
}

/** Changes of links that have lasted as long as they must. */
function followDelayedLinks(before: DirectorState, fleet: Fleet, turn: Turn): DirectorState {
  let state = before;
  for (const [name, up] of duePendingLinks(before.pendingLinks, turn.now)) {
    const known = state.links.get(name);
    state = { ...state, pendingLinks: without(state.pendingLinks, name) };
    if (known !== undefined) state = followLink(state, fleet, name, { ...known, up }, turn);
  }
  return state;
}

function applyLink(
  state: DirectorState,
  fleet: Fleet,
  { interface: name, link }: Extract<DirectorEvent, { type: 'linkChanged' }>,
  turn: Turn,
): Links {
  const known = state.links.get(name);
  if (known !== undefined && link !== undefined && known.index !== link.index) {
    // Another link of the same name: the one before took its addresses along, even if nobody saw it go.
    const gone = applyLink(state, fleet, { type: 'linkChanged', interface: name }, turn);
    return applyLink({ ...state, links: gone }, fleet, { type: 'linkChanged', interface: name, link }, turn);
  }
  const links = new Map(state.links).set(name, link);
  const concerned = [...fleet.instances.keys()].filter((index) => isConcerned(instanceAt(fleet, index).config, name));
  if (state.links.has(name)) {
    if (known === undefined && link !== undefined) turn.notes.push({ type: 'linkAppeared', interface: name });
    if (known !== undefined && link === undefined) turn.notes.push({ type: 'linkDisappeared', interface: name });
    // A host of containers sees interfaces come up and go down all day: told are those that matter.
    if (known !== undefined && link !== undefined && known.up !== link.up && concerned.length > 0) {
      const polled = link.polled === true ? ({ polled: true } as const) : {};
      turn.notes.push({ type: 'linkStateChanged', interface: name, up: link.up, ...polled });
    }
  }
  for (const index of concerned) reassess(fleet, index, links, turn);
  linkSeen(name, link, fleet.instances, turn);
  startReady(fleet, links, state.legacy, turn);
  return links;
}

function deliverTracker(state: DirectorState, fleet: Fleet, event: TrackerEvent, turn: Turn): void {
  const tracked = hearTracker(event, turn);
  if (tracked !== undefined) followTracked(state, fleet, tracked, turn);
}

/** Those that track it look again; those that have waited for it may start. */
function followTracked(state: DirectorState, fleet: Fleet, tracked: Tracked, turn: Turn): void {
  for (const [index, { config }] of fleet.instances.entries()) {
    if (!isTrackedBy(tracked, config)) continue;
    tellTracked(tracked, config.name, turn);
    reassess(fleet, index, state.links, turn);
  }
  startReady(fleet, state.links, state.legacy, turn);
}

function deliverAdvert(
  state: DirectorState,
  fleet: Fleet,
  event: Extract<DirectorEvent, { type: 'advertReceived' | 'advertMalformed' }>,
  turn: Turn,
): void {
  if (event.type === 'advertReceived') successorHeard(event, fleet.instances, turn);
  const { interface: on, source } = event;
  const index = recipientOf(event, state.routes, fleet.instances);
  if (index === undefined) {
    tellUnknown(state.config, event, turn);
    return;
  }
  if (event.type === 'advertMalformed') {
    stepMember(fleet, index, event, turn);
    return;
  }
  const { source: ownSource, config } = instanceAt(fleet, index);
  const isOwn = (name: string): boolean => state.links.get(name)?.addresses.some(({ address }) => address === source) === true;
  const fromSelf = source === ownSource || isOwn(on) || isOwn(config.interface);
  const { advert, hopLimit, arrival } = event;
  const came = arrival === undefined ? {} : { arrival };
  stepMember(fleet, index, { type: 'advertReceived', advert, source, hopLimit, ...came, fromSelf }, turn);
}

/** log_unknown_vrids. */
function tellUnknown(
  config: DirectorConfig | undefined,
  event: Extract<DirectorEvent, { type: 'advertReceived' | 'advertMalformed' }>,
  turn: Turn,
): void {
  const virtualRouterId = virtualRouterIdOf(event);
  if (config?.logUnknownVirtualRouterIds !== true || virtualRouterId === undefined) return;
  turn.notes.push({ type: 'unknownVirtualRouter', interface: event.interface, virtualRouterId, source: event.source });
}

function deliverAnswer(
  fleet: Fleet,
  event: Extract<DirectorEvent, { type: 'addressesApplied' | 'addressesFailed' }>,
  turn: Turn,
): void {
  const { epoch } = event;
  if (releaseAnswered(epoch, event.type === 'addressesFailed' ? event.reason : undefined, turn)) return;
  const index = fleet.instances.findIndex((instance) => instance.config.name === event.instance);
  if (event.type === 'addressesApplied') {
    if (index >= 0) stepMember(fleet, index, { type: 'addressesApplied', epoch }, turn);
    return;
  }
  const { reason, applied = [] } = event;
  // A removed instance can do nothing about it, but the operator should know.
  if (index < 0) turn.notes.push({ type: 'addressesFailed', instance: event.instance, reason });
  else stepMember(fleet, index, { type: 'addressesFailed', epoch, reason, applied }, turn);
}

function expire(state: DirectorState, fleet: Fleet, turn: Turn): Micros | undefined {
  const delayOver = isDue(state.delayedUntil, turn.now);
  if (delayOver) turn.notes.push({ type: 'startupDelayEnded' });
  expireHandovers(fleet.instances, turn);
  retryReleases(fleet.instances, false, turn);
  for (const tracked of expireTrackers(turn)) followTracked(state, fleet, tracked, turn);
  for (const index of fleet.instances.keys()) {
    // A sync group may have moved the deadline while its other members were dealt with.
    if (!isDue(instanceDeadline(instanceAt(fleet, index)), turn.now)) continue;
    stepMember(fleet, index, { type: 'timeout', mayBecomeMaster: mayBecomeMaster(fleet, index) }, turn);
  }
  sendPaced(fleet.instances, turn);
  return delayOver ? undefined : state.delayedUntil;
}

/** Nothing counts any more but who takes over from the masters that are leaving. */
function stepLeaving(state: DirectorState, event: DirectorEvent, now: Micros): DirectorStep {
  const turn = beginTurn(state, state.config, undefined, now);
  const fleet: Fleet = { instances: [...state.instances], groups: [...state.groups], groupOf: state.groupOf };
  // The leaving are masters by state: their claim to the addresses is what ends here.
  if (event.type === 'advertReceived') successorHeard(event, [], turn);
  if (event.type === 'timeout') expireHandovers([], turn);
  if (event.type === 'linkChanged') linkSeen(event.interface, event.link, [], turn);
  return finish({ ...state, phase: leavingPhase(state, fleet, turn) }, fleet, turn);
}

function leavingPhase({ staticObjects }: DirectorState, fleet: Fleet, turn: Turn): 'leaving' | 'stopped' {
  if (turn.handovers.length > 0) return 'leaving';
  releaseStatic(staticObjects, turn);
  concludeStop(fleet, turn);
  return 'stopped';
}

function beginTurn(state: DirectorState, config: DirectorConfig | undefined, delayedUntil: Micros | undefined, now: Micros): Turn {
  return {
    now,
    delayedUntil: delayedUntil ?? now,
    virtualAddresses: state.virtualAddresses,
    multicastGroups: { ipv4: config?.multicastGroup4, ipv6: config?.multicastGroup6 },
    director: config,
    rates: config?.announcementRates,
    effects: [],
    notes: [],
    releases: state.releases,
    handovers: state.handovers,
    trackers: state.trackers,
    pacing: state.pacing,
    epoch: state.epoch,
    seed: state.seed,
  };
}

/** Field by field: a copy that is overwritten afterwards costs more than most steps. */
function finish(state: DirectorState, fleet: Fleet, turn: Turn): DirectorStep {
  const next: DirectorState = {
    config: state.config,
    links: state.links,
    virtualAddresses: state.virtualAddresses,
    legacy: state.legacy,
    instances: fleet.instances,
    groups: fleet.groups,
    groupOf: state.groupOf,
    routes: state.routes,
    releases: turn.releases,
    handovers: turn.handovers,
    pacing: turn.pacing,
    pendingLinks: state.pendingLinks,
    linkKinds: state.linkKinds,
    trackers: turn.trackers,
    staticObjects: state.staticObjects,
    delayedUntil: state.delayedUntil,
    epoch: turn.epoch,
    seed: turn.seed,
    phase: state.phase,
  };
  return { state: next, effects: turn.effects, notes: turn.notes };
}
