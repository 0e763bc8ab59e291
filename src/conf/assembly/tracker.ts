/** What is known of an object that can be tracked, whatever its kind. */

import type { TrackWeight } from '../../vrrp/config/track.js';
import type { Word } from '../cst.js';

/** One object that can be tracked, with the weight of those who give none. */
export interface Tracker<C> {
  readonly config: C;
  readonly name: Word;
  readonly weight: TrackWeight;
  /** In reading order: trackers must stand before those who use them. */
  readonly order: number;
  used: boolean;
}

/** A reference that was found, with its place for later objections. */
export interface Reference extends TrackWeight {
  readonly at: Word;
  readonly name: string;
}
