/**
 * ha_suspend: the checks of a virtual server rest while none of its addresses is on this host. What is known of its servers stays
 * meanwhile. Changes the pool's state in place.
 */

import type { Micros } from '../base/time.js';
import { checkerDeadline, rescheduledChecker } from './checker.js';
import type { VirtualServerConfig } from './config.js';
import type { CheckerSlot, PoolState, VirtualServerState } from './pool-state.js';
import { callBack, keepInStep, leaveGroup, regroup } from './shared-questions.js';
import { names } from './virtual-server.js';
import type { Outcome } from './virtual-server.js';

/** By what has been told of addresses; one that nobody has told of is not here. */
export function isSuspended({ followed }: PoolState, { haSuspend, services }: VirtualServerConfig): boolean {
  if (haSuspend !== true) return false;
  return !services.some(({ identity }) => identity.kind === 'address' && followed.addresses.has(identity.address));
}

/** Puts the checks to rest, or starts them as at the beginning, whenever that is a change. */
export function lookAtPresence(pool: PoolState, virtualServer: VirtualServerState, now: Micros, out: Outcome): void {
  const suspended = isSuspended(pool, virtualServer.config);
  if (suspended === virtualServer.suspended) return;
  virtualServer.suspended = suspended;
  for (const server of virtualServer.servers.values()) {
    for (const slot of server.checkers) {
      dropChecker(pool, slot, out);
      const { state, seed } = rescheduledChecker(slot.config, slot.state, pool.seed, now);
      pool.seed = seed;
      slot.state = state;
      awaitTurn(pool, slot, now);
      out.notes.push(activationNote(slot));
    }
  }
}

/** The checker is woken when its time comes, in step with those who ask the same; one that rests keeps nobody's time. */
export function awaitTurn(pool: PoolState, slot: CheckerSlot, now: Micros): void {
  if (slot.server.virtualServer.suspended) {
    leaveGroup(pool, slot);
    return;
  }
  if (!slot.group.members.has(slot)) regroup(pool, slot);
  slot.state = keepInStep(slot, now);
  pool.deadlines.set(slot, checkerDeadline(slot.config, slot.state, pool.foresight));
}

/** Whether a checker that has been started, or put to rest, asks from now on. */
export function activationNote(slot: CheckerSlot): Outcome['notes'][number] {
  const type = slot.server.virtualServer.suspended ? 'checkerSuspended' : 'checkerActivated';
  return { type, check: slot.config.check.type, ...names(slot.server) };
}

/** Forgets when a checker is due and calls back its running probe. */
export function dropChecker(pool: PoolState, slot: CheckerSlot, out: Outcome): void {
  const { run: current } = slot.state;
  if (current.kind === 'probing') callBack(pool, slot, current.id, out);
  leaveGroup(pool, slot);
  pool.deadlines.remove(slot);
}
