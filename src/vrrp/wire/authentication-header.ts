/**
 * The IPsec authentication header of VRRPv2 (RFC 2402 with HMAC-MD5-96, RFC 2403) between IPv4 header and advert, as
 * keepalived makes it: the SPI is the sender's address, the sequence is checked although no key exchange stands behind it.
 *
 *      0       1       2       3
 *     +-------+-------+-------+-------+
 *     |  112  |   4   |   reserved    |
 *     +-------+-------+-------+-------+
 *     | SPI: the address of the sender|
 *     +-------------------------------+
 *     | sequence                      |
 *     +-------------------------------+
 *     | 12 bytes integrity check      |
 *     +-------------------------------+
 *
 * The check covers the whole packet, with zeros for what routers may change and for itself.
 */

import { addressBytes, addressFromBytes, type IpAddress } from '../../base/address.js';
import { ByteWriter, viewOf } from '../../base/bytes.js';
import { equalInConstantTime, hmacMd5 } from '../../base/hmac.js';
import { passwordBytes } from './authentication.js';
import { VRRP_PROTOCOL } from './packet.js';

/** IANA protocol number of AH. */
export const AH_PROTOCOL = 51;
export const AH_LENGTH = 24;
const CHECK_OFFSET = 12;
const CHECK_LENGTH = 12;
/** In 32-bit words, minus 2. */
const PAYLOAD_LENGTH = 4;
const IPV4_HEADER_LENGTH = 20;
const TRAFFIC_CLASS = 0xc0;
const HIGHEST_SEQUENCE = 0xffff_ffff;

/** How one packet carrying the header goes out. */
export interface HeaderedPath {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL; as it is on the wire for multicast, counted as 0 to peers. */
  readonly hopLimit: number;
  readonly unicast: boolean;
  /** Of the IPv4 header. */
  readonly identification: number;
}

/** What a received header says, and what its check has to be made over. */
export interface ReceivedHeader {
  readonly nextHeader: number;
  readonly securityParameters: IpAddress;
  readonly sequence: number;
  readonly check: Uint8Array;
  /** From the IPv4 header on, TTL still in place. */
  readonly packet: Uint8Array;
}

/** The sequence after `last`; 0 is never one. */
export function nextSequence(last: number): number {
  return last >= HIGHEST_SEQUENCE ? 1 : last + 1;
}

/** `message` with the header in front. */
export function encodeHeadered(message: Uint8Array, password: string, sequence: number, path: HeaderedPath): Uint8Array {
  const header = new ByteWriter(AH_LENGTH).u8(VRRP_PROTOCOL).u8(PAYLOAD_LENGTH).u16(0).raw(addressBytes(path.source)).u32(sequence);
  const length = IPV4_HEADER_LENGTH + AH_LENGTH + message.length;
  const packet = new ByteWriter(length).u8(0x45).u8(TRAFFIC_CLASS).u16(length).u16(path.identification).u16(0);
  packet.u8(path.hopLimit).u8(AH_PROTOCOL).u16(0).raw(addressBytes(path.source)).raw(addressBytes(path.destination));
  packet.raw(header.bytes).raw(message);
  const check = integrityCheck(packet.bytes, password, path.unicast);
  const payload = packet.bytes.slice(IPV4_HEADER_LENGTH);
  payload.set(check, CHECK_OFFSET);
  return payload;
}

/** Reads the header in front of `payload`, which is what follows `ipHeader`; undefined when it is none. */
export function readHeader(ipHeader: Uint8Array, payload: Uint8Array): ReceivedHeader | undefined {
  if (payload.length < AH_LENGTH || ipHeader.length < IPV4_HEADER_LENGTH || payload[1] !== PAYLOAD_LENGTH) return undefined;
  const packet = new Uint8Array(ipHeader.length + payload.length);
  packet.set(ipHeader);
  packet.set(payload, ipHeader.length);
  return {
    nextHeader: payload[0] ?? 0,
    securityParameters: addressFromBytes(payload.subarray(4, 8)),
    sequence: viewOf(payload).getUint32(8),
    check: payload.slice(CHECK_OFFSET, CHECK_OFFSET + CHECK_LENGTH),
    packet,
  };
}

/** True when who knows `password` has sent the packet from the address that its header names, and nobody changed it. */
export function isIntact(header: ReceivedHeader, source: IpAddress, password: string, unicast: boolean): boolean {
  if (header.nextHeader !== VRRP_PROTOCOL || header.securityParameters !== source) return false;
  return equalInConstantTime(header.check, integrityCheck(header.packet, password, unicast));
}

function integrityCheck(packet: Uint8Array, password: string, unicast: boolean): Uint8Array {
  const covered = packet.slice();
  const ipLength = ((covered[0] ?? 0) & 0xf) * 4;
  // RFC 2402 3.3.3.1.1: type of service, fragment field and header checksum; the TTL where packets cross routers.
  covered.fill(0, 1, 2).fill(0, 6, 8).fill(0, 10, 12);
  if (unicast) covered.fill(0, 8, 9);
  covered.fill(0, ipLength + CHECK_OFFSET, ipLength + CHECK_OFFSET + CHECK_LENGTH);
  return hmacMd5(passwordBytes(password), covered).slice(0, CHECK_LENGTH);
}
