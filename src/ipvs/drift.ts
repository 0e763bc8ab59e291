/** What a look at the kernel's tables tells: what others did to entries of ours, and what was there at the first one. */

import { opLabels } from './labels.js';
import type { IpvsNote } from './notes.js';
import { planOps } from './plan.js';
import type { Op } from './plan.js';
import type { ServiceKey, Tables } from './tables.js';

const DRIFT_NAMED = 10;

/** What others did to entries of ours since we last knew; nothing when we knew nothing. */
export function driftOf(believed: Tables | undefined, actual: Tables, owned: ReadonlySet<ServiceKey>): readonly Op[] {
  return believed === undefined ? [] : planOps(believed, actual, owned).filter((op) => owned.has(op.key));
}

/** Equal for the same drift. */
export function driftText(drift: readonly Op[]): string {
  return drift.map((op) => JSON.stringify([op.type, opLabels(op)])).join();
}

export function driftNote(drift: readonly Op[]): IpvsNote {
  const named = drift.slice(0, DRIFT_NAMED).map((op) => ({ repair: op.type, ...opLabels(op) }));
  return { type: 'driftFound', count: drift.length, named };
}

export function adoption(desired: Tables, actual: Tables, plan: readonly Op[]): IpvsNote {
  let services = 0;
  let destinations = 0;
  for (const [key, entry] of desired) {
    const present = actual.get(key);
    if (present === undefined) continue;
    services += 1;
    for (const destinationKey of entry.destinations.keys()) if (present.destinations.has(destinationKey)) destinations += 1;
  }
  return { type: 'tablesAdopted', services, destinations, edits: plan.length };
}
