/** Links and addresses as rtnetlink messages (linux/rtnetlink.h, if_link.h, if_addr.h): bytes and values, no socket. */

import { type Cidr, type IpAddress, addressBits, addressBytes, addressFromBytes, familyOf } from '../../base/address.js';
import { type Attribute, cstring, decodeAttributes, encodeAttributes, u16, u32, u8 } from '../../base/attributes.js';
import { viewOf } from '../../base/bytes.js';
import { given } from '../../base/given.js';
import type { VirtualAddress } from '../../vrrp/config.js';
import { littleEndian } from '../../base/host-order.js';
import { AF } from '../sockets/sockaddr.js';

export const RTM = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
  newRoute: 24,
  deleteRoute: 25,
  getRoute: 26,
  newRule: 32,
  deleteRule: 33,
  getRule: 34,
} as const;
/** enum rtnetlink_groups. */
export const GROUP = { link: 1, ipv4Address: 5, ipv4Route: 7, ipv4Rule: 8, ipv6Address: 9, ipv6Route: 11, ipv6Rule: 19 } as const;

const IFINFOMSG = 16;
const IFADDRMSG = 8;
const IFLA = { address: 1, broadcast: 2, name: 3, mtu: 4, link: 5, master: 10, linkInfo: 18, group: 27 } as const;
const IFLA_INFO = { kind: 1, data: 2 } as const;
/** IFLA_MACVLAN_MODE (32 bits) and IFLA_IPVLAN_MODE (16 bits). */
const MODE = 1;
const IFLA_VRF_TABLE = 1;
const IFA = { address: 1, local: 2, label: 3, broadcast: 4, cacheInfo: 6, flags: 8, protocol: 11 } as const;
const IFA_F = {
  noDuplicateDetection: 0x02,
  optimistic: 0x04,
  duplicate: 0x08,
  homeAddress: 0x10,
  tentative: 0x40,
  manageTemporary: 0x100,
  noPrefixRoute: 0x200,
  autoJoin: 0x400,
} as const;
/** iproute2's rt_addrprotos knows it as keepalived's. */
const IFAPROT_KEEPALIVED = 18;
const FOREVER = 0xffffffff;

export interface LinkMessage {
  readonly index: number;
  readonly name: string;
  /** IFF_* */
  readonly flags: number;
  /** ARPHRD_* */
  readonly hardwareType: number;
  readonly hardwareAddress: Uint8Array;
  readonly broadcastAddress: Uint8Array;
  /** `macvlan`, `vrf`, ...; absent = none that rtnetlink makes. */
  readonly kind?: string;
  /** MACVLAN_MODE_* or IPVLAN_MODE_*. */
  readonly mode?: number;
  /** The routing table of a VRF device. */
  readonly vrfTable?: number;
  /** Of the device below. */
  readonly lowerIndex?: number;
  /** Of the bridge, bond or VRF that it belongs to. */
  readonly masterIndex?: number;
  /** Interface group; 0 = default. */
  readonly group: number;
  /** Bytes. */
  readonly mtu?: number;
}

export interface AddressMessage {
  readonly index: number;
  readonly address: Cidr;
  /** False while IPv6 duplicate detection goes on or after it found a duplicate: nothing can be sent from it. */
  readonly usable: boolean;
}

/** RTM_NEWLINK or RTM_DELLINK; undefined when it is no whole message of a device. */
export function decodeLink(payload: Uint8Array): LinkMessage | undefined {
  if (payload.length < IFINFOMSG) return undefined;
  const view = viewOf(payload);
  const attributes = decodeAttributes(payload.subarray(IFINFOMSG));
  const name = attributes.ok ? attributes.value.get(IFLA.name) : undefined;
  // Bridge ports are reported a second time, with AF_BRIDGE.
  if (!attributes.ok || name === undefined || view.getUint8(0) !== 0) return undefined;
  const number = (type: number): number | undefined => u32.decode(attributes.value.get(type) ?? NOTHING);
  return {
    index: view.getInt32(4, littleEndian),
    name: cstring.decode(name) ?? '',
    flags: view.getUint32(8, littleEndian),
    hardwareType: view.getUint16(2, littleEndian),
    hardwareAddress: attributes.value.get(IFLA.address) ?? new Uint8Array(0),
    broadcastAddress: attributes.value.get(IFLA.broadcast) ?? new Uint8Array(0),
    group: number(IFLA.group) ?? 0,
    ...kindOf(attributes.value.get(IFLA.linkInfo) ?? NOTHING),
    ...given({ lowerIndex: number(IFLA.link), masterIndex: number(IFLA.master), mtu: number(IFLA.mtu) }),
  };
}

const NOTHING = new Uint8Array(0);

function vrfTableOf(bytes: Uint8Array): number | undefined {
  const data = decodeAttributes(bytes);
  return data.ok ? u32.decode(data.value.get(IFLA_VRF_TABLE) ?? NOTHING) : undefined;
}

function kindOf(linkInfo: Uint8Array): Pick<LinkMessage, 'kind' | 'mode' | 'vrfTable'> {
  const info = decodeAttributes(linkInfo);
  const name = info.ok ? info.value.get(IFLA_INFO.kind) : undefined;
  if (!info.ok || name === undefined) return {};
  const kind = cstring.decode(name);
  if (kind === 'vrf') return given({ kind, vrfTable: vrfTableOf(info.value.get(IFLA_INFO.data) ?? NOTHING) });
  if (kind !== 'macvlan' && kind !== 'ipvlan') return given({ kind });
  const data = decodeAttributes(info.value.get(IFLA_INFO.data) ?? NOTHING);
  const bytes = data.ok ? data.value.get(MODE) : undefined;
  const mode = bytes === undefined ? undefined : (u32.decode(bytes) ?? u16.decode(bytes));
  return given({ kind, mode });
}

/** RTM_NEWADDR or RTM_DELADDR; undefined when it is no whole message of an IP address. */
export function decodeAddress(payload: Uint8Array): AddressMessage | undefined {
  if (payload.length < IFADDRMSG) return undefined;
  const view = viewOf(payload);
  const attributes = decodeAttributes(payload.subarray(IFADDRMSG));
  if (!attributes.ok) return undefined;
  // With a peer IFA_ADDRESS is the peer's; IPv6 without one has no IFA_LOCAL.
  const bytes = attributes.value.get(IFA.local) ?? attributes.value.get(IFA.address);
  const size = view.getUint8(0) === AF.inet ? 4 : view.getUint8(0) === AF.inet6 ? 16 : undefined;
  if (size === undefined || bytes?.length !== size) return undefined;
  const flags = u32.decode(attributes.value.get(IFA.flags) ?? new Uint8Array(0)) ?? view.getUint8(2);
  const tentative = (flags & IFA_F.tentative) !== 0 && (flags & IFA_F.optimistic) === 0;
  return {
    index: view.getUint32(4, littleEndian),
    address: { address: addressFromBytes(bytes), prefixLength: view.getUint8(1) },
    usable: !tentative && (flags & IFA_F.duplicate) === 0,
  };
}

/** The payload of a request for all links. */
export function allLinks(): Uint8Array {
  return new Uint8Array(IFINFOMSG);
}

/** The payload of a request for all addresses of both families. */
export function allAddresses(): Uint8Array {
  return new Uint8Array(IFADDRMSG);
}

/** The payload that adds this address: everything `ip address add` would say. */
export function encodeAddressAddition(virtual: VirtualAddress, index: number): Uint8Array {
  const flags = addressFlags(virtual);
  const attributes = [...identity(virtual), { type: IFA.flags, value: u32.encode(flags) }];
  if (virtual.broadcast !== undefined) {
    attributes.push({ type: IFA.broadcast, value: addressBytes(virtual.broadcast) });
  }
  if (virtual.label !== undefined) attributes.push({ type: IFA.label, value: cstring.encode(virtual.label) });
  if (virtual.preferredLifetime !== 'forever') {
    attributes.push({ type: IFA.cacheInfo, value: cacheInfo(virtual.preferredLifetime) });
  }
  attributes.push({ type: IFA.protocol, value: u8.encode(IFAPROT_KEEPALIVED) });
  return addressPayload(virtual, index, flags & 0xff, attributes);
}

/** The payload that removes this address, whatever label or flags it has. */
export function encodeAddressRemoval(virtual: VirtualAddress, index: number): Uint8Array {
  return addressPayload(virtual, index, 0, identity(virtual));
}

function identity({ address, peer }: VirtualAddress): Attribute[] {
  return [
    { type: IFA.local, value: addressBytes(address) },
    { type: IFA.address, value: addressBytes(peer ?? address) },
  ];
}

/** struct ifaddrmsg and its attributes. */
function addressPayload(
  { address, prefixLength, scope }: VirtualAddress,
  index: number,
  flags: number,
  attributes: readonly Attribute[],
): Uint8Array {
  const tail = encodeAttributes(attributes);
  const payload = new Uint8Array(IFADDRMSG + tail.length);
  const view = viewOf(payload);
  view.setUint8(0, familyOf(address) === 'ipv4' ? AF.inet : AF.inet6);
  view.setUint8(1, Math.min(prefixLength, addressBits(familyOf(address))));
  view.setUint8(2, flags);
  view.setUint8(3, scope);
  view.setUint32(4, index, littleEndian);
  payload.set(tail, IFADDRMSG);
  return payload;
}

function addressFlags(virtual: VirtualAddress): number {
  const isIpv6 = familyOf(virtual.address) === 'ipv6';
  let flags = 0;
  if (isIpv6 && !virtual.duplicateAddressDetection) flags |= IFA_F.noDuplicateDetection;
  if (virtual.homeAddress) flags |= IFA_F.homeAddress;
  if (virtual.manageTemporaryAddress) flags |= IFA_F.manageTemporary;
  if (virtual.noPrefixRoute) flags |= IFA_F.noPrefixRoute;
  if (virtual.autoJoin) flags |= IFA_F.autoJoin;
  return flags;
}

/** struct ifa_cacheinfo: preferred for so many seconds, valid for ever. */
function cacheInfo(preferredSeconds: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = viewOf(bytes);
  view.setUint32(0, preferredSeconds, littleEndian);
  view.setUint32(4, FOREVER, littleEndian);
  return bytes;
}

/** For error messages: `192.0.2.1/32 on eth0`. */
export function describeAddress({ address, prefixLength, interface: name }: VirtualAddress): string {
  return `${address satisfies IpAddress}/${prefixLength} on ${name}`;
}
