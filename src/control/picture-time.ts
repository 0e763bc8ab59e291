/** Instants of a picture as times of the calendar. */

import type { Micros } from '../base/time.js';
import type { Picture } from './feed.js';

/** ISO 8601, UTC, milliseconds. */
export function timeIn({ takenAt, wallTime }: Pick<Picture, 'takenAt' | 'wallTime'>, instant: Micros): string {
  return isoTime(wallTime + (instant - takenAt) / 1_000);
}

/** `milliseconds` since 1970. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
