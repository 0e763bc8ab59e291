/** Bugs that pools may have in what keepalived has not, planted between the test and production's machine. */

import type { Plant } from '../health/lives.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';

export interface PlantedPoolFault {
  readonly name: string;
  readonly plant: Plant;
}

export const PLANTED_POOL_FAULTS: readonly PlantedPoolFault[] = [
  { name: 'a server that comes up gets its whole weight at once', plant: servers((server) => without(server, 'slowStart')) },
  { name: 'manual_resume is not heeded', plant: servers((server) => without(server, 'manualResume')) },
  { name: 'holds of an earlier process are forgotten', plant: deafTo('holdsInherited') },
  { name: 'an operator who resumes one server resumes all', plant: { event: (event) => (event.type === 'resumeRequested' ? { type: event.type } : event) } },
  { name: 'penalties decay half as fast as they should', plant: servers(slowDecay) },
  { name: 'servers flap undamped', plant: servers((server) => without(server, 'flapDamping')) },
  { name: 'the last tier of backup servers serves first', plant: pools(lastTierFirst) },
  { name: 'a server is drained for too long', plant: pools((pool) => (pool.drainTimeout === undefined ? pool : { ...pool, drainTimeout: (pool.drainTimeout * 2) as never })) },
  { name: 'a drained server without connections stays', plant: deafTo('entriesSeenIdle') },
  { name: 'what is said by hand is lost at a reload', plant: { words: () => [] } },
  { name: 'of what is said by hand the first word counts', plant: { words: (words) => [...words].reverse() } },
  { name: 'checks go on without an address', plant: pools((pool) => without(pool, 'haSuspend')) },
  { name: 'VRRP does not hear of quorums', plant: { config: (config) => without(config, 'tracked') } },
];

function without<T extends object>(value: T, key: keyof T): T {
  const copy = { ...value };
  Reflect.deleteProperty(copy, key);
  return copy;
}

function pools(change: (pool: VirtualServerConfig) => VirtualServerConfig): Plant {
  return { config: (config: PoolConfig) => ({ ...config, virtualServers: config.virtualServers.map(change) }) };
}

function servers(change: (server: RealServerConfig) => RealServerConfig): Plant {
  return pools((pool) => ({ ...pool, realServers: pool.realServers.map(change) }));
}

function deafTo(type: string): Plant {
  return { event: (event) => (event.type === type ? undefined : event) };
}

function slowDecay(server: RealServerConfig): RealServerConfig {
  const { flapDamping } = server;
  return flapDamping === undefined ? server : { ...server, flapDamping: { ...flapDamping, halfLife: (flapDamping.halfLife * 2) as never } };
}

function lastTierFirst(pool: VirtualServerConfig): VirtualServerConfig {
  const { backupServers } = pool;
  return backupServers === undefined ? pool : { ...pool, backupServers: backupServers.map((server) => ({ ...server, tier: 4 - (server.tier ?? 0) })) };
}
