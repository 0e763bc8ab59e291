/**
 * What other processes hear of the pools: whether a virtual server that a vrrp_instance tracks has its quorum, and whom
 * manual_resume keeps out. A quorum is told only when it is certain: servers that have not been checked yet count as up (or,
 * with alpha, as down) by assumption, and a process that has just been started must not move an address because of that.
 */

import { clampWeight } from './desired.js';
import type { PoolState, RealServerState, VirtualServerState } from './pool-state.js';
import { judgeQuorum } from './quorum.js';
import { isKeptOut } from './standing.js';
import type { Outcome } from './virtual-server.js';

/** To be called after every step: tells when there is something new. Costs nothing where no virtual server is tracked. */
export function reportQuorums(pool: PoolState, out: Outcome): void {
  for (const virtualServer of pool.tracked) {
    if (virtualServer.told === undefined && !isCertain(virtualServer)) continue;
    if (virtualServer.told === virtualServer.quorumUp) continue;
    virtualServer.told = virtualServer.quorumUp;
    pool.untold = true;
  }
  if (!pool.untold) return;
  pool.untold = false;
  const quorums = new Map<string, boolean>();
  // A firewall mark has a service for each family, under one name: it is alive when both are.
  for (const { config, told } of pool.tracked) if (told !== undefined) quorums.set(config.name, told && quorums.get(config.name) !== false);
  out.effects.push({ type: 'report', quorums: [...quorums].map(([virtualServer, up]) => ({ virtualServer, up })), holds: [...pool.held] });
}

/** The quorum would be the same whatever the checks that have not run yet find. */
function isCertain({ config: { quorum, hysteresis }, servers, quorumUp }: VirtualServerState): boolean {
  let weight = 0;
  for (const server of servers.values()) {
    if (server.config.tier !== undefined) continue;
    const counts = isUnchecked(server) ? !quorumUp && !isKeptOut(server) : server.alive;
    if (counts) weight += clampWeight(server.weight);
  }
  return judgeQuorum(quorumUp, { quorum, hysteresis, weight }) === 'unchanged';
}

function isUnchecked({ checkers }: RealServerState): boolean {
  return checkers.some(({ state }) => !state.hasRun);
}
