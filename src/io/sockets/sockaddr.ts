/** Socket addresses as the kernel lays them out (struct sockaddr_*): bytes out, values in. No socket is touched here. */

import { type IpAddress, addressBytes, addressFromBytes } from '../../base/address.js';
import { littleEndian } from '../../base/host-order.js';

/** linux/socket.h. */
export const AF = { unix: 1, inet: 2, inet6: 10, netlink: 16, packet: 17 } as const;
/** linux/if_ether.h: the protocol of a packet socket's address. */
export const ETHERTYPE = { arp: 0x0806, ipv6: 0x86dd } as const;

/** struct sockaddr_in, 16 bytes. `port` 0-65535; raw sockets ignore it. */
export function sockaddrIn(address: IpAddress, port = 0): Uint8Array {
  const { bytes, view } = blank(16, AF.inet);
  view.setUint16(2, port);
  bytes.set(addressBytes(address), 4);
  return bytes;
}

/** struct sockaddr_in6, 28 bytes. `interfaceIndex` is the scope of link-local and multicast addresses, 0 = none. */
export function sockaddrIn6(address: IpAddress, port = 0, interfaceIndex = 0): Uint8Array {
  const { bytes, view } = blank(28, AF.inet6);
  view.setUint16(2, port);
  bytes.set(addressBytes(address), 8);
  view.setUint32(24, interfaceIndex, littleEndian);
  return bytes;
}

/** struct sockaddr_ll, 20 bytes. `protocol` is the Ethernet type, 0 = receive nothing. */
export function sockaddrLl(protocol: number, interfaceIndex: number, hardwareAddress: Uint8Array = new Uint8Array(0)): Uint8Array {
  const { bytes, view } = blank(20, AF.packet);
  view.setUint16(2, protocol);
  view.setInt32(4, interfaceIndex, littleEndian);
  view.setUint8(11, hardwareAddress.length);
  bytes.set(hardwareAddress, 12);
  return bytes;
}

/** struct sockaddr_nl, 12 bytes. Port 0 lets the kernel choose (bind) or means the kernel (send). */
export function sockaddrNl(port: number, groups: number): Uint8Array {
  const { bytes, view } = blank(12, AF.netlink);
  view.setUint32(4, port, littleEndian);
  view.setUint32(8, groups, littleEndian);
  return bytes;
}

/** struct sockaddr_un of a socket in the file system: the path, at most 107 bytes, and a NUL. */
export function sockaddrUn(path: string): Uint8Array {
  const text = new TextEncoder().encode(path);
  const { bytes } = blank(2 + text.length + 1, AF.unix);
  bytes.set(text, 2);
  return bytes;
}

/** The IP address in a struct sockaddr_in or sockaddr_in6; undefined for any other family. */
export function addressOf(sockaddr: Uint8Array): IpAddress | undefined {
  const family = familyNumber(sockaddr);
  if (family === AF.inet && sockaddr.length >= 8) return addressFromBytes(sockaddr.subarray(4, 8));
  if (family === AF.inet6 && sockaddr.length >= 24) return addressFromBytes(sockaddr.subarray(8, 24));
  return undefined;
}

/** The port in a struct sockaddr_in or sockaddr_in6. */
export function portIn(sockaddr: Uint8Array): number {
  return sockaddr.length < 4 ? 0 : viewOf(sockaddr).getUint16(2);
}

/** The sender's port id in a struct sockaddr_nl: 0 is the kernel. Undefined for any other family. */
export function netlinkPortOf(sockaddr: Uint8Array): number | undefined {
  if (familyNumber(sockaddr) !== AF.netlink || sockaddr.length < 8) return undefined;
  return viewOf(sockaddr).getUint32(4, littleEndian);
}

function familyNumber(sockaddr: Uint8Array): number {
  return sockaddr.length < 2 ? 0 : viewOf(sockaddr).getUint16(0, littleEndian);
}

function blank(size: number, family: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes);
  view.setUint16(0, family, littleEndian);
  return { bytes, view };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
