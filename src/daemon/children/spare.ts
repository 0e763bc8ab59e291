/** The spare VRRP process: forked ahead, where one that dies may have to be replaced faster than one can be started. */

import type { PreparedChildren } from './prepared-children.js';

/** Milliseconds from a process that serves to the next spare one: a process that has just taken office needs the processor more. */
const SPARE_DELAY = 1_000;

export interface Spare {
  /** Soon, if it is needed then. */
  readonly provide: () => void;
  readonly drop: () => void;
}

export function createSpare(prepared: PreparedChildren, isNeeded: () => boolean): Spare {
  let timer: NodeJS.Timeout | undefined;
  return {
    provide: () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (isNeeded()) prepared.prepare('vrrp', 'background');
        else prepared.drop();
      }, SPARE_DELAY);
      timer.unref();
    },
    drop: () => {
      clearTimeout(timer);
      prepared.drop();
    },
  };
}
