/** The two formulas of VRRP (RFC 3768 6.1, RFC 5798 6.1), to the microsecond as keepalived's integer arithmetic has them. */

import { micros, type Micros } from '../../base/time.js';

const SECOND = 1_000_000;
const CENTISECOND = 10_000;

/**
 * Skew: the better the priority, the shorter. v2: (256 - P)/256 s whatever the interval; v3: (256 - P)/256 of the
 * master's interval in whole centiseconds. Rounded down.
 */
export function skewTime(version: 2 | 3, priority: number, masterInterval: Micros): Micros {
  if (version === 2) return micros(Math.floor(((256 - priority) * SECOND) / 256));
  const centiseconds = Math.floor(masterInterval / CENTISECOND);
  return micros(Math.floor(((256 - priority) * centiseconds * 625) / 16));
}

/** Silence after which a backup takes over: `downTimerAdverts` intervals of the master plus the skew. */
export function masterDownInterval(
  version: 2 | 3,
  priority: number,
  masterInterval: Micros,
  downTimerAdverts: number,
): Micros {
  return micros(downTimerAdverts * masterInterval + skewTime(version, priority, masterInterval));
}
