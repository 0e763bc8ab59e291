/**
 * The weight algebra of trackers (keepalived): whatever is tracked, it is up or down and has a weight. Weight 0 decides
 * between fault and no fault, any other weight moves the priority.
 */

/** One tracked object as it stands. `reverse` swaps what up and down mean. */
export interface TrackerReading {
  /** -254..254. */
  readonly weight: number;
  readonly reverse: boolean;
  readonly up: boolean;
}

/** A weight-0 tracker in its bad state. */
export function holdsInFault(reading: TrackerReading): boolean {
  return reading.weight === 0 && reading.up === reading.reverse;
}

/** Base priority plus all contributions, 1-254. An address owner (255) is beyond weights. */
export function effectivePriority(base: number, readings: readonly TrackerReading[]): number {
  if (base === 255) return base;
  let sum = base;
  for (const reading of readings) sum += contribution(reading);
  return Math.min(254, Math.max(1, sum));
}

/** A positive weight counts while up, a negative one while down. */
function contribution({ weight, reverse, up }: TrackerReading): number {
  const good = up !== reverse;
  return weight > 0 === good ? weight : 0;
}
