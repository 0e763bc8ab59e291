/**
 * A driver's one alarm, on a timerfd of its own: never early, and late by what the scheduler takes. setTimeout has whole
 * milliseconds and may fire more than one early.
 */

import { type Micros, micros } from '../base/time.js';
import type { Alarm } from '../runtime/ports.js';
import { KernelError, checked } from './kernel-error.js';
import { loadAddon } from './native.js';

declare const handleBrand: unique symbol;
interface Handle {
  readonly [handleBrand]: true;
}

interface TimerAddon {
  timerOpen(listener: () => void): Handle | number;
  timerSet(handle: Handle, microseconds: number): number;
  timerClose(handle: Handle): number;
}

export interface OpenAlarm extends Alarm {
  /** Never expires again. An open alarm keeps the process running. Closing again does nothing. */
  readonly close: () => void;
}

/**
 * `onExpire` runs once per deadline, from the event loop. With a `granularity` deadlines are put off to its next multiple, so
 * that work due at about the same time shares a wake-up. Throws KernelError when there is no descriptor left.
 */
export function openAlarm(onExpire: () => void, granularity: Micros = micros(1)): OpenAlarm {
  const addon = loadAddon() as TimerAddon;
  let armed: Micros | undefined;
  let closed = false;
  const handle = addon.timerOpen(() => {
    if (closed) return;
    armed = undefined;
    onExpire();
  });
  if (typeof handle === 'number') throw new KernelError('timerfd', handle);
  return {
    set: (exactDeadline) => {
      const deadline = exactDeadline === undefined ? undefined : micros(Math.ceil(exactDeadline / granularity) * granularity);
      if (closed || deadline === armed) return;
      armed = deadline;
      checked('timerfd_settime', addon.timerSet(handle, deadline === undefined ? -1 : Math.max(0, deadline)));
    },
    close: () => {
      closed = true;
      addon.timerClose(handle);
    },
  };
}
