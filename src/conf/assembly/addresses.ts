/** Virtual addresses: entries of a file to what the kernel is asked for. */

import { addressBytes, addressFromBytes, familyOf } from '../../base/address.js';
import type { Family, IpAddress } from '../../base/address.js';
import type { VirtualAddress } from '../../vrrp/config.js';
import type { AddressEntry } from '../keywords/address-options.js';
import { quote } from '../keywords/arguments.js';
import type { Located } from '../keywords/schema.js';
import { checkInterface } from './context.js';
import type { Build } from './context.js';

export interface AddressLists {
  readonly virtualAddresses: readonly VirtualAddress[];
  readonly excludedAddresses: readonly VirtualAddress[];
}

type EntryList = Located<readonly AddressEntry[]> | undefined;

/**
 * Addresses a packet can hold on an Ethernet: the count is one byte, and IPv6 ends at the MTU of 1500 (89, as keepalived
 * counts). What does not fit moves to the excluded ones.
 */
const MOST_ADDRESSES: Readonly<Record<Family, number>> = { ipv4: 255, ipv6: 89 };

/** Both lists of an instance, in file order; addresses that stand twice or are of the wrong family left out. */
export function buildAddresses(
  build: Build,
  instance: { readonly name: string; readonly interface: string; readonly family: Family },
  included: EntryList,
  excluded: EntryList,
): AddressLists {
  const seen = new Set<string>();
  const virtual: { readonly entry: AddressEntry; readonly address: VirtualAddress }[] = [];
  for (const entry of included?.value ?? []) {
    if (familyOf(entry.cidr.address) === instance.family) {
      const address = buildAddress(build, instance.interface, entry, seen);
      if (address !== undefined) virtual.push({ entry, address });
    } else {
      const message = `(${instance.name}) ${entry.cidr.address} is not of the instance's address family; the line is skipped`;
      build.findings.report('wrongFamily', entry.at, message, 'put it into virtual_ipaddress_excluded or another instance');
    }
  }
  const others = (excluded?.value ?? []).flatMap((entry) => buildAddress(build, instance.interface, entry, seen) ?? []);
  const most = MOST_ADDRESSES[instance.family];
  const surplus = virtual.slice(most);
  const [first] = surplus;
  if (first !== undefined) {
    const message =
      `(${instance.name}) ${virtual.length} addresses are more than the ${most} a packet holds: ` +
      'from here on they are treated as excluded';
    build.findings.report('tooManyVirtualAddresses', first.entry.at, message, 'move them to virtual_ipaddress_excluded');
  }
  return {
    virtualAddresses: virtual.slice(0, most).map(({ address }) => address),
    excludedAddresses: [...others, ...surplus.map(({ address }) => address)],
  };
}

/** The same for an address outside instances; its interface is `dev` or the default one. */
export function buildAddress(build: Build, ownInterface: string, entry: AddressEntry, seen: Set<string>): VirtualAddress | undefined {
  const { cidr, options } = entry;
  const device = options.dev?.value.text ?? ownInterface;
  if (options.dev !== undefined) checkInterface(build, device, options.dev.at);
  if (device === '') {
    const message = `${cidr.address} needs an interface, because its instance names none; the line is skipped`;
    build.findings.report('badDevice', entry.at, message, 'write: dev NAME');
    return undefined;
  }
  const key = `${cidr.address}/${cidr.prefixLength} ${device}`;
  if (seen.has(key)) {
    build.findings.report(
      'duplicateAddress',
      entry.at,
      `${cidr.address} stands here a second time; the line is skipped`,
      'remove one of them',
    );
    return undefined;
  }
  seen.add(key);
  const ipv6 = familyOf(cidr.address) === 'ipv6';
  const broadcast = broadcastOf(entry);
  return {
    address: cidr.address,
    prefixLength: cidr.prefixLength,
    interface: device,
    scope: ipv6 ? 0 : scopeOf(build, entry),
    duplicateAddressDetection: ipv6 && options['-nodad'] !== undefined,
    noPrefixRoute: options.noprefixroute !== undefined,
    homeAddress: ipv6 && options.home !== undefined,
    manageTemporaryAddress: ipv6 && options.mngtmpaddr !== undefined,
    autoJoin: options.autojoin !== undefined,
    preferredLifetime: options.preferred_lft?.value ?? (ipv6 && cidr.prefixLength === 128 ? 0 : 'forever'),
    tracked: options.no_track === undefined,
    ...(options.label === undefined || ipv6 ? {} : { label: options.label.value }),
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(options.peer === undefined ? {} : { peer: options.peer.value }),
    ...(options.use_vmac === undefined ? {} : { useVirtualMac: true }),
  };
}

function scopeOf(build: Build, { options }: AddressEntry): number {
  if (options.scope === undefined) return 0;
  const { value, at } = options.scope;
  const scope = build.names('scope', value.text);
  if (scope === undefined) build.findings.report('nameUnknown', at, `scope: ${quote(value.text)} is no scope; it is ignored`, 'write global, link, host or 0 to 255');
  return scope ?? 0;
}

/** `+` = all host bits set, `-` = all clear; either needs a prefix shorter than the address. */
function broadcastOf({ options, cidr }: AddressEntry): IpAddress | undefined {
  const broadcast = options.broadcast?.value;
  if (broadcast !== '+' && broadcast !== '-') return broadcast;
  if (cidr.prefixLength >= 31) return undefined;
  const bytes = Array.from(addressBytes(cidr.address), (octet, i) => {
    const bits = Math.max(0, Math.min(8, cidr.prefixLength - i * 8));
    const mask = (0xff << (8 - bits)) & 0xff;
    return broadcast === '+' ? octet | (~mask & 0xff) : octet & mask;
  });
  return addressFromBytes(Uint8Array.from(bytes));
}
