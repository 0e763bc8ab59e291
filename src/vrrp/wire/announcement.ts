/**
 * The packets that tell neighbours where an address lives now: gratuitous ARP (RFC 826, RFC 5227 3) and the unsolicited
 * neighbour advertisement (RFC 4861 4.4, 7.2.6). When they are sent is the master's business (schedule in master.ts).
 */

import { addressBytes, familyOf, parseAddress, type IpAddress } from '../../base/address.js';
import { ByteWriter, viewOf } from '../../base/bytes.js';
import { internetChecksum } from '../../base/checksum.js';
import { invariant, present } from '../../base/invariant.js';

const BROADCAST_MAC = new Uint8Array(6).fill(0xff);
const ETHERTYPE_ARP = 0x0806;
const ARP_ETHERNET = 1;
const ARP_IPV4 = 0x0800;
const ARP_REQUEST = 1;

/** Where every unsolicited neighbour advertisement goes, with hop limit 255. */
export const ALL_NODES: IpAddress = present(parseAddress('ff02::1'), 'ff02::1 is an address');
/** IPv6 next header (RFC 4443) and ICMPv6 type (RFC 4861 4.4). */
export const ICMPV6 = 58;
export const NEIGHBOUR_ADVERTISEMENT = 136;
const FLAG_OVERRIDE = 0x20000000;
const OPTION_TARGET_LINK_LAYER_ADDRESS = 2;

/**
 * A whole Ethernet frame: an ARP request whose sender and target are both `address`, as keepalived sends it.
 *
 *     ff:ff:ff:ff:ff:ff | mac | 0806 || 0001 0800 06 04 0001 | mac | address | ff:ff:ff:ff:ff:ff | address
 */
export function encodeGratuitousArp(address: IpAddress, mac: Uint8Array): Uint8Array {
  invariant(familyOf(address) === 'ipv4' && mac.length === 6, `no gratuitous ARP for ${address}`);
  const protocolAddress = addressBytes(address);
  return new ByteWriter(42)
    .raw(BROADCAST_MAC)
    .raw(mac)
    .u16(ETHERTYPE_ARP)
    .u16(ARP_ETHERNET)
    .u16(ARP_IPV4)
    .u8(mac.length)
    .u8(protocolAddress.length)
    .u16(ARP_REQUEST)
    .raw(mac)
    .raw(protocolAddress)
    .raw(BROADCAST_MAC)
    .raw(protocolAddress).bytes;
}

/**
 * The ICMPv6 message with its checksum, to be sent from `address` itself to ALL_NODES with hop limit 255. Only the override
 * flag is set, as keepalived does.
 *
 *     88 00 checksum | 20000000 | target (16) | option 02 01 mac
 */
export function encodeUnsolicitedNeighbourAdvert(address: IpAddress, mac: Uint8Array): Uint8Array {
  invariant(familyOf(address) === 'ipv6' && mac.length === 6, `no neighbour advertisement for ${address}`);
  const target = addressBytes(address);
  const message = new ByteWriter(32)
    .u8(NEIGHBOUR_ADVERTISEMENT)
    .u8(0)
    .u16(0)
    .u32(FLAG_OVERRIDE)
    .raw(target)
    .u8(OPTION_TARGET_LINK_LAYER_ADDRESS)
    .u8(1)
    .raw(mac).bytes;
  const pseudoTail = new ByteWriter(8).u32(message.length).u32(ICMPV6).bytes;
  viewOf(message).setUint16(2, internetChecksum(target, addressBytes(ALL_NODES), pseudoTail, message));
  return message;
}
