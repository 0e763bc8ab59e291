/**
 * Asks the link who has an address, without claiming it: ARP probes (RFC 5227 2.1.1), whose sender address is 0.0.0.0, and
 * neighbour solicitations from :: (RFC 4862 5.4.2), whose answer everybody hears.
 */

import { setTimeout as pause } from 'node:timers/promises';

import { addressBytes, familyOf } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import { ByteWriter, viewOf } from '../../base/bytes.js';
import { internetChecksum } from '../../base/checksum.js';
import { ETHERNET_ADDRESS } from '../../base/mac.js';
import { ICMPV6 } from '../../vrrp/wire/announcement.js';
import type { LinkMonitor } from '../netlink/links.js';
import { openAddressClaims } from './address-claims.js';
import type { ClaimEvent, HeldAddress } from './address-claims.js';
import { NativeSocket } from './native-socket.js';
import { neighbourFrame } from './neighbour-frame.js';
import { AF, ETHERTYPE, sockaddrLl } from './sockaddr.js';

const SOCK_RAW = 3;
const IFF_UP = 0x1;
const IFF_NOARP = 0x80;
/** Rounds, and milliseconds from one to the next and to the end. */
const ROUNDS = 3;
const SPACING = 300;

/** RFC 4861 4.3. */
const NEIGHBOUR_SOLICITATION = 135;
const HEAD = { arpEthernet: 1, arpIpv4: 0x0800, request: 1 } as const;

/** Who else answers for these addresses, each answer of another MAC once. Takes about a second. Throws KernelError. */
export async function probeAddresses(links: Pick<LinkMonitor, 'find' | 'nameOf'>, wanted: readonly HeldAddress[]): Promise<readonly ClaimEvent[]> {
  const probes = wanted.flatMap(({ interface: name, address }) => {
    const link = links.find(name);
    if (link === undefined || (link.flags & IFF_UP) === 0 || (link.flags & IFF_NOARP) !== 0) return [];
    if (link.hardwareAddress.length !== ETHERNET_ADDRESS) return [];
    if (familyOf(address) === 'ipv4') return [{ bytes: encodeProbe(address, link.hardwareAddress), to: sockaddrLl(ETHERTYPE.arp, link.index, link.broadcastAddress) }];
    const mac = solicitedMac(address);
    return [{ bytes: encodeSolicitation(address, link.hardwareAddress, mac), to: sockaddrLl(ETHERTYPE.ipv6, link.index, mac) }];
  });
  if (probes.length === 0) return [];
  const claims = new Map<string, ClaimEvent>();
  const monitor = openAddressClaims(
    (index) => links.nameOf(index),
    (claim) => claims.set(`${claim.interface} ${claim.address} ${claim.mac}`, claim),
  );
  const socket = new NativeSocket({ domain: AF.packet, type: SOCK_RAW, protocol: 0, slots: 1, slotSize: 64, onMessage: () => undefined, onError: () => undefined });
  try {
    monitor.watch(wanted);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { bytes, to } of probes) socket.send(bytes, to, null);
      await pause(SPACING);
    }
    return [...claims.values()];
  } finally {
    socket.close();
    monitor.close();
  }
}

/** A whole Ethernet frame. */
function encodeProbe(address: IpAddress, mac: Uint8Array): Uint8Array {
  return new ByteWriter(42)
    .raw(new Uint8Array(ETHERNET_ADDRESS).fill(0xff))
    .raw(mac)
    .u16(ETHERTYPE.arp)
    .u16(HEAD.arpEthernet)
    .u16(HEAD.arpIpv4)
    .u8(ETHERNET_ADDRESS)
    .u8(4)
    .u16(HEAD.request)
    .raw(mac)
    .raw(new Uint8Array(4))
    .raw(new Uint8Array(ETHERNET_ADDRESS))
    .raw(addressBytes(address)).bytes;
}

/** RFC 4291 2.7.1, RFC 2464 7: 33:33:ff and the last three bytes. */
function solicitedMac(address: IpAddress): Uint8Array {
  return Uint8Array.of(0x33, 0x33, 0xff, ...addressBytes(address).subarray(13));
}

/** A whole Ethernet frame, from :: to the group in which every host with such an address is. */
function encodeSolicitation(address: IpAddress, mac: Uint8Array, to: Uint8Array): Uint8Array {
  const target = addressBytes(address);
  const source = new Uint8Array(16);
  const group = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...target.subarray(13));
  const message = new ByteWriter(24).u8(NEIGHBOUR_SOLICITATION).u8(0).u16(0).u32(0).raw(target).bytes;
  const pseudoTail = new ByteWriter(8).u32(message.length).u32(ICMPV6).bytes;
  viewOf(message).setUint16(2, internetChecksum(source, group, pseudoTail, message));
  return neighbourFrame({ toMac: to, fromMac: mac, source, destination: group, message });
}
