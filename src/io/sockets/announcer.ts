/**
 * AnnouncementPort: gratuitous ARP and unsolicited neighbour advertisements as whole Ethernet frames on a packet socket, so
 * that they leave at once and from the address they speak for. When to announce is the machines' business.
 */

import { type IpAddress, addressBytes, familyOf } from '../../base/address.js';
import { ETHERNET_ADDRESS } from '../../base/mac.js';
import type { AnnouncementPort } from '../../runtime/ports.js';
import { ALL_NODES, encodeGratuitousArp, encodeUnsolicitedNeighbourAdvert } from '../../vrrp/wire/announcement.js';
import type { VirtualAddress } from '../../vrrp/config.js';
import { KernelError } from '../kernel-error.js';
import type { KernelLink } from '../netlink/links.js';
import { NativeSocket } from './native-socket.js';
import { neighbourFrame } from './neighbour-frame.js';
import { AF, ETHERTYPE, sockaddrLl } from './sockaddr.js';

const SOCK_RAW = 3;
const IFF_UP = 0x1;
const IFF_NOARP = 0x80;
/** RFC 2464 7: 33:33 and the last four bytes of ff02::1. */
const ALL_NODES_MAC = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);

export interface OpenAnnouncementPort extends AnnouncementPort {
  readonly close: () => void;
}

/** As LinkMonitor answers. */
export interface AnnouncementLinks {
  readonly find: (name: string) => KernelLink | undefined;
}

interface Frame {
  readonly bytes: Uint8Array;
  readonly destination: Uint8Array;
}

/**
 * Opens the port in the network namespace of the moment; throws KernelError. Interfaces that are absent, down, without ARP
 * or not Ethernet-like are passed over. `onFault` hears once per announcement that the kernel refused frames.
 */
export function openAnnouncer(links: AnnouncementLinks, onFault: (error: KernelError) => void): OpenAnnouncementPort {
  const socket = new NativeSocket({
    domain: AF.packet,
    type: SOCK_RAW,
    // Protocol 0 receives nothing, and the socket is never started.
    protocol: 0,
    slots: 1,
    slotSize: 64,
    onMessage: () => undefined,
    onError: () => undefined,
  });
  return {
    announce: (addresses, repeat) => {
      const frames = addresses.flatMap((virtual) => frameOf(links, virtual) ?? []);
      let refusal = 0;
      for (let round = 0; round < repeat; round++) {
        for (const { bytes, destination } of frames) refusal = Math.min(refusal, socket.send(bytes, destination, null));
      }
      if (refusal < 0) onFault(new KernelError('announce addresses', refusal));
    },
    close: () => socket.close(),
  };
}

function frameOf(links: AnnouncementLinks, { interface: name, address }: VirtualAddress): Frame | undefined {
  const link = links.find(name);
  if (link === undefined || (link.flags & IFF_UP) === 0 || (link.flags & IFF_NOARP) !== 0) return undefined;
  if (link.hardwareAddress.length !== ETHERNET_ADDRESS) return undefined;
  const arp = familyOf(address) === 'ipv4';
  return {
    bytes: arp ? encodeGratuitousArp(address, link.hardwareAddress) : advertFrame(address, link.hardwareAddress),
    destination: sockaddrLl(
      arp ? ETHERTYPE.arp : ETHERTYPE.ipv6,
      link.index,
      arp ? link.broadcastAddress : ALL_NODES_MAC,
    ),
  };
}

/** From the address itself to all nodes. */
function advertFrame(address: IpAddress, mac: Uint8Array): Uint8Array {
  const message = encodeUnsolicitedNeighbourAdvert(address, mac);
  return neighbourFrame({ toMac: ALL_NODES_MAC, fromMac: mac, source: addressBytes(address), destination: addressBytes(ALL_NODES), message });
}
