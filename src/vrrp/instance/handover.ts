/**
 * Make before break: a master that leaves in order says goodbye at once but keeps its addresses, and with them the
 * traffic, until its successor has spoken or must have. keepalived drops them first, and nobody has them for a skew.
 */

import { after, earliest, isDue, micros, milliseconds, seconds, type Micros } from '../../base/time.js';
import type { InstanceConfig, LinkState } from '../config.js';
import { advertInterface } from '../host/devices.js';
import type { DirectorEvent } from '../events.js';
import { ownInterfaces } from '../links/links.js';
import type { FaultReason } from '../notes.js';
import { judge } from './receive.js';
import { inUseByMasters, release } from '../release.js';
import { type Handover, type Instance, type Turn } from './state.js';
import { allBelongings, filtered, identity } from './belongings.js';
import { skewTime } from './timers.js';

/** What the successor may need on top of its skew: a late alarm, a busy machine. */
const GRACE = milliseconds(200);
/** Of a configuration with a very long interval: longer, and a restart would seem to hang. */
export const LONGEST_HANDOVER = seconds(4);
/** The slowest possible successor: the skew is longest for the lowest priority. */
const LOWEST_PRIORITY = 1;

/** Nobody hears us, or we hear nobody: there is nothing to wait for. */
const CUT_OFF: ReadonlySet<FaultReason['type']> = new Set(['interfaceDown', 'interfaceMissing', 'noPeer']);

/** Whether a successor can be told and heard, whatever else is wrong. */
export function canHandOver({ faults }: Pick<Instance, 'faults'>): boolean {
  return !faults.some(({ type }) => CUT_OFF.has(type));
}

/** The configurations of its sync group, itself included: a successor takes them over together. */
export function companionsOf(config: InstanceConfig, { director }: Pick<Turn, 'director'>): readonly InstanceConfig[] {
  const group = director?.groups.find(({ members }) => members.includes(config.name));
  const companions = director?.instances.filter(({ name }) => group?.members.includes(name)) ?? [];
  return companions.length === 0 ? [config] : companions;
}

/** Begins one, after the goodbye has been sent. `companions` as companionsOf says. `limit` bounds it further. */
export function handOver(
  { config, freshness }: Pick<Instance, 'config' | 'freshness'>,
  companions: readonly InstanceConfig[],
  limit: Micros,
  turn: Turn,
): void {
  const until = after(turn.now, micros(Math.min(handoverSpan(companions), limit)));
  turn.handovers = [...otherHandovers(config, turn), { config, freshness, until }];
}

/** It is master again: nothing is handed over any more. */
export function callOff(config: InstanceConfig, turn: Turn): void {
  turn.handovers = otherHandovers(config, turn);
}

function otherHandovers(config: InstanceConfig, { handovers }: Turn): readonly Handover[] {
  return handovers.some((each) => each.config === config) ? handovers.filter((each) => each.config !== config) : handovers;
}

/** How long the slowest possible successor of these may take to speak. */
export function handoverSpan(companions: readonly InstanceConfig[]): Micros {
  const skews = companions.map(({ version, advertInterval }) => skewTime(version, LOWEST_PRIORITY, advertInterval));
  return micros(Math.min(Math.max(...skews) + GRACE, LONGEST_HANDOVER));
}

/** An advert on the virtual router of a handover: any router that claims to be its master has it. */
export function successorHeard(
  event: Extract<DirectorEvent, { type: 'advertReceived' }>,
  instances: readonly Instance[],
  turn: Turn,
): void {
  const { advert, source } = event;
  if (advert.priority === 0) return;
  const ended = turn.handovers.filter(
    ({ config, freshness }) =>
      advertInterface(config) === event.interface &&
      config.family === event.family &&
      config.virtualRouterId === advert.virtualRouterId &&
      judge(config, freshness, event).rejection === undefined,
  );
  for (const { config } of ended) turn.notes.push({ type: 'handedOver', instance: config.name, to: source });
  giveUp(ended, instances, turn);
}

/** Gives up what has waited long enough. */
export function expireHandovers(instances: readonly Instance[], turn: Turn): void {
  giveUp(turn.handovers.filter(({ until }) => isDue(until, turn.now)), instances, turn);
}

/** Gives up what goes through an interface that does not work any more: no successor is heard there. */
export function linkSeen(name: string, link: LinkState | undefined, instances: readonly Instance[], turn: Turn): void {
  if (link?.up === true) return;
  giveUp(turn.handovers.filter(({ config }) => ownInterfaces(config).includes(name)), instances, turn);
}

/** Gives up all that are left, waited for or not. */
export function endHandovers(instances: readonly Instance[], turn: Turn): void {
  giveUp(turn.handovers, instances, turn);
}

export function handoverDeadline(handovers: readonly Handover[]): Micros | undefined {
  return handovers.reduce<Micros | undefined>((deadline, { until }) => earliest(deadline, until), undefined);
}

function giveUp(ended: readonly Handover[], instances: readonly Instance[], turn: Turn): void {
  if (ended.length === 0) return;
  turn.handovers = turn.handovers.filter((each) => !ended.includes(each));
  const inUse = inUseByMasters(instances);
  for (const { config } of ended) {
    release(config, filtered(allBelongings(config), (belonging) => !inUse.has(identity(belonging))), turn);
  }
}
