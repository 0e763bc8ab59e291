/**
 * When the checkers read the kernel's counters at one of their looks: at the configured interval while somebody wants to see
 * them, seldom while nobody does, and never where nobody could.
 */

import { after, isDue, seconds } from '../../base/time.js';
import type { Clock, Micros } from '../../base/time.js';

/** lvs_statistics_interval where the configuration does not say. */
const USUAL = seconds(5);
/** Who has asked once is thought to ask again within this time. */
const INTEREST = seconds(60);
/** So that who comes finds something. */
const SELDOM = seconds(60);

export interface Counting {
  /** `interval`: of the configuration, 0 = never; `shown`: whether anybody can see them. */
  readonly configure: (interval: Micros | undefined, shown: boolean) => void;
  /** Somebody wants to see them now. */
  readonly wanted: () => void;
  /** Asked at each look: its instant if it shall count. */
  readonly now: () => Micros | undefined;
  /** Whether it has said an instant since it was asked this last. */
  readonly hasCounted: () => boolean;
}

export function createCounting(clock: Clock): Counting {
  let interval: Micros | undefined;
  let wantedUntil: Micros | undefined;
  let countedAt: Micros | undefined;
  let fresh = false;
  return {
    configure: (wanted = USUAL, shown) => {
      interval = shown && wanted > 0 ? wanted : undefined;
    },
    wanted: () => {
      wantedUntil = after(clock.now(), INTEREST);
    },
    now: () => {
      const now = clock.now();
      if (interval === undefined) return undefined;
      const pause = isDue(wantedUntil, now) || wantedUntil === undefined ? Math.max(interval, SELDOM) : interval;
      if (countedAt !== undefined && now - countedAt < pause) return undefined;
      countedAt = now;
      fresh = true;
      return now;
    },
    hasCounted: () => {
      const counted = fresh;
      fresh = false;
      return counted;
    },
  };
}
