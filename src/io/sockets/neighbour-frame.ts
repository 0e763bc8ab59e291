/** The frame around a message of neighbour discovery: Ethernet and IPv6 headers (RFC 8200 3), for packet sockets. */

import { ByteWriter } from '../../base/bytes.js';
import { ICMPV6 } from '../../vrrp/wire/announcement.js';
import { ETHERTYPE } from './sockaddr.js';

/** RFC 4861 7.1: what comes with less was routed, and is no neighbour's. */
const HOP_LIMIT = 255;
const VERSION_6 = 0x60000000;
const HEADERS = 14 + 40;

export interface NeighbourMessage {
  readonly toMac: Uint8Array;
  readonly fromMac: Uint8Array;
  /** 16 bytes each. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** ICMPv6 with its checksum. */
  readonly message: Uint8Array;
}

export function neighbourFrame({ toMac, fromMac, source, destination, message }: NeighbourMessage): Uint8Array {
  return new ByteWriter(HEADERS + message.length)
    .raw(toMac)
    .raw(fromMac)
    .u16(ETHERTYPE.ipv6)
    .u32(VERSION_6)
    .u16(message.length)
    .u8(ICMPV6)
    .u8(HOP_LIMIT)
    .raw(source)
    .raw(destination)
    .raw(message).bytes;
}
