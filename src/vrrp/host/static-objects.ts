/**
 * static_ipaddress, static_routes and static_rules: there while the daemon runs, whoever is master. Asked of the kernel at
 * start, compared at a reload, put back when somebody else removes them or their interface comes back, removed at the stop.
 */

import { after, isDue, type Micros } from '../../base/time.js';
import { askKernel, NO_INSTANCE, retryDelay } from '../instance/addresses.js';
import { filtered, identity, interfaceOf, isNothing, isOn, listOf, NOTHING, signature, signatures, type Belonging, type Belongings } from '../instance/belongings.js';
import type { DirectorConfig, LinkState, StaticObjects } from '../config.js';
import type { DirectorEvent } from '../events.js';
import { release } from '../release.js';
import type { Turn } from '../instance/state.js';

const OWNER = { name: NO_INSTANCE, excludedAddresses: [], priority: 255 };

/** What is static as last asked of the kernel. */
export interface StaticHolding {
  readonly wanted: StaticObjects;
  /** Of the last request; answers to older ones change nothing. */
  readonly epoch: number;
  readonly status: 'applying' | 'applied' | 'failed';
  readonly failures: number;
  /** Why the kernel refused last time, if it did. */
  readonly refusal: string | undefined;
  readonly retryAt: Micros | undefined;
}

export const NO_STATIC_OBJECTS: StaticHolding = {
  wanted: { addresses: [], routes: [], rules: [] },
  epoch: 0,
  status: 'applied',
  failures: 0,
  refusal: undefined,
  retryAt: undefined,
};

/** At start and at every reload: what is gone is released, what is new is asked for, what stays is left alone. */
export function configureStatic(before: StaticHolding, config: DirectorConfig, turn: Turn): StaticHolding {
  const wanted: StaticObjects = config.staticObjects ?? NOTHING;
  const known = before.wanted;
  const kept = signatures(wanted);
  const dropped = filtered(known, (belonging) => !kept.has(signature(belonging)));
  for (const belonging of listOf(dropped)) turn.notes.push({ type: 'staticObjectDropped', object: belonging });
  release(OWNER, dropped, turn);
  const held = before.status === 'applied' ? signatures(known) : new Set<string>();
  const missing = filtered(wanted, (belonging) => !held.has(signature(belonging)));
  return isNothing(missing) ? { ...before, wanted } : ask({ ...before, wanted }, missing, turn);
}

/** The answer to the last request; undefined when it was to something else. */
export function staticAnswered(
  holding: StaticHolding,
  event: Extract<DirectorEvent, { type: 'addressesApplied' | 'addressesFailed' }>,
  turn: Turn,
): StaticHolding | undefined {
  if (event.instance !== NO_INSTANCE || event.epoch !== holding.epoch || holding.status !== 'applying') return undefined;
  if (event.type === 'addressesApplied') {
    return { ...holding, status: 'applied', failures: 0, refusal: undefined, retryAt: pending(holding, turn) };
  }
  const { reason } = event;
  const failures = holding.failures + 1;
  const retryIn = retryDelay(failures, turn);
  if (reason !== holding.refusal) turn.notes.push({ type: 'addressesFailed', instance: NO_INSTANCE, reason, retryIn });
  const retryAt = pending(holding, turn) ?? after(turn.now, retryIn);
  return { ...holding, status: 'failed', failures, refusal: reason, retryAt };
}

/** Somebody else removed one of them: back in a moment, together with whatever went in the same stroke. */
export function staticLost(
  holding: StaticHolding,
  event: Extract<DirectorEvent, { type: 'addressRemoved' | 'routeRemoved' | 'ruleRemoved' }>,
  turn: Turn,
): StaticHolding {
  const lost = listOf(holding.wanted).find((belonging) => isLost(belonging, event));
  if (lost?.tracked !== true) return holding;
  turn.notes.push({ type: 'staticObjectRestoring', object: lost });
  return { ...holding, retryAt: turn.now };
}

/** An interface that has come up has none of the routes it had, and perhaps none of the addresses. */
export function staticLinkChanged(
  holding: StaticHolding,
  { interface: name, link }: { readonly interface: string; readonly link?: LinkState },
  before: LinkState | undefined,
  turn: Turn,
): StaticHolding {
  const cameUp = link?.up === true && (before?.up !== true || before.index !== link.index);
  if (!cameUp || !listOf(holding.wanted).some((belonging) => isOn(belonging, name))) return holding;
  return { ...holding, retryAt: turn.now };
}

/** Asks again when it is due, for everything or for what somebody else may have taken away: what is there is no failure. */
export function retryStatic(holding: StaticHolding, turn: Turn): StaticHolding {
  if (!isDue(holding.retryAt, turn.now)) return holding;
  return ask(holding, holding.failures > 0 ? holding.wanted : filtered(holding.wanted, ({ tracked }) => tracked), turn);
}

/** The end of the daemon. */
export function releaseStatic(holding: StaticHolding, turn: Turn): void {
  release(OWNER, holding.wanted, turn);
}

/**
 * The configuration with the interfaces of static objects counting (weight 0) for the instances of their track group. What
 * else becomes of such an object is nobody's fault: it is put back.
 */
export function withStaticTracks(config: DirectorConfig): DirectorConfig {
  const { staticObjects, staticTrackGroups = [] } = config;
  if (staticObjects === undefined || staticTrackGroups.length === 0) return config;
  const tied = [...staticObjects.addresses, ...staticObjects.routes, ...staticObjects.rules].filter(({ tracked }) => tracked);
  const instances = config.instances.map((instance) => {
    const groups = staticTrackGroups.filter(({ members }) => members.includes(instance.name)).map(({ name }) => name);
    const names = tied.flatMap((object) => (groups.includes(object.trackGroup ?? '') ? (interfaceOf(object) ?? []) : []));
    const added = new Set(names.filter((name) => name !== instance.interface || !instance.trackPrimary));
    if (added.size === 0) return instance;
    const tracked = [...added].map((name) => ({ interface: name, weight: 0, reverse: false }));
    return { ...instance, trackInterfaces: [...instance.trackInterfaces, ...tracked] };
  });
  return { ...config, instances };
}

function ask(holding: StaticHolding, belongings: Belongings, turn: Turn): StaticHolding {
  return { ...holding, epoch: askKernel(OWNER, true, belongings, turn), status: 'applying', retryAt: undefined };
}

/** Something was lost after the request that has just been answered. */
function pending({ retryAt }: StaticHolding, turn: Turn): Micros | undefined {
  return isDue(retryAt, turn.now) ? retryAt : undefined;
}

function isLost(belonging: Belonging, event: Parameters<typeof staticLost>[1]): boolean {
  switch (event.type) {
    case 'addressRemoved':
      return 'address' in belonging && belonging.address === event.address && belonging.interface === event.interface;
    case 'routeRemoved':
      return identity(belonging) === identity(event.route);
    case 'ruleRemoved':
      return identity(belonging) === identity(event.rule);
  }
}
