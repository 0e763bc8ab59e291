/**
 * A reload tried out: the pool's own machine with one configuration, then with the other, and what the kernel should hold
 * before and after. Nothing is probed or sent; the servers stand as somebody says they do.
 */

import { micros } from '../base/time.js';
import type { Tables } from '../ipvs/tables.js';
import type { PoolConfig } from './config.js';
import { desiredTables } from './desired.js';
import { markGroups } from './marks.js';
import type { HealthNote } from './notes.js';
import { initialPool } from './pool-state.js';
import type { PoolState, RealServerState } from './pool-state.js';
import { stepPool } from './pool.js';
import { changeServer } from './virtual-server.js';
import type { Outcome } from './virtual-server.js';

export interface Rehearsal {
  readonly before: Tables;
  readonly after: Tables;
  /** What the reload itself would tell. */
  readonly notes: readonly HealthNote[];
}

/** `isUp`: how a server of `before` stands, by the names of virtual server and server; undefined = nobody knows, it counts as up. */
export function rehearseReload(
  before: PoolConfig,
  after: PoolConfig,
  isUp: (virtualServer: string, server: string) => boolean | undefined,
): Rehearsal {
  const now = micros(1);
  const marked = markGroups(before, new Map());
  const pool = initialPool(0);
  stepPool(pool, { type: 'reconfigured', config: marked.pool }, now);
  for (const virtualServer of pool.virtualServers) {
    for (const server of virtualServer.servers.values()) stand(pool, server, isUp(virtualServer.config.name, server.name) ?? true);
  }
  const tables = desiredTables(pool);
  const { notes } = stepPool(pool, { type: 'reconfigured', config: markGroups(after, marked.ledger).pool }, now);
  return { before: tables, after: desiredTables(pool), notes };
}

/** How one virtual server of a running pool stands. */
export interface Standing {
  readonly activeTier?: number;
  readonly sorryActive: boolean;
  /** By name: weight in the kernel's table; servers that are not there are left out. */
  readonly weights: ReadonlyMap<string, number>;
}

/** What the kernel should hold for a pool that stands so; virtual servers of which nothing is known are left out. By name. */
export function tablesOf(config: PoolConfig, standings: ReadonlyMap<string, Standing>): Tables {
  const pool = initialPool(0);
  const known = { ...config, virtualServers: config.virtualServers.filter(({ name }) => standings.has(name)) };
  stepPool(pool, { type: 'reconfigured', config: markGroups(known, new Map()).pool }, micros(1));
  for (const virtualServer of pool.virtualServers) {
    const standing = standings.get(virtualServer.config.name);
    if (standing === undefined) continue;
    virtualServer.sorryActive = standing.sorryActive;
    virtualServer.activeTier = standing.activeTier;
    virtualServer.entries = undefined;
    for (const server of virtualServer.servers.values()) {
      const weight = standing.weights.get(server.name);
      server.alive = weight !== undefined;
      server.ramp = undefined;
      server.weight = weight ?? server.weight;
    }
  }
  pool.tables = undefined;
  return desiredTables(pool);
}

/** All that speaks for it says the same. A server without checks goes down by nothing but an operator's word. */
function stand(pool: PoolState, server: RealServerState, up: boolean): void {
  if (server.config.byHand?.action === 'disable') return;
  for (const slot of server.checkers) slot.state = { ...slot.state, up, hasRun: true };
  for (const slot of server.followers) slot.state = { ...slot.state, up };
  const voices = server.checkers.length + server.followers.length;
  if (voices === 0) return;
  server.failedCheckers = up ? 0 : voices;
  const unheard: Outcome = { effects: [], notes: [] };
  changeServer(pool, server, up, unheard);
}
