/** Asks the link who has an address, without claiming it: ARP probes (RFC 5227 2.1.1), whose sender address is 0.0.0.0. IPv4 only. */

import { setTimeout as pause } from 'node:timers/promises';

import { addressBytes, familyOf } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import { ByteWriter } from '../../base/bytes.js';
import { ETHERNET_ADDRESS } from '../../base/mac.js';
import type { LinkMonitor } from '../netlink/links.js';
import { openAddressClaims } from './address-claims.js';
import type { ClaimEvent, HeldAddress } from './address-claims.js';
import { NativeSocket } from './native-socket.js';
import { AF, ETHERTYPE, sockaddrLl } from './sockaddr.js';

const SOCK_RAW = 3;
const IFF_UP = 0x1;
const IFF_NOARP = 0x80;
/** Rounds, and milliseconds from one to the next and to the end. */
const ROUNDS = 3;
const SPACING = 300;

const HEAD = { arpEthernet: 1, arpIpv4: 0x0800, request: 1 } as const;

/** Who else answers for these addresses, each answer of another MAC once. Takes about a second. Throws KernelError. */
export async function probeAddresses(links: Pick<LinkMonitor, 'find' | 'nameOf'>, wanted: readonly HeldAddress[]): Promise<readonly ClaimEvent[]> {
  const probes = wanted.flatMap(({ interface: name, address }) => {
    const link = links.find(name);
    if (familyOf(address) !== 'ipv4' || link === undefined || (link.flags & IFF_UP) === 0 || (link.flags & IFF_NOARP) !== 0) return [];
    if (link.hardwareAddress.length !== ETHERNET_ADDRESS) return [];
    return [{ bytes: encodeProbe(address, link.hardwareAddress), to: sockaddrLl(ETHERTYPE.arp, link.index, link.broadcastAddress) }];
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
