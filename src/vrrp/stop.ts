/** The orderly stop of all instances: goodbye, the handover of what they hold, and the last words to scripts and FIFOs. */

import { micros, type Micros } from '../base/time.js';
import { requestAddresses } from './instance/addresses.js';
import type { InstanceConfig } from './config.js';
import type { DirectorEvent } from './events.js';
import { instanceAt, membersWith, type Fleet } from './group.js';
import { endHandovers, handOver } from './instance/handover.js';
import { ownInterfaces, type Links } from './links/links.js';
import { composeAdvert, notifyGroup, notifyInstance } from './instance/outgoing.js';
import { retryReleases } from './release.js';
import { allBelongings } from './instance/belongings.js';
import { type Instance, type Turn } from './instance/state.js';
import { counted } from './instance/statistics.js';
import { sayGoodbye } from './instance/transitions.js';

const NO_TIME = micros(0);

/**
 * Every master says goodbye and begins its handover. `patience` bounds how long one may take. That nobody else has been
 * heard for long says nothing: a backup is silent. Only where nobody can be heard there is nothing to wait for.
 */
export function beginStop(
  fleet: Fleet,
  { keepAddresses, patience }: Pick<Extract<DirectorEvent, { type: 'stopRequested' }>, 'keepAddresses' | 'patience'>,
  links: Links,
  turn: Turn,
): void {
  if (keepAddresses) {
    // It means to be back before the others notice. What a reload has taken away is another matter.
    endHandovers(fleet.instances, turn);
    return;
  }
  for (const [index, instance] of started(fleet)) {
    const companions = membersWith(fleet, index).map((member) => instanceAt(fleet, member).config);
    const isHeard = ownInterfaces(instance.config).every((name) => links.get(name)?.up === true);
    fleet.instances[index] = leave(instance, companions, isHeard ? patience : NO_TIME, turn);
  }
  retryReleases([], true, turn);
}

/** keepalived's order: all instances are told to have stopped, then all groups. */
export function concludeStop(fleet: Fleet, turn: Turn): void {
  for (const [index] of started(fleet)) {
    const instance = instanceAt(fleet, index);
    notifyInstance(instance, 'STOP', turn);
    fleet.instances[index] = { ...instance, state: { role: 'initialize' } };
  }
  for (const { config, state } of fleet.groups) {
    if (state !== undefined) notifyGroup(config, 'STOP', turn);
  }
  turn.effects.push({ type: 'stopped' });
}

function leave(instance: Instance, companions: readonly InstanceConfig[], patience: Micros, turn: Turn): Instance {
  const isMaster = instance.state.role === 'master';
  if (isMaster && composeAdvert(instance, 0, turn) !== undefined) {
    const left = sayGoodbye({ ...instance, statistics: counted(instance.statistics, 'releasedMaster') }, turn);
    if (patience === NO_TIME) return requestAddresses(left, false, allBelongings(instance.config), turn);
    handOver(left, companions, patience, turn);
    return left;
  }
  if (!isMaster && instance.addresses.status !== 'failed') return instance;
  return requestAddresses(instance, false, allBelongings(instance.config), turn);
}

function started(fleet: Fleet): readonly (readonly [number, Instance])[] {
  return [...fleet.instances.entries()].filter(([, { state }]) => state.role !== 'initialize');
}
