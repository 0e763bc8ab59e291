/** When a picture was taken and how its process fared, and its instants as times of the calendar. */

import type { Micros } from '../base/time.js';
import type { Lag, Picture } from './feed.js';
import type { EventLoopStatus } from './status.js';

/** ISO 8601, UTC, milliseconds. */
export function timeIn({ takenAt, wallTime }: Pick<Picture, 'takenAt' | 'wallTime'>, instant: Micros): string {
  return isoTime(wallTime + (instant - takenAt) / 1_000);
}

/** What the status says of every part. */
export function partStatus(picture: Picture): { readonly asOf: string; readonly eventLoop?: EventLoopStatus } {
  const { lag, takenAt } = picture;
  return {
    asOf: timeIn(picture, takenAt),
    ...eventLoop(lag),
  };
}

/** Nothing while it has not been measured. */
export function eventLoop(lag: Lag | undefined): { readonly eventLoop?: EventLoopStatus } {
  return lag === undefined ? {} : { eventLoop: { lagP99Milliseconds: lag.p99, lagMaxMilliseconds: lag.max } };
}

/** `milliseconds` since 1970. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
