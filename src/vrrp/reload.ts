/**
 * A configuration becomes the running one, at start and at every reload: what is gone releases its addresses, what stays
 * keeps its state, what is new waits for its interfaces. An instance is the same when interface, family and VRID are; its
 * name may change.
 */

import { after, type Micros } from '../base/time.js';
import { requestAddresses } from './instance/addresses.js';
import { routeKey } from './adoption.js';
import { allAddresses, allBelongings, filtered, identitiesOf, identity, listOf, signature, signatures, type Belongings } from './instance/belongings.js';
import type { DirectorConfig, InstanceConfig } from './config.js';
import { instanceAt, membersWith, type Fleet, type SyncGroup } from './group.js';
import { handOver, LONGEST_HANDOVER } from './instance/handover.js';
import { assess, type Links } from './links/links.js';
import { refreshAdvert } from './instance/master.js';
import { composeAdvert, notifyInstance, sendAdvert } from './instance/outgoing.js';
import { downInterval, newInstance, type Instance, type RoleState, type Turn } from './instance/state.js';
import { release } from './release.js';
import { sayGoodbye } from './instance/transitions.js';

/** The fleet of `config`, as far as possible with the state of `before`. New instances are not started yet. */
export function reconfigure(before: Fleet, config: DirectorConfig, links: Links, turn: Turn): Fleet {
  const survivors = new Map(config.instances.map((instance) => [routeKey(instance), instance]));
  const kept = new Map<string, Instance>();
  const claimed = identitiesOf(config.instances);
  // Whatever has to go goes first: an address may be moving from one instance to another.
  for (const [index, instance] of before.instances.entries()) {
    const key = routeKey(instance.config);
    const next = survivors.get(key);
    if (next === undefined) remove(before, index, claimed, turn);
    else kept.set(key, dropAddresses(instance, next, turn));
  }
  const instances = config.instances.map((next) => {
    const instance = kept.get(routeKey(next));
    return instance === undefined ? newInstance(next, turn.now) : adopt(instance, next, links, turn);
  });
  return { instances, ...formGroups(before.groups, config) };
}

function formGroups(before: readonly SyncGroup[], config: DirectorConfig): Omit<Fleet, 'instances'> {
  const indexes = new Map(config.instances.map((instance, index) => [instance.name, index]));
  const groupOf: (number | undefined)[] = config.instances.map(() => undefined);
  const groups = config.groups.map((group, groupIndex): SyncGroup => {
    // The first group that names an instance has it.
    const members = group.members.flatMap((name) => {
      const index = indexes.get(name);
      return index === undefined || groupOf[index] !== undefined ? [] : [index];
    });
    for (const member of members) groupOf[member] = groupIndex;
    const state = before.find((old) => old.config.name === group.name)?.state;
    return { config: group, members, state };
  });
  return { groups, groupOf };
}

/** `claimed`: by instances that stay or come. What moves to one of them is not kept for a successor elsewhere. */
function remove(fleet: Fleet, index: number, claimed: ReadonlySet<string>, turn: Turn): void {
  const instance = instanceAt(fleet, index);
  const { role } = instance.state;
  if (role === 'initialize') return;
  const { config } = instance;
  const speaks = role === 'master' && composeAdvert(instance, 0, turn) !== undefined;
  const left = speaks ? sayGoodbye(instance, turn) : instance;
  const belongings = allBelongings(config);
  if (speaks && !listOf(belongings).some((belonging) => claimed.has(identity(belonging)))) {
    handOver(left, membersWith(fleet, index).map((member) => instanceAt(fleet, member).config), LONGEST_HANDOVER, turn);
  } else if (mayHoldAddresses(instance) || isUnanswered(instance)) release(config, belongings, turn);
  turn.notes.push({ type: 'instanceRemoved', instance: instance.config.name });
  if (config.notifyOptions?.deleted === true) notifyInstance(instance, 'DELETED', turn);
  else if (role !== 'fault') notifyInstance(instance, 'FAULT', turn);
}

/** Still under the old configuration, so that the request carries the name that it was set by. */
function dropAddresses(instance: Instance, next: InstanceConfig, turn: Turn): Instance {
  if (!mayHoldAddresses(instance)) return instance;
  const wanted = signatures(allBelongings(next));
  const dropped = filtered(allBelongings(instance.config), (belonging) => !wanted.has(signature(belonging)));
  for (const address of dropped.addresses) {
    turn.notes.push({ type: 'addressDropped', instance: instance.config.name, address });
  }
  for (const object of [...dropped.routes, ...dropped.rules]) {
    turn.notes.push({ type: 'networkDropped', instance: instance.config.name, object });
  }
  release(instance.config, dropped, turn);
  const { addresses } = instance;
  const held = addresses.held.filter((address) => wanted.has(signature(address)));
  return { ...instance, addresses: { ...addresses, held } };
}

/** As a master, or because the kernel has refused to take them back. */
function mayHoldAddresses({ state, addresses }: Instance): boolean {
  return state.role === 'master' || addresses.status === 'failed';
}

/** The kernel may still refuse to take them back, and then nobody would be there to ask again. */
function isUnanswered({ addresses }: Instance): boolean {
  return addresses.status === 'applying';
}

function adopt(before: Instance, config: InstanceConfig, links: Links, turn: Turn): Instance {
  const learnt = before.config.version === config.version && config.version === 3 && before.master !== undefined;
  // keepalived says nothing about a priority that the operator has changed himself.
  const asConfigured = before.config.priority === config.priority;
  const priority = asConfigured ? before.priority : assess(config, turn.virtualAddresses, links, before.source, turn.trackers).priority;
  const masterInterval = learnt ? before.masterInterval : config.advertInterval;
  const stillHeld = new Set(before.addresses.held.map(signature));
  const held = allAddresses(config).filter((address) => stillHeld.has(signature(address)));
  const addresses = { ...before.addresses, held };
  const changed: Instance = { ...before, config, priority, masterInterval, addresses };
  const instance: Instance = { ...changed, state: movedTimers(before, changed, turn.now) };
  if (instance.state.role !== 'master') return instance;
  const fresh = refreshAdvert(instance, turn);
  const advertising = fresh.state.role === 'master' ? sendAdvert(fresh, fresh.state.advert, turn) : fresh;
  return requestAddresses(advertising, true, missingBelongings(before, config), turn);
}

/** Everything when the kernel has not settled or answers by another name, else what the reload added. */
function missingBelongings(before: Instance, config: InstanceConfig): Belongings {
  const wanted = allBelongings(config);
  if (before.addresses.status !== 'applied' || before.config.name !== config.name) return wanted;
  const present = signatures(allBelongings(before.config));
  return filtered(wanted, (belonging) => !present.has(signature(belonging)));
}

function movedTimers(before: Instance, instance: Instance, now: Micros): RoleState {
  const { state, config } = instance;
  switch (state.role) {
    case 'backup': {
      const difference = downInterval(instance) - downInterval(before);
      const preemptAt = config.preempt && config.preemptDelay > 0 ? state.preemptAt : undefined;
      return { ...state, masterDownAt: after(state.masterDownAt, difference as Micros), preemptAt };
    }
    case 'master':
      return { ...state, advertAt: after(now, config.advertInterval) };
    case 'initialize':
    case 'fault':
      return state;
  }
}
