/**
 * A picture of the tables that was taken while we wrote: each entry in it may be from before or after an edit of ours. What we
 * know of those entries takes their place; all the others are as seen.
 */

import type { Op } from './plan.js';
import type { Destination, DestinationKey, ServiceEntry, ServiceKey, Tables } from './tables.js';

/**
 * `seen` with every entry that `ops` touched as `known` has it. An edit of a service counts for all of its destinations, since
 * they come and go with it. A service that is not in the picture although only its destinations were edited has gone by
 * somebody else's doing and stays away.
 */
export function withWritten(seen: Tables, known: Tables, ops: readonly Op[]): Tables {
  if (ops.length === 0) return seen;
  const corrected = new Map(seen);
  const whole = new Set<ServiceKey>();
  for (const op of ops) {
    if ('destinationKey' in op || whole.has(op.key)) continue;
    whole.add(op.key);
    putEntry(corrected, op.key, known.get(op.key));
  }
  const copied = new Map<ServiceKey, Map<DestinationKey, Destination>>();
  for (const op of ops) {
    const entry = corrected.get(op.key);
    if (!('destinationKey' in op) || whole.has(op.key) || entry === undefined) continue;
    let destinations = copied.get(op.key);
    if (destinations === undefined) {
      destinations = new Map(entry.destinations);
      copied.set(op.key, destinations);
      corrected.set(op.key, { service: entry.service, destinations });
    }
    const destination = known.get(op.key)?.destinations.get(op.destinationKey);
    if (destination === undefined) destinations.delete(op.destinationKey);
    else destinations.set(op.destinationKey, destination);
  }
  return corrected;
}

function putEntry(tables: Map<ServiceKey, ServiceEntry>, key: ServiceKey, entry: ServiceEntry | undefined): void {
  if (entry === undefined) tables.delete(key);
  else tables.set(key, entry);
}
