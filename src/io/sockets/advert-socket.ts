/**
 * A raw socket for adverts: how it is bound, joined and filtered, and the IP header around what it sends. It knows no VRRP
 * message; the codec is above it (vrrp-socket.ts for users of the library, advert-endpoints.ts for the director).
 */

import { EventEmitter } from 'node:events';
import { type Family, type IpAddress, addressBytes } from '../../base/address.js';
import { AH_LENGTH, AH_PROTOCOL } from '../../vrrp/wire/authentication-header.js';
import type { AdvertProtocol } from '../../vrrp/instance/arrival.js';
import { VRRP_PROTOCOL } from '../../vrrp/wire/packet.js';
import { openFilter, virtualRouterFilter } from './advert-filter.js';
import { ipv6SendControl } from './control-messages.js';
import { KernelError } from '../kernel-error.js';
import { interfaceIndex } from './native-socket.js';
import { RawSocket, type RemoteInfo } from './raw-socket.js';
import { sockaddrIn, sockaddrIn6 } from './sockaddr.js';
import {
  FOREIGN_SOURCE_4,
  FOREIGN_SOURCE_6,
  HEADER_INCLUDED,
  MULTICAST_4,
  MULTICAST_6,
  type SocketOption,
  applyOptions,
  attachFilter,
  bindToDevice,
  joinGroup4,
  joinGroup6,
  multicastInterface4,
  multicastInterface6,
  receiveBuffer,
} from './socket-options.js';

/** Internetwork control (RFC 791, CS6). */
const TRAFFIC_CLASS = 0xc0;
const IPV4_HEADER = 20;
const LONGEST_PAYLOAD = 2048;
const ENODEV = 19;
const NUMBERS: Readonly<Record<AdvertProtocol, number>> = { vrrp: VRRP_PROTOCOL, ah: AH_PROTOCOL };

export interface AdvertSocketOptions {
  /** Empty for any. */
  readonly interface: string;
  readonly family: Family;
  readonly protocol: AdvertProtocol;
  /** Joined on the interface, and the only destination that is heard. */
  readonly multicastGroup?: IpAddress;
  /** The only destination that is heard when there is no group. Default: every address of this host. */
  readonly localAddress?: IpAddress;
  /** Adverts of other virtual routers are dropped in the kernel. Default: all are heard. */
  readonly virtualRouterIds?: readonly number[];
}

export interface AdvertSocketEvents {
  /** `ipHeader` is empty for IPv6. */
  packet: [payload: Uint8Array, info: RemoteInfo, ipHeader: Uint8Array];
  error: [error: KernelError];
  close: [];
}

export interface Datagram {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly hopLimit: number;
  /** At most 2048 bytes. */
  readonly payload: Uint8Array;
  /** 1-65535; default: one more than that of the packet before. */
  readonly identification?: number;
}

export class AdvertSocket extends EventEmitter<AdvertSocketEvents> {
  readonly #options: AdvertSocketOptions;
  readonly #interfaceIndex: number;
  readonly #socket: RawSocket;
  readonly #packet = new Uint8Array(IPV4_HEADER + LONGEST_PAYLOAD);
  #identification = 0;
  /** What the laid out addresses belong to. */
  #aim = '';
  #sockaddr: Uint8Array = new Uint8Array(0);
  #control: Uint8Array = new Uint8Array(0);

  /** Throws KernelError: ENODEV without the interface, EPERM without CAP_NET_RAW. */
  constructor(options: AdvertSocketOptions) {
    super();
    const { family, protocol, interface: name } = options;
    const index = name === '' ? 0 : interfaceIndex(name);
    if (index === undefined) throw new KernelError(`open VRRP socket on ${name}`, ENODEV);
    this.#options = options;
    this.#interfaceIndex = index;
    // Version 4, five words; the kernel writes length and checksum. No fragment flags.
    this.#packet.set([0x45, TRAFFIC_CLASS], 0);
    this.#packet[9] = NUMBERS[protocol];
    const heard = options.multicastGroup ?? options.localAddress;
    const boundTo = heard === undefined ? {} : { boundTo: family === 'ipv4' ? sockaddrIn(heard) : sockaddrIn6(heard, 0, index) };
    this.#socket = new RawSocket({ family, protocol: NUMBERS[protocol], options: this.#socketOptions(), ...boundTo });
    this.#socket.on('message', (packet, info) => this.#receive(packet, info));
    this.#socket.on('error', (error) => this.emit('error', error));
    this.#socket.on('close', () => this.emit('close'));
  }

  get interfaceIndex(): number {
    return this.#interfaceIndex;
  }

  /** Which virtual routers are heard from now on; undefined for all. Throws KernelError. */
  setVirtualRouterIds(virtualRouterIds: readonly number[] | undefined): void {
    applyOptions(this.#socket, [attachFilter(this.#filter(virtualRouterIds))]);
  }

  /** How much may wait to be read from now on, also beyond the limit of the system where we may. */
  setReceiveBuffer(bytes: number): void {
    const size = { bytes, force: true };
    applyOptions(this.#socket, [receiveBuffer({ ...size, force: false }), receiveBuffer(size)]);
  }

  /** Sends at once, with the IP header that keepalived writes. 0 or -errno. */
  send({ source, destination, hopLimit, payload, identification }: Datagram): number {
    const aim = `${source} ${destination} ${hopLimit}`;
    if (aim !== this.#aim) this.#layOut(aim, source, destination, hopLimit);
    if (this.#options.family === 'ipv6') return this.#socket.sendTo(payload, this.#sockaddr, this.#control);
    this.#identification = identification ?? (this.#identification % 0xffff) + 1;
    this.#packet[4] = this.#identification >> 8;
    this.#packet[5] = this.#identification;
    this.#packet.set(payload, IPV4_HEADER);
    return this.#socket.sendTo(this.#packet.subarray(0, IPV4_HEADER + payload.length), this.#sockaddr, null);
  }

  /** Emits what is queued in the kernel before returning. */
  drain(): void {
    this.#socket.drain();
  }

  ref(): this {
    this.#socket.ref();
    return this;
  }

  unref(): this {
    this.#socket.unref();
    return this;
  }

  /** No event but 'close' follows. Closing again does nothing. */
  close(): void {
    this.#socket.close();
  }

  #socketOptions(): SocketOption[] {
    const { family, interface: name, virtualRouterIds, multicastGroup } = this.#options;
    const device = name === '' ? [] : [bindToDevice(name)];
    const index = this.#interfaceIndex;
    const way = family === 'ipv4' ? [HEADER_INCLUDED, ...MULTICAST_4, FOREIGN_SOURCE_4] : [...MULTICAST_6, FOREIGN_SOURCE_6];
    const group: SocketOption[] = [];
    if (multicastGroup !== undefined && family === 'ipv4') group.push(multicastInterface4(index), joinGroup4(multicastGroup, index));
    if (multicastGroup !== undefined && family === 'ipv6') group.push(multicastInterface6(index), joinGroup6(multicastGroup, index));
    return [attachFilter(this.#filter(virtualRouterIds)), ...device, ...way, ...group];
  }

  #filter(virtualRouterIds: readonly number[] | undefined): Uint8Array {
    const { family, protocol } = this.#options;
    return virtualRouterIds === undefined ? openFilter() : virtualRouterFilter(family, virtualRouterIds, protocol === 'ah' ? AH_LENGTH : 0);
  }

  /** Lays out addresses once for the many adverts that go the same way. */
  #layOut(aim: string, source: IpAddress, destination: IpAddress, hopLimit: number): void {
    if (this.#options.family === 'ipv4') {
      this.#packet[8] = hopLimit;
      this.#packet.set(addressBytes(source), 12);
      this.#packet.set(addressBytes(destination), 16);
      this.#sockaddr = sockaddrIn(destination);
    } else {
      this.#sockaddr = sockaddrIn6(destination, 0, this.#interfaceIndex);
      this.#control = ipv6SendControl(source, this.#interfaceIndex, hopLimit, TRAFFIC_CLASS);
    }
    this.#aim = aim;
  }

  #receive(packet: Uint8Array, remote: RemoteInfo): void {
    const headerLength = this.#options.family === 'ipv4' ? ((packet[0] ?? 0) & 0xf) * 4 : 0;
    this.emit('packet', packet.subarray(headerLength), remote, packet.subarray(0, headerLength));
  }
}
