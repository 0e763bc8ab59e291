/** The machine's monotonic clock in whole microseconds: the same clock alarms run on. */

import { type Clock, type Micros } from '../base/time.js';
import { loadAddon } from './native.js';

interface ClockAddon {
  monotonicMicroseconds(): number;
}

export function openClock(): Clock {
  const addon = loadAddon() as ClockAddon;
  return { now: () => addon.monotonicMicroseconds() as Micros };
}
