/**
 * slow_start: a server that comes up begins with a weight of 1, which grows in a straight line to its own. It is a share of
 * whatever its weight is at the moment, so checkers that change the weight go on doing so; a weight of 0 stays 0. The quorum
 * counts whole weights: a pool that recovers is not kept below its quorum by its own caution.
 */

import { after, milliseconds, seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { clampWeight } from './desired.js';
import type { PoolState, RealServerState } from './pool-state.js';
import { names, touch } from './virtual-server.js';
import type { Outcome } from './virtual-server.js';

/** Steps of a ramp, if that makes them neither too short nor too long. */
const STEPS = 20;
const SHORTEST_STEP = milliseconds(100);
const LONGEST_STEP = seconds(1);

/** For a server that has just come up. Weights of 0 and 1 have nowhere to grow. */
export function beginRamp(pool: PoolState, server: RealServerState, now: Micros, out: Outcome): void {
  const span = server.config.slowStart;
  const weight = clampWeight(server.weight);
  if (span === undefined || span === 0 || weight <= 1) return;
  server.ramp = { since: now, share: 0, nextAt: after(now, stepOf(span)) };
  out.notes.push({ type: 'slowStartBegan', weight, span, ...names(server) });
  touch(pool, server.virtualServer);
}

/** As it stands at `now`, under the configuration of now; over when its time has passed or the server is down. */
export function followRamp(pool: PoolState, server: RealServerState, now: Micros, out: Outcome): void {
  if (server.ramp === undefined) return;
  const span = server.config.slowStart ?? 0;
  const { since } = server.ramp;
  touch(pool, server.virtualServer);
  if (server.alive && since + span > now) {
    server.ramp = { since, share: Math.max(0, now - since) / span, nextAt: after(now, stepOf(span)) };
    return;
  }
  server.ramp = undefined;
  if (server.alive) out.notes.push({ type: 'slowStartEnded', weight: clampWeight(server.weight), ...names(server) });
}

function stepOf(span: number): Micros {
  return Math.min(Math.max(Math.ceil(span / STEPS), SHORTEST_STEP), LONGEST_STEP) as Micros;
}
