/**
 * How long the reconciler waits before it asks the kernel again for what went wrong: first a moment, then longer, but never so
 * long that the tables stay wrong for half a second after the trouble has ended, unless asking itself is dear.
 */

import { micros, milliseconds, seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';

export const FIRST_PAUSE = milliseconds(100);
const LONG_PAUSE = milliseconds(300);
/** However dear. */
const LONGEST_PAUSE = seconds(5);

/** At most, where asking takes `cost` and may take one part of so many (`share`) of the time: 0.3 to 5 s. */
export function longestPause(cost: Micros, share: number): Micros {
  return micros(Math.min(LONGEST_PAUSE, Math.max(LONG_PAUSE, cost * share)));
}
