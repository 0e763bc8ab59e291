/** Control messages (struct cmsghdr) beside a datagram: which interface, which addresses, which hop limit. 64-bit layout. */

import { type IpAddress, addressBytes, addressFromBytes } from '../../base/address.js';
import { viewOf } from '../../base/bytes.js';
import { littleEndian } from '../../base/host-order.js';
import { LEVEL } from './socket-options.js';

const HEADER = 16;
/** Of cmsg_len, a size_t: no control message is longer than four bytes can tell. */
const LOW_WORD = littleEndian ? 0 : 4;

/** linux/in.h, linux/in6.h. */
const IP_TTL = 2;
const IP_PKTINFO = 8;
const IP_RECVFRAGSIZE = 25;
const IPV6_PKTINFO = 50;
const IPV6_HOPLIMIT = 52;
const IPV6_TCLASS = 67;
const IPV6_RECVFRAGSIZE = 77;

export interface PacketInfo {
  readonly interfaceIndex?: number;
  readonly destination?: IpAddress;
  readonly hopLimit?: number;
  /** It came in pieces. Absent = in one. */
  readonly fragmented?: true;
}

/**
 * What IP_PKTINFO, IP_RECVTTL, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT and the two *_RECVFRAGSIZE put beside a datagram. Stops
 * at malformed data.
 */
export function readPacketInfo(control: Uint8Array): PacketInfo {
  const view = viewOf(control);
  const info: { interfaceIndex?: number; destination?: IpAddress; hopLimit?: number; fragmented?: true } = {};
  for (let at = 0; at + HEADER <= control.length; ) {
    const length = view.getUint32(at + LOW_WORD, littleEndian);
    if (length < HEADER || at + length > control.length) break;
    const level = view.getInt32(at + 8, littleEndian);
    const type = view.getInt32(at + 12, littleEndian);
    const data = at + HEADER;
    const size = length - HEADER;
    if (level === LEVEL.ip && type === IP_PKTINFO && size >= 12) {
      info.interfaceIndex = view.getInt32(data, littleEndian);
      info.destination = addressFromBytes(control.subarray(data + 8, data + 12));
    } else if (level === LEVEL.ipv6 && type === IPV6_PKTINFO && size >= 20) {
      info.destination = addressFromBytes(control.subarray(data, data + 16));
      info.interfaceIndex = view.getInt32(data + 16, littleEndian);
    } else if (isHopLimit(level, type) && size >= 4) {
      info.hopLimit = view.getInt32(data, littleEndian);
    } else if (isFragmentSize(level, type)) {
      info.fragmented = true;
    }
    at += align(length);
  }
  return info;
}

/** For sending over IPv6: source address, outgoing interface, hop limit 0-255 and traffic class 0-255 of one datagram. */
export function ipv6SendControl(
  source: IpAddress,
  interfaceIndex: number,
  hopLimit: number,
  trafficClass: number,
): Uint8Array {
  const bytes = new Uint8Array(align(HEADER + 20) + 2 * align(HEADER + 4));
  const view = viewOf(bytes);
  let at = writeHeader(view, 0, LEVEL.ipv6, IPV6_PKTINFO, 20);
  bytes.set(addressBytes(source), at);
  view.setInt32(at + 16, interfaceIndex, littleEndian);
  at = writeHeader(view, align(HEADER + 20), LEVEL.ipv6, IPV6_HOPLIMIT, 4);
  view.setInt32(at, hopLimit, littleEndian);
  at = writeHeader(view, align(HEADER + 20) + align(HEADER + 4), LEVEL.ipv6, IPV6_TCLASS, 4);
  view.setInt32(at, trafficClass, littleEndian);
  return bytes;
}

function writeHeader(view: DataView, at: number, level: number, type: number, size: number): number {
  view.setUint32(at + LOW_WORD, HEADER + size, littleEndian);
  view.setInt32(at + 8, level, littleEndian);
  view.setInt32(at + 12, type, littleEndian);
  return at + HEADER;
}

function isHopLimit(level: number, type: number): boolean {
  return (level === LEVEL.ip && type === IP_TTL) || (level === LEVEL.ipv6 && type === IPV6_HOPLIMIT);
}

/** The kernel puts them together again and tells the size of the largest, for those that came in pieces alone. */
function isFragmentSize(level: number, type: number): boolean {
  return (level === LEVEL.ip && type === IP_RECVFRAGSIZE) || (level === LEVEL.ipv6 && type === IPV6_RECVFRAGSIZE);
}

function align(length: number): number {
  return (length + 7) & ~7;
}
