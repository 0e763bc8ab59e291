/**
 * VRRP advertisements as bytes and back: RFC 3768 (v2, IPv4) and RFC 5798/9568 (v3, IPv4 and IPv6). Only the VRRP message:
 * IP headers belong to the socket. What is acceptable to an instance (hop limit, password, interval) is decided in receive.ts.
 *
 *     v2   0       1       2       3          v3   0       1       2       3
 *        +-------+-------+-------+-------+       +-------+-------+-------+-------+
 *        |2|  1  | VRID  | prio  | count |       |3|  1  | VRID  | prio  | count |
 *        +-------+-------+-------+-------+       +-------+-------+-------+-------+
 *        | auth  |  A, s |   checksum    |       |0|  A, 10 ms   |   checksum    |
 *        +-------+-------+-------+-------+       +-------+-------+-------+-------+
 *        | count addresses of 4 bytes    |       | count addresses of 4 or 16    |
 *        +-------------------------------+       +-------------------------------+
 *        | 8 bytes authentication data   |
 *        +-------------------------------+
 *
 * The v2 checksum covers the message; the v3 checksum covers pseudo header and message, over IPv4 too. What may stand before
 * or behind the message (AH, a signature) is not read here: arrival.ts does that.
 */

import { addressBytes, addressFromBytes, familyOf, type Family, type IpAddress } from '../../base/address.js';
import { ByteWriter, viewOf } from '../../base/bytes.js';
import { internetChecksum } from '../../base/checksum.js';
import { decoded, undecodable, type Decoded } from '../../base/decoded.js';
import { invariant } from '../../base/invariant.js';
import { micros, type Micros } from '../../base/time.js';

export interface AdvertV2 {
  readonly version: 2;
  readonly virtualRouterId: number;
  /** 0 = the master is leaving. */
  readonly priority: number;
  readonly advertInterval: Micros;
  /** Wire value: 0 none, 1 simple password, 2 AH (RFC 2338). */
  readonly authenticationType: number;
  /** 8 bytes as on the wire. */
  readonly authenticationData: Uint8Array;
  readonly addresses: readonly IpAddress[];
}

export interface AdvertV3 {
  readonly version: 3;
  readonly virtualRouterId: number;
  readonly priority: number;
  /** Max Advert Int, 12 bits of centiseconds on the wire. */
  readonly advertInterval: Micros;
  readonly addresses: readonly IpAddress[];
}

export type Advert = AdvertV2 | AdvertV3;

/** Every way in which bytes fail to be an advert; doubles as a counter name. */
export type AdvertError = 'tooShort' | 'lengthMismatch' | 'badVersion' | 'badType' | 'badChecksum';

/**
 * What a checksum was made over. `asMulticast`: version 3 over IPv4 to a peer, with 224.0.0.18 for a destination, as
 * keepalived before 1.3.6. `withoutPseudoHeader`: version 3 over IPv4 as if it were version 2.
 */
export type ChecksumForm = 'right' | 'asMulticast' | 'withoutPseudoHeader';

/** What the checksum needs to know of the IP header: the addresses as they are (were) on the wire. */
export interface AdvertPath {
  readonly family: Family;
  readonly source: IpAddress;
  readonly destination: IpAddress;
}

/** The fixed fields of bytes that were no acceptable advert, for telling the operator. */
export interface AdvertHeader {
  readonly version: number;
  readonly packetType: number;
  readonly virtualRouterId: number;
  readonly addressCount: number;
}

/** IANA protocol number of VRRP. */
export const VRRP_PROTOCOL = 112;
const ADVERTISEMENT = 1;
const HEADER_LENGTH = 8;
const CHECKSUM_OFFSET = 6;
const AUTHENTICATION_LENGTH = 8;
const IPV4_HEADER_LENGTH = 20;
/** Payload of the shortest Ethernet frame (IEEE 802.3): shorter IP packets arrive padded to it. */
const ETHERNET_MINIMUM_PAYLOAD = 46;
const CENTISECOND = 10_000;
const SECOND = 1_000_000;
/** 224.0.0.18 */
const STANDARD_GROUP = Uint8Array.of(224, 0, 0, 18);
const ONE_FORM: readonly ChecksumForm[] = ['right'];
const IPV4_FORMS: readonly ChecksumForm[] = ['right', 'asMulticast', 'withoutPseudoHeader'];

/** Bytes of a message of this version with this many addresses. */
export function advertLength(version: 2 | 3, family: Family, addressCount: number): number {
  const addresses = addressCount * (family === 'ipv4' ? 4 : 16);
  return HEADER_LENGTH + addresses + (version === 2 ? AUTHENTICATION_LENGTH : 0);
}

/** The message on the wire. Fields out of range or addresses of another family are a bug and throw InvariantError. */
export function encodeAdvert(advert: Advert, path: AdvertPath, form: ChecksumForm = 'right'): Uint8Array {
  const { virtualRouterId, priority, addresses } = advert;
  invariant(virtualRouterId >= 1 && virtualRouterId <= 255, `VRID ${virtualRouterId} is outside 1-255`);
  invariant(priority >= 0 && priority <= 255, `priority ${priority} is outside 0-255`);
  invariant(addresses.length <= 255, `${addresses.length} addresses do not fit into an advert`);
  invariant(advert.version === 3 || path.family === 'ipv4', 'VRRPv2 knows no IPv6');
  const writer = new ByteWriter(advertLength(advert.version, path.family, addresses.length));
  writer.u8((advert.version << 4) | ADVERTISEMENT).u8(virtualRouterId).u8(priority).u8(addresses.length);
  if (advert.version === 2) {
    writer.u8(advert.authenticationType).u8(wireUnits(advert.advertInterval, SECOND, 0xff));
  } else {
    writer.u16(wireUnits(advert.advertInterval, CENTISECOND, 0xfff));
  }
  writer.u16(0);
  for (const address of addresses) {
    invariant(familyOf(address) === path.family, `${address} is no ${path.family} address`);
    writer.raw(addressBytes(address));
  }
  if (advert.version === 2) writer.raw(advert.authenticationData);
  writeChecksum(advert.version, writer.bytes, path, form);
  return writer.bytes;
}

/** Writes the checksum into a message; over IPv6 it covers a signature behind it too, so that comes into `message` first. */
export function writeChecksum(version: 2 | 3, message: Uint8Array, path: AdvertPath, form: ChecksumForm = 'right'): void {
  const view = viewOf(message);
  view.setUint16(CHECKSUM_OFFSET, 0);
  view.setUint16(CHECKSUM_OFFSET, checksum(version, message, path, form));
}

/** How the checksum of a received message was made; undefined when it is wrong in every way. */
export function checksumForm(version: 2 | 3, message: Uint8Array, path: AdvertPath): ChecksumForm | undefined {
  const forms = version === 3 && path.family === 'ipv4' ? IPV4_FORMS : ONE_FORM;
  return forms.find((form) => checksum(version, message, path, form) === 0);
}

/**
 * Reads one message (without IP header; Ethernet padding of short IPv4 packets is ignored). Never throws, and never looks
 * beyond `bytes`. Reserved bits of v3 are ignored (RFC 5798 5.2.6).
 */
export function decodeAdvert(bytes: Uint8Array, path: AdvertPath): Decoded<Advert, AdvertError> {
  if (bytes.length < HEADER_LENGTH) return undecodable('tooShort');
  const view = viewOf(bytes);
  const version = view.getUint8(0) >> 4;
  if (version !== 3 && !(version === 2 && path.family === 'ipv4')) return undecodable('badVersion');
  const length = advertLength(version, path.family, view.getUint8(3));
  if (!fits(bytes.length, length, path.family)) return undecodable('lengthMismatch');
  if ((view.getUint8(0) & 0xf) !== ADVERTISEMENT) return undecodable('badType');
  const message = bytes.length === length ? bytes : bytes.subarray(0, length);
  if (checksum(version, message, path, 'right') !== 0) return undecodable('badChecksum');
  return decoded(readAdvert(version, message, path.family));
}

/** The fields of a message of the right length; its type and checksum are not looked at. */
export function readAdvert(version: 2 | 3, message: Uint8Array, family: Family): Advert {
  const view = viewOf(message);
  return version === 2 ? readV2(message, view) : readV3(message, view, family);
}

/** The fixed fields, when there are enough bytes for them; undefined otherwise. */
export function readAdvertHeader(bytes: Uint8Array): AdvertHeader | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined;
  const view = viewOf(bytes);
  return {
    version: view.getUint8(0) >> 4,
    packetType: view.getUint8(0) & 0xf,
    virtualRouterId: view.getUint8(1),
    addressCount: view.getUint8(3),
  };
}

function readV2(message: Uint8Array, view: DataView): AdvertV2 {
  return {
    version: 2,
    virtualRouterId: view.getUint8(1),
    priority: view.getUint8(2),
    advertInterval: micros(view.getUint8(5) * SECOND),
    authenticationType: view.getUint8(4),
    authenticationData: message.slice(-AUTHENTICATION_LENGTH),
    addresses: readAddresses(message, view.getUint8(3), 4),
  };
}

function readV3(message: Uint8Array, view: DataView, family: Family): AdvertV3 {
  return {
    version: 3,
    virtualRouterId: view.getUint8(1),
    priority: view.getUint8(2),
    advertInterval: micros((view.getUint16(4) & 0xfff) * CENTISECOND),
    addresses: readAddresses(message, view.getUint8(3), family === 'ipv4' ? 4 : 16),
  };
}

function readAddresses(message: Uint8Array, count: number, size: 4 | 16): IpAddress[] {
  const addresses: IpAddress[] = [];
  for (let i = 0; i < count; i += 1) {
    const start = HEADER_LENGTH + i * size;
    addresses.push(addressFromBytes(message.subarray(start, start + size)));
  }
  return addresses;
}

/** True when a message of `received` bytes is one of `expected` ones, in front of the padding of a short frame perhaps. */
export function fits(received: number, expected: number, family: Family): boolean {
  if (received === expected) return true;
  const paddable = family === 'ipv4' && IPV4_HEADER_LENGTH + expected < ETHERNET_MINIMUM_PAYLOAD;
  return paddable && received > expected && (received - expected) % 4 === 2;
}

/** The value to write into a message whose checksum field is zero, or 0 for a received message that is intact. */
function checksum(version: 2 | 3, message: Uint8Array, path: AdvertPath, form: ChecksumForm): number {
  if (version === 2 || form === 'withoutPseudoHeader') return internetChecksum(message);
  // RFC 2460 8.1 for IPv6; for IPv4 the same sum of 16-bit words as 0, protocol, length.
  const pseudoTail = new ByteWriter(8).u32(message.length).u32(VRRP_PROTOCOL).bytes;
  const destination = form === 'asMulticast' ? STANDARD_GROUP : addressBytes(path.destination);
  return internetChecksum(addressBytes(path.source), destination, pseudoTail, message);
}

function wireUnits(interval: Micros, unit: number, widest: number): number {
  const units = Math.round(interval / unit);
  invariant(units >= 0 && units <= widest, `an interval of ${interval} us does not fit into an advert`);
  return units;
}
