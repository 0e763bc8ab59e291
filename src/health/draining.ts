/**
 * Servers that a reload has taken out and that keep their connections for a while: at weight 0 they get no new ones. Checks,
 * quorum and notifications know nothing of them any more. Changes the pool's state in place.
 */

import { after, earliest, isDue, micros } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { SERVICE_FLAGS } from '../ipvs/tables.js';
import type { VirtualServerConfig } from './config.js';
import { keysInTables, weightInTables } from './desired.js';
import type { PoolState, RealServerState, VirtualServerState } from './pool-state.js';
import { names, touch } from './virtual-server.js';
import type { Outcome } from './virtual-server.js';

/**
 * To be asked before the server is withdrawn. Only one that serves has connections worth keeping, and datagrams would go on
 * to reach it: a flow that never pauses keeps its entry for ever.
 */
export function mayDrain(server: RealServerState, next: VirtualServerConfig): boolean {
  if ((next.drainTimeout ?? 0) === 0 || !server.alive || weightInTables(server) === undefined) return false;
  return next.services.every(({ identity, flags }) => (flags & SERVICE_FLAGS.onePacket) === 0 && (identity.kind === 'fwmark' || identity.protocol !== 'udp'));
}

export function startDraining(pool: PoolState, key: string, server: RealServerState, next: VirtualServerConfig, now: Micros, out: Outcome): void {
  const limit = next.drainTimeout ?? micros(0);
  pool.draining.add(server.virtualServer);
  server.virtualServer.draining.set(key, { server, until: after(now, limit) });
  out.notes.push({ type: 'serverDraining', limit, ...names(server) });
  touch(pool, server.virtualServer);
}

/** When the first of them has to go at the latest. Costs time in proportion to the virtual servers that have any. */
export function drainDeadline(pool: PoolState): Micros | undefined {
  let first: Micros | undefined;
  for (const virtualServer of pool.draining) for (const { until } of virtualServer.draining.values()) first = earliest(first, until);
  return first;
}

/** Those whose time is up go. */
export function expireDraining(pool: PoolState, now: Micros, out: Outcome): void {
  for (const virtualServer of [...pool.draining]) {
    for (const [key, { server, until }] of virtualServer.draining) {
      if (isDue(until, now)) finish(pool, virtualServer, key, server, false, out);
    }
  }
}

/** `idle`: entries of weight 0 that the kernel has just been seen to keep no connection for (entryKey of ipvs/tables.ts). */
export function finishIdle(pool: PoolState, idle: ReadonlySet<string>, out: Outcome): void {
  for (const virtualServer of [...pool.draining]) {
    for (const [key, { server }] of virtualServer.draining) {
      if (keysInTables(server, virtualServer.config).every((entry) => idle.has(entry))) finish(pool, virtualServer, key, server, true, out);
    }
  }
}

function finish(pool: PoolState, virtualServer: VirtualServerState, key: string, server: RealServerState, inTime: boolean, out: Outcome): void {
  virtualServer.draining.delete(key);
  if (virtualServer.draining.size === 0) pool.draining.delete(virtualServer);
  out.notes.push({ type: 'serverDrained', inTime, ...names(server) });
  touch(pool, virtualServer);
}
