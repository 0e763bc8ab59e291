/** Services and servers as plain tables, with ordinary values; a script names only what matters to it. */

import type { IpAddress } from '../../src/base/address.js';
import { type Destination, type Service, type ServiceEntry, type ServiceIdentity, type Tables, destinationKey, serviceKey } from '../../src/ipvs/tables.js';

export function entry(identity: ServiceIdentity, more: Partial<Service>, ...destinations: readonly Destination[]): ServiceEntry {
  const ipv6 = identity.kind === 'fwmark' ? identity.family === 'ipv6' : identity.address.includes(':');
  const service: Service = {
    identity,
    scheduler: 'wlc',
    flags: 0,
    persistenceTimeout: 0,
    persistenceGranularity: ipv6 ? '128' : '255.255.255.255',
    ...more,
  };
  return { service, destinations: new Map(destinations.map((each) => [destinationKey(each), each])) };
}

/** Direct routing, weight 1. */
export function destination(address: string, port: number, more: Partial<Destination> = {}): Destination {
  const base = { address: address as IpAddress, port, method: 'direct', weight: 1 } as const;
  return { ...base, upperThreshold: 0, lowerThreshold: 0, ...more };
}

export function tablesOf(...entries: readonly ServiceEntry[]): Tables {
  return new Map(entries.map((each) => [serviceKey(each.service.identity), each]));
}
