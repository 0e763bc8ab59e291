/** What a pair of directors meets in the failover benchmark, and for how long its address may be silent then. */

export const BACKUP_PRIORITY = 100;
export const MASTER_PRIORITY = 150;

/** In the order in which a pair meets them: each leaves the pair as the next one wants it, or one start short of it. */
export const EVENTS = [
  'failback',
  'FAULT by a tracked file',
  'yield by hand',
  'removal by a reload',
  'kill -9 of the VRRP process',
  'link cut',
  'orderly stop',
  'VRRP process stopped 8 s',
  'kill -9 of all',
] as const;
export type Event = (typeof EVENTS)[number];

/** How long a stopped process stays so, unless somebody ends it; milliseconds. */
export const STOPPED_FOR = 8_000;

/** Milliseconds from the last advert that was heard to the takeover: three intervals (seconds) and the skew. */
export function masterDown(interval: number): number {
  return 3_000 * interval + skew(interval);
}

/** Milliseconds from a goodbye to the takeover. */
export function skew(interval: number): number {
  return ((256 - BACKUP_PRIORITY) / 256) * interval * 1000;
}

/** Milliseconds that theory allows. */
export interface Bound {
  readonly client: number;
  readonly silence: number;
  /** Beyond the bounds and still within them: for what no theory knows. */
  readonly tolerance: number;
}

/**
 * An orderly stop, and every other way of giving the address up on purpose, may cost a client 10 ms at any interval, a failback
 * nothing; everything else what the protocol allows. Between adverts there is an interval at least.
 */
export function boundOf(event: Event, interval: number): Bound {
  switch (event) {
    case 'failback':
      return { client: 0, silence: 1_000 * interval, tolerance: 50 };
    case 'orderly stop':
    case 'FAULT by a tracked file':
    case 'yield by hand':
    case 'removal by a reload':
      return { client: 10, silence: 1_000 * interval + skew(interval), tolerance: 0 };
    default:
      return { client: masterDown(interval), silence: masterDown(interval), tolerance: 50 };
  }
}
