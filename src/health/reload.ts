/**
 * A new configuration over what is known: what matches keeps its state and its timers, what is gone is taken out, what is
 * new starts. The first configuration is the case in which nothing matches. Changes the pool's state in place.
 */

import type { Micros } from '../base/time.js';
import { serviceKey } from '../ipvs/tables.js';
import { initialChecker, rescheduledChecker } from './checker.js';
import type { CheckerConfig } from './config-check.js';
import { serversOf } from './config.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from './config.js';
import { servicesInKernel } from './desired.js';
import { mayDrain, startDraining } from './draining.js';
import { judgeFollower } from './followers.js';
import { newRealServer, newVirtualServer } from './pool-state.js';
import type { CheckerSlot, FollowerSlot, PoolState, RealServerState, VirtualServerState } from './pool-state.js';
import { newSlot, regroup } from './shared-questions.js';
import { adaptStanding, endRamp, forgetStanding, forgetStrangers, inheritHold, isKeptOut, startSlowly, verdictKey } from './standing.js';
import { activationNote, awaitTurn, dropChecker, isSuspended, lookAtPresence } from './suspension.js';
import {
  changeType,
  changeWeight,
  effectiveWeight,
  lookAtQuorum,
  mailQuorum,
  mailServer,
  names,
  setAlive,
  sorryNames,
  tellQuorum,
  tellServer,
  touch,
} from './virtual-server.js';
import type { Outcome } from './virtual-server.js';

/** Removals first, then what stays and what comes in the order of the configuration, at last the checkers that start. */
export function reconfigure(pool: PoolState, config: PoolConfig, now: Micros, out: Outcome): void {
  const wanted = keyed(config);
  pool.mailsServersOnly = config.noCheckerMails === true;
  pool.tellsFirstSuccess = config.notifyFirstSuccess === true;
  const previous = new Map(pool.virtualServers.map((virtualServer) => [virtualServer.key, virtualServer]));
  for (const virtualServer of pool.virtualServers) {
    const next = wanted.get(virtualServer.key);
    if (next === undefined) removeVirtualServer(pool, virtualServer, out);
    else withdrawUnwanted(pool, virtualServer, next, now, out);
  }
  const started: CheckerSlot[] = [];
  pool.virtualServers = [];
  for (const [key, virtualServerConfig] of wanted) {
    const existing = previous.get(key);
    const virtualServer = existing ?? newVirtualServer(key, virtualServerConfig, now);
    pool.virtualServers.push(virtualServer);
    if (existing === undefined) startVirtualServer(pool, virtualServer, now, started, out);
    else if (!same(existing.config, virtualServerConfig)) {
      adaptVirtualServer(pool, existing, virtualServerConfig, now, started, out);
    }
  }
  pool.tables = undefined;
  if (pool.phase === 'new') forgetStrangers(pool);
  pool.inherited.clear();
  followQuorums(pool, config);
  for (const slot of started) {
    out.notes.push(activationNote(slot));
  }
}

/** Those that are no longer followed are told anew, should they ever be again. */
function followQuorums(pool: PoolState, { tracked = [] }: PoolConfig): void {
  const before = new Set(pool.tracked);
  const wanted = new Set(tracked);
  pool.tracked = wanted.size === 0 ? [] : pool.virtualServers.filter(({ config }) => wanted.has(config.name));
  for (const virtualServer of pool.tracked) if (!before.has(virtualServer)) virtualServer.told = undefined;
}

/** Virtual servers by what identifies them across reloads; the same group used several times is told apart by order. */
export function keyed(config: PoolConfig): ReadonlyMap<string, VirtualServerConfig> {
  const map = new Map<string, VirtualServerConfig>();
  for (const virtualServer of config.virtualServers) {
    const identity = virtualServer.services[0]?.identity;
    const kind = identity?.kind === 'fwmark' ? identity.family : identity?.protocol;
    const name = virtualServer.services.length === 1 && identity !== undefined ? serviceKey(identity) : virtualServer.name;
    const key = `${name} ${kind ?? ''}`;
    let count = 1;
    while (map.has(`${key} ${count}`)) count += 1;
    map.set(`${key} ${count}`, virtualServer);
  }
  return map;
}

function startVirtualServer(
  pool: PoolState,
  virtualServer: VirtualServerState,
  now: Micros,
  started: CheckerSlot[],
  out: Outcome,
): void {
  virtualServer.suspended = isSuspended(pool, virtualServer.config);
  for (const config of serversOf(virtualServer.config)) {
    if (!virtualServer.servers.has(serverKey(config))) startServer(pool, virtualServer, config, now, started, out);
  }
  lookAtQuorum(pool, virtualServer, true, out);
}

/** In service at once unless a checker wants to see it first (alpha). */
function startServer(
  pool: PoolState,
  virtualServer: VirtualServerState,
  config: RealServerConfig,
  now: Micros,
  started: CheckerSlot[],
  out: Outcome,
): void {
  const server = newRealServer(pool, virtualServer, config, now);
  virtualServer.servers.set(serverKey(config), server);
  server.checkers = checkersOf(config).map((checker, index) => {
    const verdict = pool.inherited.get(verdictKey(server, checker, index));
    const slot = startChecker(pool, server, checker, verdict ?? !checker.alpha, now, started);
    // What the program before was told is no news.
    if (verdict !== undefined) slot.state = { ...slot.state, hasRun: true };
    return slot;
  });
  server.followers = followersOf(pool, config);
  server.failedCheckers = failuresOf(server);
  server.weight = effectiveWeight(server);
  inheritHold(pool, server, out);
  setAlive(pool, server, server.failedCheckers === 0 && !isKeptOut(server));
  // At the daemon's start they all come up together, with whatever connections the kernel has for them.
  if (server.alive && pool.phase === 'running') startSlowly(pool, server, now, out);
}

/** What has been told before they were configured holds for them too. */
function followersOf({ followed }: PoolState, { followers = [] }: RealServerConfig): FollowerSlot[] {
  return followers.map((config) => ({ config, state: judgeFollower(config, followed) }));
}

/** Nothing looks at a server that an operator has disabled. */
function checkersOf({ checkers, byHand }: RealServerConfig): readonly CheckerConfig[] {
  return byHand?.action === 'disable' ? [] : checkers;
}

function failuresOf({ config, checkers, followers }: RealServerState): number {
  const disabled = config.byHand?.action === 'disable' ? 1 : 0;
  return [...checkers, ...followers].filter(({ state }) => !state.up).length + disabled;
}

function startChecker(
  pool: PoolState,
  server: RealServerState,
  config: CheckerConfig,
  up: boolean,
  now: Micros,
  started: CheckerSlot[],
): CheckerSlot {
  const initial = initialChecker(config, { up, atStart: pool.phase === 'new' }, pool.seed, now);
  pool.seed = initial.seed;
  const slot = newSlot(pool, server, config, initial.state);
  awaitTurn(pool, slot, now);
  started.push(slot);
  return slot;
}

function removeVirtualServer(pool: PoolState, virtualServer: VirtualServerState, out: Outcome): void {
  out.notes.push({ type: 'virtualServerGone', virtualServer: virtualServer.config.name });
  pool.draining.delete(virtualServer);
  for (const server of virtualServer.servers.values()) withdrawServer(pool, server, out);
  if (!virtualServer.quorumUp) return;
  tellQuorum(virtualServer.config, false, out);
  mailQuorum(virtualServer.config, false, { type: 'removed' }, out);
}

/** A server that leaves by reload is told down, whatever omega says. */
function withdrawServer(pool: PoolState, server: RealServerState, out: Outcome): void {
  const inhibited = server.config.inhibitOnFailure && !server.alive;
  out.notes.push({ type: 'serverWithdrawn', inhibited, ...names(server) });
  if (server.alive) {
    tellServer(server, false, out);
    mailServer(server, false, { type: 'removed' }, out);
  }
  setAlive(pool, server, false);
  forgetStanding(pool, server);
  for (const slot of server.checkers) dropChecker(pool, slot, out);
}

/** The sorry server and the real servers that the new configuration does not name. */
function withdrawUnwanted(
  pool: PoolState,
  virtualServer: VirtualServerState,
  next: VirtualServerConfig,
  now: Micros,
  out: Outcome,
): void {
  const sorry = sorryNames(virtualServer);
  if (sorry !== undefined && sorry.server !== sorryNames({ config: next })?.server) {
    const inTables = virtualServer.sorryActive || virtualServer.config.sorryServer?.inhibit === true;
    if (inTables) out.notes.push({ type: 'sorryServerRemoved', ...sorry });
    virtualServer.sorryActive = false;
    touch(pool, virtualServer);
  }
  const wanted = new Set(serversOf(next).map(serverKey));
  const places = new Set(serversOf(next).map(placeOf));
  // Back in the file: its entry in the kernel is the new server's.
  for (const [key, { server }] of virtualServer.draining) if (places.has(placeOf(server.config))) virtualServer.draining.delete(key);
  if (virtualServer.draining.size === 0) pool.draining.delete(virtualServer);
  for (const [key, server] of virtualServer.servers) {
    if (wanted.has(key)) continue;
    out.notes.push({ type: 'serverGone', ...names(server) });
    const drains = !places.has(placeOf(server.config)) && mayDrain(server, next);
    withdrawServer(pool, server, out);
    virtualServer.servers.delete(key);
    if (drains) startDraining(pool, key, server, next, now, out);
  }
}

function adaptVirtualServer(
  pool: PoolState,
  virtualServer: VirtualServerState,
  config: VirtualServerConfig,
  now: Micros,
  started: CheckerSlot[],
  out: Outcome,
): void {
  const sameServices = same(servicesInKernel(virtualServer.config), servicesInKernel(config));
  const previous = virtualServer.servers;
  virtualServer.config = config;
  lookAtPresence(pool, virtualServer, now, out);
  virtualServer.servers = new Map();
  touch(pool, virtualServer);
  for (const serverConfig of serversOf(config)) {
    const key = serverKey(serverConfig);
    if (virtualServer.servers.has(key)) continue;
    const server = previous.get(key);
    if (server === undefined) {
      startServer(pool, virtualServer, serverConfig, now, started, out);
      continue;
    }
    virtualServer.servers.set(key, server);
    if (!sameServices) server.destinations = undefined;
    if (!same(server.config, serverConfig)) adaptServer(pool, server, serverConfig, now, started, out);
  }
  lookAtQuorum(pool, virtualServer, !virtualServer.quorumUp && !virtualServer.sorryActive && virtualServer.activeTier === undefined, out);
}

function adaptServer(
  pool: PoolState,
  server: RealServerState,
  config: RealServerConfig,
  now: Micros,
  started: CheckerSlot[],
  out: Outcome,
): void {
  server.config = config;
  server.destinations = undefined;
  adaptCheckers(pool, server, now, started, out);
  server.followers = followersOf(pool, config);
  changeWeight(pool, server, out);
  server.failedCheckers = failuresOf(server);
  adaptStanding(pool, server, now, out);
  const alive = server.failedCheckers === 0 && !isKeptOut(server);
  if (alive === server.alive) return;
  out.notes.push({ type: changeType(server, alive), ...names(server) });
  setAlive(pool, server, alive);
  tellServer(server, alive, out);
  if (alive) startSlowly(pool, server, now, out);
  else endRamp(pool, server);
}

/** Checkers that ask the same question keep what they know; under the same schedule they keep their timers too. */
function adaptCheckers(
  pool: PoolState,
  server: RealServerState,
  now: Micros,
  started: CheckerSlot[],
  out: Outcome,
): void {
  const unmatched = [...server.checkers];
  server.checkers = checkersOf(server.config).map((config) => {
    const index = unmatched.findIndex((slot) => same(slot.config.check, config.check));
    const [slot] = index < 0 ? [] : unmatched.splice(index, 1);
    // alpha does not take a server down that is known to be up.
    if (slot === undefined) return startChecker(pool, server, config, !config.alpha || server.alive, now, started);
    if (same(slot.config, config)) return slot;
    dropChecker(pool, slot, out);
    const moved = rescheduledChecker(config, slot.state, pool.seed, now);
    pool.seed = moved.seed;
    slot.config = config;
    slot.state = moved.state;
    regroup(pool, slot);
    awaitTurn(pool, slot, now);
    return slot;
  });
  for (const slot of unmatched) dropChecker(pool, slot, out);
}

/** A server that becomes a backup server, or stops being one, is another one. */
export function serverKey(config: RealServerConfig): string {
  return config.tier === undefined ? placeOf(config) : `${placeOf(config)} backup`;
}

/** Where it stands in the kernel's table. */
function placeOf({ address, port }: Pick<RealServerConfig, 'address' | 'port'>): string {
  return `${address} ${port}`;
}

/** Equal as plain data. Configurations come from one builder, so equal ones have their properties in the same order. */
function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
