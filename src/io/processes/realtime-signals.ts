/** Real-time signals as calls: Node names only the classic ones, and an unheard real-time signal ends the process. */

import { loadAddon } from '../native.js';

interface SignalAddon {
  listenSignal(number: number, listener: () => void): number;
}

/**
 * Calls `onSignal` for every delivery of signal `number` (34-64), until the process ends. Throws RangeError when the
 * system refuses the number.
 */
export function listenRealtimeSignal(number: number, onSignal: () => void): void {
  const status = (loadAddon() as SignalAddon).listenSignal(number, onSignal);
  if (status < 0) throw new RangeError(`cannot listen to signal ${number}: errno ${-status}`);
}
