/**
 * From what should be and what is to the fewest edits. The only place where "add", "edit" or "delete" is decided; it
 * talks to nobody.
 */

import type { Destination, DestinationKey, Service, ServiceEntry, ServiceKey, Tables, Tunnel } from './tables.js';

/** One edit of the kernel's tables. At most one per key in a plan. */
export type Op =
  | { readonly type: 'addService' | 'editService'; readonly key: ServiceKey; readonly service: Service }
  | { readonly type: 'deleteService'; readonly key: ServiceKey; readonly service: Service }
  | {
      readonly type: 'addDestination' | 'editDestination' | 'deleteDestination';
      readonly key: ServiceKey;
      readonly service: Service;
      readonly destinationKey: DestinationKey;
      readonly destination: Destination;
    };

type DestinationOp = Extract<Op, { destination: Destination }>;

/**
 * The ops that turn `actual` into `desired`, in four waves: services come, destinations come or change, destinations go,
 * services go. So a service is never empty unless it should be, and nothing that stays is ever deleted: connections and
 * counters survive. Services in `actual` that are neither desired nor `owned` are somebody else's and stay untouched; the
 * kernel drops the destinations of a deleted service by itself. Entries that are the same object are not looked into.
 */
export function planOps(desired: Tables, actual: Tables, owned: ReadonlySet<ServiceKey>): readonly Op[] {
  const services: Op[] = [];
  const arriving: DestinationOp[] = [];
  const leaving: DestinationOp[] = [];
  for (const [key, entry] of desired) {
    const present = actual.get(key);
    if (present === entry) continue;
    if (present === undefined) services.push({ type: 'addService', key, service: entry.service });
    else if (!sameService(entry.service, present.service)) {
      services.push({ type: 'editService', key, service: entry.service });
    }
    planDestinations(key, entry, present?.destinations ?? NOTHING, arriving, leaving);
  }
  const departing: Op[] = [];
  for (const key of owned) {
    const present = desired.has(key) ? undefined : actual.get(key);
    if (present !== undefined) departing.push({ type: 'deleteService', key, service: present.service });
  }
  return [...services, ...arriving, ...leaving, ...departing];
}

const NOTHING: ServiceEntry['destinations'] = new Map();

function planDestinations(
  key: ServiceKey,
  { service, destinations }: ServiceEntry,
  present: ServiceEntry['destinations'],
  arriving: DestinationOp[],
  leaving: DestinationOp[],
): void {
  let known = 0;
  // Not by iterators: code that has not run for long makes objects at each of their steps, and there may be ten thousand.
  destinations.forEach((destination, destinationKey) => {
    const existing = present.get(destinationKey);
    if (existing !== undefined) known += 1;
    if (existing === undefined) arriving.push({ type: 'addDestination', key, service, destinationKey, destination });
    else if (!sameDestination(destination, existing)) {
      arriving.push({ type: 'editDestination', key, service, destinationKey, destination });
    }
  });
  if (known === present.size) return;
  present.forEach((destination, destinationKey) => {
    if (!destinations.has(destinationKey)) leaving.push({ type: 'deleteDestination', key, service, destinationKey, destination });
  });
}

/**
 * What the kernel holds after performing `ops` in order without errors: the specification of the kernel for tests, and
 * what the reconciler believes after success. Untouched entries stay the same objects.
 */
export function applyOps(tables: Tables, ops: readonly Op[]): Tables {
  const next = new Map(tables);
  const copied = new Map<ServiceKey, Map<DestinationKey, Destination>>();
  for (const op of ops) {
    if (op.type === 'deleteService') {
      next.delete(op.key);
      copied.delete(op.key);
      continue;
    }
    let destinations = copied.get(op.key);
    if (destinations === undefined) {
      destinations = new Map(next.get(op.key)?.destinations);
      copied.set(op.key, destinations);
    }
    const service = op.type === 'addService' || op.type === 'editService' ? op.service : next.get(op.key)?.service;
    if (service === undefined) continue;
    next.set(op.key, { service, destinations });
    if (op.type === 'deleteDestination') destinations.delete(op.destinationKey);
    else if (op.type === 'addDestination' || op.type === 'editDestination') {
      destinations.set(op.destinationKey, op.destination);
    }
  }
  return next;
}

/** Equal in all that the kernel keeps; the identity is the key and not compared. */
export function sameService(a: Service, b: Service): boolean {
  return (
    a === b ||
    (a.scheduler === b.scheduler &&
      a.flags === b.flags &&
      a.persistenceTimeout === b.persistenceTimeout &&
      a.persistenceGranularity === b.persistenceGranularity &&
      a.persistenceEngine === b.persistenceEngine)
  );
}

/** Equal in all that the kernel keeps. Without a tunnel description a tunnel is plain IPIP. */
export function sameDestination(a: Destination, b: Destination): boolean {
  return (
    a === b ||
    (a.method === b.method &&
      a.weight === b.weight &&
      a.upperThreshold === b.upperThreshold &&
      a.lowerThreshold === b.lowerThreshold &&
      (a.method !== 'tunnel' || sameTunnel(a.tunnel ?? PLAIN_TUNNEL, b.tunnel ?? PLAIN_TUNNEL)))
  );
}

const PLAIN_TUNNEL: Tunnel = { type: 'ipip', port: 0, checksum: 'none' };

function sameTunnel(a: Tunnel, b: Tunnel): boolean {
  return a.type === b.type && a.port === b.port && a.checksum === b.checksum;
}
