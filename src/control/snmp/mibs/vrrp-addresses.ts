/** vrrpAddressTable of KEEPALIVED-MIB: static addresses below 0, virtual ones below the number of their instance. */

import type { IpAddress } from '../../../base/address.js';
import { familyOf, parseAddress } from '../../../base/address.js';
import type { VirtualAddress } from '../../../vrrp/config.js';
import { gauge, inetAddress, integer, text, yesNo } from '../values.js';
import type { SnmpValue } from '../values.js';
import { table } from '../view.js';
import type { Column, Row } from '../view.js';
import { byName } from '../world.js';
import type { SnmpWorld } from '../world.js';
import { KEEPALIVED_VRRP } from './identifiers.js';
import { ADDRESS_TYPES, instanceRows, optionalText } from './vrrp-instances.js';

/** InetScopeType of RFC 4001 by the kernel's scopes (rtnetlink.h RT_SCOPE_*). */
const SCOPES: ReadonlyMap<number, number> = new Map([
  [0, 14],
  [200, 5],
  [253, 2],
  [254, 1],
]);

const ANY_IPV4 = parseAddress('0.0.0.0');

export function scopeValue(scope: number): SnmpValue {
  return integer(SCOPES.get(scope) ?? 0);
}

interface AddressRow {
  readonly address: VirtualAddress;
  readonly isSet: boolean;
  readonly isAdvertised: boolean;
  readonly interfaceIndex: number | undefined;
}

function addressRows(world: SnmpWorld): readonly Row<AddressRow>[] {
  const links = byName(world.vrrp?.shown.watched?.links);
  const indexOf = (address: VirtualAddress): number | undefined => links.get(address.interface)?.index;
  const isStaticSet = world.vrrp?.shown.watched?.staticObjects === 'applied';
  const statics = (world.configuration?.director.staticObjects?.addresses ?? []).map((address, i) => ({
    index: [0, i + 1],
    of: { address, isSet: isStaticSet, isAdvertised: false, interfaceIndex: indexOf(address) },
  }));
  const virtual = instanceRows(world).flatMap(({ index, of: { config, live } }) => {
    const held: ReadonlySet<IpAddress> = new Set(live?.heldAddresses);
    const row = (address: VirtualAddress, isNamed: boolean, i: number): Row<AddressRow> => {
      const isSet = held.has(address.address);
      return { index: [...index, i + 1], of: { address, isSet, isAdvertised: isNamed && isSet && live?.state === 'MASTER', interfaceIndex: indexOf(address) } };
    };
    const { virtualAddresses, excludedAddresses } = config;
    return [...virtualAddresses.map((address, i) => row(address, true, i)), ...excludedAddresses.map((address, i) => row(address, false, virtualAddresses.length + i))];
  });
  return [...statics, ...virtual];
}

export function addressColumns(): readonly Column<SnmpWorld>[] {
  return table([...KEEPALIVED_VRRP, 6, 1], addressRows, {
    2: ({ address }) => integer(ADDRESS_TYPES[familyOf(address.address)]),
    3: ({ address }) => inetAddress(address.address),
    4: ({ address }) => broadcastOf(address),
    5: ({ address }) => gauge(address.prefixLength),
    6: ({ address }) => scopeValue(address.scope),
    7: ({ interfaceIndex }) => (interfaceIndex === undefined ? undefined : integer(interfaceIndex)),
    8: ({ address }) => text(address.interface),
    9: ({ address }) => optionalText(address.label),
    10: ({ isSet }) => yesNo(isSet),
    11: ({ isAdvertised }) => yesNo(isAdvertised),
    12: ({ address }) => (address.peer === undefined ? undefined : inetAddress(address.peer)),
  });
}

/** IPv4 only; 0.0.0.0 where there is none. */
function broadcastOf({ address, broadcast = ANY_IPV4 }: VirtualAddress): SnmpValue | undefined {
  return familyOf(address) === 'ipv6' || broadcast === undefined ? undefined : inetAddress(broadcast);
}
