/** Announcements that wait for their turn: what pacing.ts remembers between events. */

import type { Micros } from '../../base/time.js';
import type { VirtualAddress } from '../config.js';

/** Rounds over addresses, of which so many packets have gone. */
export interface Batch {
  readonly instance: string;
  readonly addresses: readonly VirtualAddress[];
  readonly repeat: number;
  readonly sent: number;
}

export interface Queue {
  readonly interval: Micros;
  /** No packet goes before. */
  readonly nextAt: Micros;
  readonly waiting: readonly Batch[];
}

/** By interface or group, and kind. */
export type Pacing = ReadonlyMap<string, Queue>;

export const NO_PACING: Pacing = new Map<string, Queue>();
