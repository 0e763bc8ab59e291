/** How often packets go and how long silence may last (RFC 5880 6.8.2, 6.8.4, 6.8.7). */

import { micros, type Micros } from '../base/time.js';
import type { BfdSession } from './config.js';
import type { SessionState } from './session-state.js';

/** An interval is shortened by 10 to 25 %: RFC 5880 6.8.7 for a multiplier of 1, which suits every other as well. */
const LONGEST_PART = 0.9;
const JITTER = 0.15;

/** Between two packets before jitter; undefined = none are sent by the clock. */
export function transmitInterval({ passive }: BfdSession, { inForce, remote, phase, polling }: SessionState): Micros | undefined {
  if (remote === undefined) return passive ? undefined : inForce.minTransmit;
  if (remote.minReceive === 0) return undefined;
  // The peer's demand mode: it asks when it wants to know. Our own polls still go.
  if (remote.demand && phase === 'up' && remote.phase === 'up' && !polling) return undefined;
  return micros(Math.max(inForce.minTransmit, remote.minReceive));
}

/** `draw` in [0, 1). */
export function jittered(interval: Micros, draw: number): Micros {
  return micros(interval * (LONGEST_PART - JITTER * draw));
}

/** How long the peer may be silent; undefined when nothing is known of it. */
export function detectionTime({ inForce, remote }: SessionState): Micros | undefined {
  if (remote === undefined) return undefined;
  return micros(remote.multiplier * Math.max(inForce.minReceive, remote.minTransmit));
}
