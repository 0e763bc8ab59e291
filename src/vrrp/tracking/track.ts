/**
 * The weight algebra of trackers (keepalived): whatever is tracked, it is up or down and has a weight. Weight 0 decides
 * between fault and no fault, any other weight moves the priority. Files multiply their number by the weight.
 */

import type { TrackWeight } from '../config/track.js';

/** One tracked object as it stands. `reverse` swaps what up and down mean. */
export interface TrackerReading extends TrackWeight {
  readonly up: boolean;
}

/** What one tracked object does to the priority of an instance that tracks it. */
export interface PriorityMove {
  readonly tracked: 'interface' | 'script' | 'file' | 'process' | 'session' | 'virtualServer' | 'operator';
  readonly name: string;
  /** Added to the base; never 0. */
  readonly change: number;
}

/** A file's product that means fault instead of a priority; one more than the other end of the range. */
const WORST_PRODUCT = -254;
const BEST_PRODUCT = 253;

/** A weight-0 tracker in its bad state. */
export function holdsInFault(reading: TrackerReading): boolean {
  return reading.weight === 0 && reading.up === reading.reverse;
}

/** What a reading adds to the priority: a positive weight counts while up, a negative one while down. */
export function contribution({ weight, reverse, up }: TrackerReading): number {
  const good = up !== reverse;
  return weight > 0 === good ? weight : 0;
}

/** What a file with this number adds to the priority of those who track it so; `fault` when it holds them in FAULT. */
export function fileContribution(value: number, { weight, reverse }: TrackWeight): number | 'fault' {
  if (weight === 0) return (value !== 0) === reverse ? 0 : 'fault';
  const product = value * (reverse ? -weight : weight);
  return product <= WORST_PRODUCT ? 'fault' : Math.min(BEST_PRODUCT, product);
}

/** Base priority plus all contributions, 1-254. An address owner (255) is beyond weights. */
export function effectivePriority(base: number, contributions: readonly number[]): number {
  if (base === 255) return base;
  let sum = base;
  for (const each of contributions) sum += each;
  return Math.min(254, Math.max(1, sum));
}

/**
 * A priority once a virtual server that is tracked without weight has lost its quorum: a tenth of it, at least 1; once more for
 * each further one. An address owner (255) stays what it is.
 *
 * Division, because the peer decides by comparing: a director whose pools live is above one whose pool is dead whatever both
 * are configured with, one dead pool is above two, and of two directors that are equally badly off the better one goes on as
 * master. FAULT on both would leave nobody, and a large weight would press both to priority 1.
 */
export function priorityWithDeadPool(priority: number): number {
  return priority === 255 ? priority : Math.max(1, Math.ceil(priority / 10));
}
