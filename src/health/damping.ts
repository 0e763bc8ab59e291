/**
 * Flap damping by the arithmetic of RFC 2439 (4.2, 4.4.2): a figure of merit that grows with every failure and decays by
 * half-lives, and two thresholds. What a server does because of it is decided in standing.ts.
 */

import { after, micros } from '../base/time.js';
import type { Micros } from '../base/time.js';
import type { FlapDampingConfig } from './config.js';

/** What one failure adds. */
export const PENALTY = 1_000;

/** The penalty as it was at an instant. */
export interface Flaps {
  readonly penalty: number;
  readonly at: Micros;
  readonly suppressed: boolean;
}

/** What is left of the penalty at `now`. */
export function penaltyAt({ halfLife }: FlapDampingConfig, { penalty, at }: Flaps, now: Micros): number {
  return penalty * 2 ** (-Math.max(0, now - at) / halfLife);
}

/** The largest penalty: from it the decay to `reuse` takes the longest suppression there may be. */
export function ceilingOf({ reuse, longest, halfLife }: FlapDampingConfig): number {
  return reuse * 2 ** (longest / halfLife);
}

/** After one more failure. */
export function countFailure(config: FlapDampingConfig, before: Flaps | undefined, now: Micros): Flaps {
  const left = before === undefined ? 0 : penaltyAt(config, before, now);
  const penalty = Math.min(left + PENALTY, ceilingOf(config));
  return { penalty, at: now, suppressed: before?.suppressed === true || penalty > config.suppress };
}

/** When the penalty has decayed to `reuse`. */
export function releaseAt({ halfLife, reuse }: FlapDampingConfig, { penalty, at }: Flaps): Micros {
  return after(at, micros(Math.ceil(Math.max(0, halfLife * Math.log2(penalty / reuse)))));
}
