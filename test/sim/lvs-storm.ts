/** The storm over a checkers process, and the mending after it. */

import { serviceKey } from '../../src/ipvs/tables.js';
import type { PoolConfig, VirtualServerConfig } from '../../src/health/config.js';
import { BACKEND_STATES } from './backends.js';
import { address } from '../support/address.js';
import { CALM_TABLES_LATENCY } from './kernel-tables.js';
import type { MutableTables } from './kernel-tables.js';
import type { LvsWorld } from './lvs-run.js';
import { BACKENDS, drawPool } from './pool-config.js';

export const LVS_FAULTS = [
  'backend',
  'allBackends',
  'checkersKilled',
  'checkersPaused',
  'poolReload',
  'tablesCleared',
  'serviceDeleted',
  'weightChanged',
  'foreignService',
  'moduleAbsent',
] as const;

type Fault = (typeof LVS_FAULTS)[number];

/** Conditions of the whole storm; they count themselves. */
export const LVS_CONDITIONS = ['proberSilent', 'localTrouble'] as const;

export function lvsStorm(lvs: LvsWorld, length: number): void {
  const { world, kernel, backends, host } = lvs;
  const breaking = world.chance(0.3) ? world.random() * 0.3 : 0;
  if (breaking > 0) lvs.excuse(true);
  kernel.setTrouble(world.chance(0.3) ? 300_000 : CALM_TABLES_LATENCY, breaking);
  backends.setTrouble(world.chance(0.3) ? world.random() * 0.3 : 0, world.chance(0.3) ? world.random() * 0.2 : 0);
  const kinds = LVS_FAULTS.filter(() => world.chance(0.5));
  const end = world.now() + length;
  while (world.now() < end) {
    world.pass(world.between(10_000, 4_000_000));
    if (kinds.length > 0) strike(lvs, world.pick(kinds), end);
  }
  kernel.setLoaded(true);
  kernel.setTrouble(CALM_TABLES_LATENCY, 0);
  backends.setTrouble(0, 0);
  host.wake();
  host.start();
}

function strike(lvs: LvsWorld, fault: Fault, end: number): void {
  const { world, kernel, backends, host, foreign } = lvs;
  world.cover(`fault ${fault}`);
  world.trace(fault);
  const later = (low: number, high: number, run: () => void): void =>
    world.after(world.between(low, high), () => {
      if (world.now() < end) run();
    });
  const byOthers = (change: (tables: MutableTables) => void): void => {
    lvs.excuse(true);
    kernel.interfere(change);
  };
  switch (fault) {
    case 'backend':
      backends.set(world.pick(BACKENDS), world.pick(BACKEND_STATES));
      break;
    case 'allBackends': {
      const state = world.pick(BACKEND_STATES);
      for (const backend of BACKENDS) backends.set(backend, state);
      break;
    }
    case 'checkersKilled':
      host.kill();
      // What it was doing may still happen, and what it owned beyond its configuration is nobody's now.
      lvs.excuse(true);
      abandon(lvs);
      later(1_000, 5_000_000, host.start);
      break;
    case 'checkersPaused':
      host.pause(world.between(1_000, 10_000_000));
      break;
    case 'poolReload':
      host.reload(changed(lvs));
      if (!host.isRunning()) abandon(lvs);
      break;
    case 'tablesCleared':
      byOthers((tables) => tables.clear());
      foreign.clear();
      break;
    case 'serviceDeleted':
      byOthers((tables) => {
        const [key] = tables.keys();
        if (key === undefined) return;
        tables.delete(key);
        foreign.delete(key);
      });
      break;
    case 'weightChanged':
      byOthers((tables) => {
        for (const { destinations } of tables.values()) {
          for (const [key, destination] of destinations) destinations.set(key, { ...destination, weight: world.between(0, 9) });
        }
      });
      break;
    case 'foreignService':
      byOthers((tables) => addForeign(lvs, tables));
      break;
    case 'moduleAbsent':
      lvs.excuse(true);
      kernel.setLoaded(false);
      foreign.clear();
      later(100_000, 5_000_000, () => kernel.setLoaded(true));
      break;
  }
}

function addForeign({ world, foreign }: LvsWorld, tables: MutableTables): void {
  const identity = { kind: 'address', protocol: 'udp', address: address('198.51.100.1'), port: world.between(1, 9) } as const;
  const key = serviceKey(identity);
  foreign.add(key);
  if (tables.has(key)) return;
  const service = { identity, scheduler: 'rr', flags: 0, persistenceTimeout: 0, persistenceGranularity: '255.255.255.255' };
  tables.set(key, { service, destinations: new Map() });
}

/** A process that dies forgets what it owned; only what the configuration still names is taken up by the next. */
function abandon({ kernel, host, foreign }: LvsWorld): void {
  const named = new Set(host.config().virtualServers.flatMap(({ services }) => services.map(({ identity }) => serviceKey(identity))));
  for (const key of kernel.tables().keys()) if (!named.has(key)) foreign.add(key);
}

/** Another pool altogether, or this one with other weights, fewer servers or another scheduler. */
function changed({ world, host, foreign }: LvsWorld): PoolConfig {
  const next = world.chance(0.3)
    ? drawPool(world)
    : { virtualServers: host.config().virtualServers.map((virtualServer) => varied(virtualServer, world.pick([0, 1, 2, 3]))) };
  // What nobody owned is ours as soon as we name it.
  for (const { services } of next.virtualServers) for (const { identity } of services) foreign.delete(serviceKey(identity));
  return next;
}

function varied(virtualServer: VirtualServerConfig, kind: number): VirtualServerConfig {
  const [service] = virtualServer.services;
  switch (kind) {
    case 0:
      return { ...virtualServer, realServers: virtualServer.realServers.map((server) => ({ ...server, weight: (server.weight % 3) + 1 })) };
    case 1:
      return { ...virtualServer, realServers: virtualServer.realServers.slice(1), quorum: 1, hysteresis: 0 };
    case 2:
      return service === undefined ? virtualServer : { ...virtualServer, services: [{ ...service, scheduler: 'sed' }] };
    default:
      return virtualServer;
  }
}
