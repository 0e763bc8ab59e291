/** vrrp_startup_delay counts from the start of the daemon, vrrp_delay_after_boot from that of the machine. */

import type { Micros } from '../../base/time.js';
import { micros } from '../../base/time.js';

/** What of the two is longer, from `now` on. `now` is the monotonic clock, which began when the machine did. */
export function startupDelayAfterBoot(startupDelay: Micros, delayAfterBoot: Micros | undefined, now: Micros): Micros {
  return micros(Math.max(startupDelay, (delayAfterBoot ?? 0) - now));
}
