/** Services, destinations and whole tables for the tests of this room: short ones by hand, arbitrary ones by fast-check. */

import fc from 'fast-check';
import { destinationKey, serviceKey } from '../../src/ipvs/tables.js';
import type { Destination, Service, ServiceEntry, ServiceIdentity, Tables } from '../../src/ipvs/tables.js';
import { address } from '../support/address.js';

export function service(port: number, changes: Partial<Service> = {}): Service {
  return {
    identity: { kind: 'address', protocol: 'tcp', address: address('192.0.2.1'), port },
    scheduler: 'rr',
    flags: 0,
    persistenceTimeout: 0,
    persistenceGranularity: '255.255.255.255',
    ...changes,
  };
}

export function destination(last: number, changes: Partial<Destination> = {}): Destination {
  return {
    address: address(`198.51.100.${last}`),
    port: 80,
    method: 'direct',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    ...changes,
  };
}

export function tables(...entries: readonly (readonly [Service, readonly Destination[]])[]): Tables {
  return new Map(
    entries.map(([entryService, destinations]): [string, ServiceEntry] => [
      serviceKey(entryService.identity),
      { service: entryService, destinations: new Map(destinations.map((each) => [destinationKey(each), each])) },
    ]),
  );
}

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => address(bytes.join('.')));
const ipv6 = fc.integer({ min: 0, max: 0xffff }).map((group) => address(`2001:db8::${group.toString(16)}:1`));
const port = fc.integer({ min: 0, max: 65535 });

const identities: fc.Arbitrary<ServiceIdentity> = fc.oneof(
  fc.record({
    kind: fc.constant('address' as const),
    protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
    address: fc.oneof(ipv4, ipv6),
    port,
  }),
  fc.record({
    kind: fc.constant('fwmark' as const),
    fwmark: fc.integer({ min: 1, max: 0xffffffff }),
    family: fc.constantFrom('ipv4', 'ipv6'),
  }),
);

export const services: fc.Arbitrary<Service> = identities.chain((identity) => {
  const isIpv4 = identity.kind === 'fwmark' ? identity.family === 'ipv4' : !identity.address.includes(':');
  return fc.record({
    identity: fc.constant(identity),
    scheduler: fc.constantFrom('rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'mh', 'fo', 'ovf', 'sed', 'nq', 'twos'),
    flags: fc.constantFrom(0, 0x4, 0x8, 0x10, 0x20, 0x3c),
    persistenceTimeout: fc.constantFrom(0, 1, 360, 2678400),
    persistenceGranularity: isIpv4
      ? fc.constantFrom('255.255.255.255', '255.255.255.0', '0.0.0.0')
      : fc.integer({ min: 1, max: 128 }).map(String),
  });
});

export const destinations: fc.Arbitrary<Destination> = fc
  .record({
    address: fc.oneof(ipv4, ipv6),
    port,
    method: fc.constantFrom('nat' as const, 'direct' as const, 'tunnel' as const),
    weight: fc.integer({ min: 0, max: 0x7fffffff }),
    upperThreshold: fc.integer({ min: 0, max: 0xffffffff }),
    lowerThreshold: fc.integer({ min: 0, max: 0xffffffff }),
  })
  .chain((plain) =>
    plain.method === 'tunnel'
      ? fc
          .constantFrom(
            { type: 'gue' as const, port: 6080, checksum: 'remote' as const },
            { type: 'gre' as const, port: 0, checksum: 'checksum' as const },
            undefined,
          )
          .map((tunnel) => (tunnel === undefined ? plain : { ...plain, tunnel }))
      : fc.constant(plain),
  );

/** Tables over few keys, so that two of them overlap in some services, some destinations and some fields. */
export const smallTables: fc.Arbitrary<Tables> = fc
  .uniqueArray(
    fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom('rr', 'wlc'),
      fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 2 })), {
        selector: ([last]) => last,
      }),
    ),
    { selector: ([portNumber]) => portNumber },
  )
  .map((rows) =>
    tables(
      ...rows.map(([portNumber, scheduler, servers]) => {
        const each: [Service, Destination[]] = [
          service(portNumber, { scheduler }),
          servers.map(([last, weight]) => destination(last, { weight })),
        ];
        return each;
      }),
    ),
  );
