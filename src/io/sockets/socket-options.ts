/**
 * Socket options as data: a table of (name, level, option, value, required?) applied by one loop that checks every result.
 * Numbers are from linux/in.h, linux/in6.h, asm-generic/socket.h and linux/netlink.h.
 */

import { type IpAddress, addressBytes } from '../../base/address.js';
import { cString, hostInt32 } from '../host-bytes.js';
import { KernelError } from '../kernel-error.js';

export const LEVEL = { ip: 0, socket: 1, ipv6: 41, netlink: 270 } as const;

export interface SocketOption {
  readonly name: string;
  readonly level: number;
  readonly option: number;
  readonly value: Uint8Array;
  /** False: an older kernel or a missing privilege may refuse it. */
  readonly required: boolean;
}

/** Whatever can take an option; answers 0 or -errno. */
export interface OptionTarget {
  readonly setOption: (level: number, option: number, value: Uint8Array) => number;
}

/** Applies all in order. Throws KernelError for the first required one that is refused. */
export function applyOptions(target: OptionTarget, options: readonly SocketOption[]): void {
  for (const { name, level, option, value, required } of options) {
    const result = target.setOption(level, option, value);
    if (result < 0 && required) throw new KernelError(`setsockopt ${name}`, result);
  }
}

export function integerOption(name: string, level: number, option: number, value: number, required = true): SocketOption {
  return { name, level, option, value: hostInt32(value), required };
}

export function bindToDevice(interfaceName: string): SocketOption {
  return { name: 'SO_BINDTODEVICE', level: LEVEL.socket, option: 25, value: cString(interfaceName), required: true };
}

/** How large the receive buffer of a socket is wanted. */
export interface BufferSize {
  readonly bytes: number;
  /** Also beyond net.core.rmem_max, which only CAP_NET_ADMIN may. Otherwise the kernel cuts it there without a word. */
  readonly force: boolean;
}

/** Of sockets that ask the kernel and change it, and of those that hear its events; absent = their default. */
export interface ReceiveBuffers {
  readonly commands?: BufferSize;
  readonly monitor?: BufferSize;
}

/** The kernel keeps sizes as a C `int` and doubles what it is given. */
const LARGEST_BUFFER = 0x3fff_ffff;

export function receiveBuffer({ bytes, force }: BufferSize): SocketOption {
  const size = Math.min(bytes, LARGEST_BUFFER);
  if (force) return integerOption('SO_RCVBUFFORCE', LEVEL.socket, 33, size, false);
  return integerOption('SO_RCVBUF', LEVEL.socket, 8, size, false);
}

/** How long the longest message may be that is sent at once; beyond net.core.wmem_max, which only CAP_NET_ADMIN may. */
export function sendBuffer(bytes: number): SocketOption {
  return integerOption('SO_SNDBUFFORCE', LEVEL.socket, 32, Math.min(bytes, LARGEST_BUFFER), false);
}

export function attachFilter(program: Uint8Array): SocketOption {
  return { name: 'SO_ATTACH_FILTER', level: LEVEL.socket, option: 26, value: program, required: true };
}

/** IP_ADD_MEMBERSHIP with a struct ip_mreqn: group, no local address, interface. */
export function joinGroup4(group: IpAddress, interfaceIndex: number): SocketOption {
  return { name: 'IP_ADD_MEMBERSHIP', level: LEVEL.ip, option: 35, value: mreqn(group, interfaceIndex), required: true };
}

/** IP_MULTICAST_IF with a struct ip_mreqn. */
export function multicastInterface4(interfaceIndex: number): SocketOption {
  const value = mreqn('0.0.0.0' as IpAddress, interfaceIndex);
  return { name: 'IP_MULTICAST_IF', level: LEVEL.ip, option: 32, value, required: true };
}

/** IPV6_MULTICAST_IF. */
export function multicastInterface6(interfaceIndex: number): SocketOption {
  return integerOption('IPV6_MULTICAST_IF', LEVEL.ipv6, 17, interfaceIndex);
}

/** IPV6_ADD_MEMBERSHIP with a struct ipv6_mreq. */
export function joinGroup6(group: IpAddress, interfaceIndex: number): SocketOption {
  const value = new Uint8Array(20);
  value.set(addressBytes(group));
  value.set(hostInt32(interfaceIndex), 16);
  return { name: 'IPV6_ADD_MEMBERSHIP', level: LEVEL.ipv6, option: 20, value, required: true };
}

/** struct ip_mreqn, 12 bytes. */
function mreqn(group: IpAddress, interfaceIndex: number): Uint8Array {
  const value = new Uint8Array(12);
  value.set(addressBytes(group));
  value.set(hostInt32(interfaceIndex), 8);
  return value;
}

/** Receive where to and with which hop limit a datagram came, and whether in pieces (Linux 4.10). */
export const PACKET_INFO_4: readonly SocketOption[] = [
  integerOption('IP_PKTINFO', LEVEL.ip, 8, 1),
  integerOption('IP_RECVTTL', LEVEL.ip, 12, 1),
  integerOption('IP_RECVFRAGSIZE', LEVEL.ip, 25, 1, false),
];
export const PACKET_INFO_6: readonly SocketOption[] = [
  integerOption('IPV6_RECVPKTINFO', LEVEL.ipv6, 49, 1),
  integerOption('IPV6_RECVHOPLIMIT', LEVEL.ipv6, 51, 1),
  integerOption('IPV6_RECVFRAGSIZE', LEVEL.ipv6, 77, 1, false),
];

/** Only groups joined by this socket, and none of what it sends itself. */
export const MULTICAST_4: readonly SocketOption[] = [
  integerOption('IP_MULTICAST_LOOP', LEVEL.ip, 34, 0),
  integerOption('IP_MULTICAST_ALL', LEVEL.ip, 49, 0),
];
export const MULTICAST_6: readonly SocketOption[] = [
  integerOption('IPV6_MULTICAST_LOOP', LEVEL.ipv6, 19, 0),
  /* Linux 4.20. */
  integerOption('IPV6_MULTICAST_ALL', LEVEL.ipv6, 29, 0, false),
];

/** The source may be an address that has just been lost, or that is still to come. */
export const FOREIGN_SOURCE_4 = integerOption('IP_FREEBIND', LEVEL.ip, 15, 1, false);
export const FOREIGN_SOURCE_6 = integerOption('IPV6_FREEBIND', LEVEL.ipv6, 78, 1, false);

/** The IPv4 header comes from us. */
export const HEADER_INCLUDED = integerOption('IP_HDRINCL', LEVEL.ip, 3, 1);

/** Acknowledgements without the request's copy but with the kernel's words, and strict checking of dump requests. */
export const NETLINK_MODERN: readonly SocketOption[] = [
  integerOption('NETLINK_CAP_ACK', LEVEL.netlink, 10, 1, false),
  integerOption('NETLINK_EXT_ACK', LEVEL.netlink, 11, 1, false),
  integerOption('NETLINK_GET_STRICT_CHK', LEVEL.netlink, 12, 1, false),
];
