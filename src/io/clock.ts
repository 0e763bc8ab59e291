/** The machine's clocks in whole microseconds: the monotonic one that alarms run on, and the one of the calendar. */

import { type Clock, type Micros, micros } from '../base/time.js';
import { loadAddon } from './native.js';

interface ClockAddon {
  monotonicMicroseconds(): number;
}

export function openClock(): Clock {
  const addon = loadAddon() as ClockAddon;
  return { now: () => addon.monotonicMicroseconds() as Micros };
}

/** Since 1970; it may be set forward and back. */
export function wallClock(): Micros {
  return micros(Date.now() * 1_000);
}
