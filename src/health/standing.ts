/**
 * Whether a server whose checks pass may serve: manual_resume keeps out one that went down until an operator resumes it,
 * flap_damping one that goes down too often until it has been quiet. Also what happens to servers by time alone. Changes the
 * pool's state in place.
 */

import { earliest, isDue } from '../base/time.js';
import type { Micros } from '../base/time.js';
import type { CheckerConfig } from './config-check.js';
import { countFailure, releaseAt } from './damping.js';
import type { InheritedVerdicts } from './events.js';
import type { PoolState, RealServerState, VirtualServerState } from './pool-state.js';
import { beginRamp, followRamp } from './slow-start.js';
import { changeServer, names } from './virtual-server.js';
import type { Outcome } from './virtual-server.js';

/** manual_resume or flap_damping keep it out, whatever its checks say. */
export function isKeptOut({ held, flaps }: RealServerState): boolean {
  return held || flaps?.suppressed === true;
}

/** After its checks have changed; `passed`: they all did before. */
export function judgeServer(pool: PoolState, server: RealServerState, passed: boolean, now: Micros, out: Outcome): void {
  const passes = server.failedCheckers === 0;
  if (passed && !passes) countDown(pool, server, now, out);
  if (!passed && passes && server.held) out.notes.push({ type: 'serverHeld', ...names(server) });
  settle(pool, server, now, out);
  releaseForQuorum(pool, server.virtualServer, now, out);
}

/** It is in service from now on without having been seen to come up. */
export function startSlowly(pool: PoolState, server: RealServerState, now: Micros, out: Outcome): void {
  beginRamp(pool, server, now, out);
  wake(pool, server);
}

/** It is out of service: should it come back, it begins anew. */
export function endRamp(pool: PoolState, server: RealServerState): void {
  server.ramp = undefined;
  wake(pool, server);
}

/** A server that is new to this process and that an earlier one has left waiting for its operator. */
export function inheritHold(pool: PoolState, server: RealServerState, out: Outcome): void {
  server.held = server.config.manualResume === true && pool.held.has(holdKey(server));
  if (server.held) out.notes.push({ type: 'serverHeld', inherited: true, ...names(server) });
}

/** After the first configuration: who of an earlier process is not met in it waits for nobody. */
export function forgetStrangers(pool: PoolState): void {
  const met = new Set<string>();
  for (const { servers } of pool.virtualServers) for (const server of servers.values()) if (server.held) met.add(holdKey(server));
  for (const key of pool.held) {
    if (met.has(key)) continue;
    pool.held.delete(key);
    pool.untold = true;
  }
}

/** After a change of its configuration: what it no longer asks for no longer counts. */
export function adaptStanding(pool: PoolState, server: RealServerState, now: Micros, out: Outcome): void {
  const { manualResume, flapDamping } = server.config;
  if (manualResume !== true) hold(pool, server, false);
  if (flapDamping === undefined) server.flaps = undefined;
  followRamp(pool, server, now, out);
  wake(pool, server);
}

/** It leaves the configuration. */
export function forgetStanding(pool: PoolState, server: RealServerState): void {
  hold(pool, server, false);
  server.ramp = undefined;
  pool.serverDeadlines.remove(server);
}

/** Steps of slow starts, and suppressions that are over. */
export function expireServers(pool: PoolState, now: Micros, out: Outcome): void {
  for (let server = pool.serverDeadlines.first(); server !== undefined && server.wakeAt <= now; server = pool.serverDeadlines.first()) {
    if (isDue(server.ramp?.nextAt, now)) followRamp(pool, server, now, out);
    if (isDue(suppressedUntil(server), now)) {
      release(server, false, out);
      settle(pool, server, now, out);
    }
    wake(pool, server);
  }
}

/**
 * An operator lets servers back in that manual_resume keeps out: one, those of a virtual server, or all. One whose checks
 * fail comes back by itself when they pass.
 */
export function resumeServers(
  pool: PoolState,
  wanted: { readonly server?: string; readonly virtualServer?: string },
  now: Micros,
  out: Outcome,
): void {
  for (const { config, servers } of pool.virtualServers) {
    if (wanted.virtualServer !== undefined && wanted.virtualServer !== config.name) continue;
    for (const server of servers.values()) {
      if (!server.held || (wanted.server !== undefined && wanted.server !== server.name)) continue;
      hold(pool, server, false);
      out.notes.push({ type: 'serverResumed', ...names(server) });
      settle(pool, server, now, out);
    }
  }
}

/** What every checker that has had a result has found, for the program that takes the place of this one. */
export function verdictsOf({ virtualServers }: PoolState): InheritedVerdicts {
  const servers = virtualServers.flatMap((virtualServer) => [...virtualServer.servers.values()]);
  return servers.flatMap((server) =>
    server.checkers.flatMap(({ config, state }, index) => (state.hasRun || !state.up ? [[verdictKey(server, config, index), state.up] as const] : [])),
  );
}

/** Under which the verdict of a server's checker is handed on. */
export function verdictKey(server: RealServerState, { check }: CheckerConfig, index: number): string {
  return `${holdKey(server)} ${index} ${check.type}`;
}

/** Under which a hold is remembered. */
export function holdKey({ name, virtualServer }: RealServerState): string {
  return `${name} ${virtualServer.config.name}`;
}

function countDown(pool: PoolState, server: RealServerState, now: Micros, out: Outcome): void {
  const { manualResume, flapDamping } = server.config;
  if (manualResume === true) hold(pool, server, true);
  if (flapDamping === undefined) return;
  const wasSuppressed = server.flaps?.suppressed === true;
  server.flaps = countFailure(flapDamping, server.flaps, now);
  if (!server.flaps.suppressed || wasSuppressed) return;
  const span = (releaseAt(flapDamping, server.flaps) - now) as Micros;
  out.notes.push({ type: 'serverSuppressed', penalty: Math.round(server.flaps.penalty), suppress: flapDamping.suppress, span, ...names(server) });
}

/** Up or down as its checks say, unless something keeps it out. */
function settle(pool: PoolState, server: RealServerState, now: Micros, out: Outcome): void {
  const wasAlive = server.alive;
  changeServer(pool, server, server.failedCheckers === 0 && !isKeptOut(server), out);
  if (server.alive !== wasAlive) {
    if (server.alive) beginRamp(pool, server, now, out);
    else server.ramp = undefined;
  }
  wake(pool, server);
}

/** Damping spares a pool trouble; it must not take the last servers that work. */
function releaseForQuorum(pool: PoolState, virtualServer: VirtualServerState, now: Micros, out: Outcome): void {
  if (virtualServer.quorumUp) return;
  const spared = [...virtualServer.servers.values()].filter(({ flaps, failedCheckers, held }) => flaps?.suppressed === true && failedCheckers === 0 && !held);
  // Each of them may be enough.
  for (const server of spared) if (!hasQuorum(virtualServer)) releaseOne(pool, server, now, out);
}

function hasQuorum({ quorumUp }: VirtualServerState): boolean {
  return quorumUp;
}

function releaseOne(pool: PoolState, server: RealServerState, now: Micros, out: Outcome): void {
  release(server, true, out);
  settle(pool, server, now, out);
}

function release(server: RealServerState, forQuorum: boolean, out: Outcome): void {
  if (server.flaps === undefined) return;
  server.flaps = { ...server.flaps, suppressed: false };
  out.notes.push({ type: 'serverReleased', forQuorum, ...names(server) });
}

function hold(pool: PoolState, server: RealServerState, held: boolean): void {
  server.held = held;
  const key = holdKey(server);
  if (pool.held.has(key) === held) return;
  if (held) pool.held.add(key);
  else pool.held.delete(key);
  pool.untold = true;
}

function suppressedUntil({ config: { flapDamping }, flaps }: RealServerState): Micros | undefined {
  return flapDamping === undefined || flaps?.suppressed !== true ? undefined : releaseAt(flapDamping, flaps);
}

function wake(pool: PoolState, server: RealServerState): void {
  const at = earliest(server.ramp?.nextAt, suppressedUntil(server));
  if (at === undefined) pool.serverDeadlines.remove(server);
  else pool.serverDeadlines.set(server, at);
}
