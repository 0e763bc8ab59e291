/**
 * VRRP adverts on one interface and family: the public library `holdfast/vrrp`. Shaped like dgram.Socket, with the codec
 * inside. It keeps no VRRP state and answers nothing by itself.
 */

import { EventEmitter } from 'node:events';
import { networkInterfaces } from 'node:os';
import { type Family, type IpAddress, addressBytes, isLinkLocal, parseAddress } from '../base/address.js';
import { present } from '../base/invariant.js';
import { type Advert, type AdvertError, VRRP_PROTOCOL, decodeAdvert, encodeAdvert } from '../vrrp/packet.js';
import { openFilter, virtualRouterFilter } from './advert-filter.js';
import { ipv6SendControl } from './control-messages.js';
import { KernelError } from './kernel-error.js';
import { interfaceIndex } from './native-socket.js';
import { RawSocket, type RemoteInfo } from './raw-socket.js';
import { sockaddrIn, sockaddrIn6 } from './sockaddr.js';
import {
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
} from './socket-options.js';

/** What a user of the library needs to say and to understand. */
export { milliseconds, seconds } from '../base/time.js';
export { KernelError, parseAddress };
export type { Advert, AdvertError, Family, IpAddress };

/** IANA: 224.0.0.18 and ff02::12. */
const DEFAULT_GROUP = {
  ipv4: present(parseAddress('224.0.0.18'), '224.0.0.18 is an address'),
  ipv6: present(parseAddress('ff02::12'), 'ff02::12 is an address'),
} as const;

/** RFC 5798 5.1.1.3: anything else did not come from this link. */
const HOP_LIMIT = 255;
/** Internetwork control (RFC 791, CS6). */
const TRAFFIC_CLASS = 0xc0;
const IPV4_HEADER = 20;
const LONGEST_MESSAGE = 2048;
const ENODEV = 19;
const EADDRNOTAVAIL = 99;

export interface VrrpSocketOptions {
  readonly family: Family;
  /** Interface name; the socket hears and speaks on nothing else. */
  readonly interface: string;
  /** Joined on the interface: the only destination that is heard, and the default one. Default 224.0.0.18 or ff02::12. */
  readonly multicastGroup?: IpAddress;
  /** Adverts of other virtual routers are dropped in the kernel. Default: all are heard. */
  readonly virtualRouterIds?: readonly number[];
}

export interface AdvertInfo {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL or hop limit as received; 255 unless somebody forwarded or forged it. */
  readonly hopLimit: number;
  readonly interfaceIndex: number;
  /** The VRRP message, without IP header. */
  readonly message: Uint8Array;
}

export interface SendOptions {
  /** Default: the interface's first fitting address, link-local for IPv6. */
  readonly source?: IpAddress;
  /** Default: the multicast group. */
  readonly destination?: IpAddress;
}

export interface VrrpSocketEvents {
  advert: [advert: Advert, info: AdvertInfo];
  malformed: [error: AdvertError, info: AdvertInfo];
  error: [error: KernelError];
  close: [];
}

/** Opens a socket. Throws KernelError: ENODEV without the interface, EPERM without CAP_NET_RAW. */
export function createVrrpSocket(options: VrrpSocketOptions): VrrpSocket {
  return new VrrpSocket(options);
}

export class VrrpSocket extends EventEmitter<VrrpSocketEvents> {
  readonly #options: VrrpSocketOptions;
  readonly #group: IpAddress;
  readonly #interfaceIndex: number;
  readonly #socket: RawSocket;
  readonly #packet = new Uint8Array(IPV4_HEADER + LONGEST_MESSAGE);
  #identification = 0;
  #source: IpAddress | undefined;
  #destination: IpAddress | undefined;
  #sockaddr: Uint8Array = new Uint8Array(0);
  #control: Uint8Array = new Uint8Array(0);

  /** Throws KernelError, as createVrrpSocket does. */
  constructor(options: VrrpSocketOptions) {
    super();
    const index = interfaceIndex(options.interface);
    if (index === undefined) throw new KernelError(`open VRRP socket on ${options.interface}`, ENODEV);
    this.#options = options;
    this.#interfaceIndex = index;
    this.#group = options.multicastGroup ?? DEFAULT_GROUP[options.family];
    // Version 4, five words; the kernel writes length and checksum. No fragment flags.
    this.#packet.set([0x45, TRAFFIC_CLASS], 0);
    this.#packet.set([HOP_LIMIT, VRRP_PROTOCOL], 8);
    const boundTo = options.family === 'ipv4' ? sockaddrIn(this.#group) : sockaddrIn6(this.#group, 0, index);
    this.#socket = new RawSocket({ family: options.family, protocol: VRRP_PROTOCOL, options: this.#socketOptions(), boundTo });
    this.#socket.on('message', (packet, info) => this.#receive(packet, info));
    this.#socket.on('error', (error) => this.emit('error', error));
    this.#socket.on('close', () => this.emit('close'));
  }

  /** Which virtual routers are heard from now on. Throws KernelError. */
  setVirtualRouterIds(virtualRouterIds: readonly number[]): void {
    applyOptions(this.#socket, [attachFilter(virtualRouterFilter(this.#options.family, virtualRouterIds))]);
  }

  /**
   * Encodes and sends at once. 0 or -errno, as a lost packet is no exception; -EADDRNOTAVAIL when the interface has no
   * address to send from. An advert that cannot be encoded is a bug and throws.
   */
  send(advert: Advert, { source = this.#defaultSource(), destination = this.#group }: SendOptions = {}): number {
    if (source === undefined) return -EADDRNOTAVAIL;
    const message = encodeAdvert(advert, { family: this.#options.family, source, destination });
    return this.sendMessage(message, source, destination);
  }

  /** Sends an encoded advert of at most 2048 bytes; adds the IP header as keepalived does. 0 or -errno. */
  sendMessage(message: Uint8Array, source: IpAddress, destination: IpAddress): number {
    if (source !== this.#source || destination !== this.#destination) this.#aim(source, destination);
    if (this.#options.family === 'ipv6') return this.#socket.sendTo(message, this.#sockaddr, this.#control);
    this.#identification = (this.#identification % 0xffff) + 1;
    this.#packet[4] = this.#identification >> 8;
    this.#packet[5] = this.#identification;
    this.#packet.set(message, IPV4_HEADER);
    return this.#socket.sendTo(this.#packet.subarray(0, IPV4_HEADER + message.length), this.#sockaddr, null);
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
    const { family, interface: name, virtualRouterIds } = this.#options;
    const filter = virtualRouterIds === undefined ? openFilter() : virtualRouterFilter(family, virtualRouterIds);
    const multicast =
      family === 'ipv4'
        ? [
            HEADER_INCLUDED,
            ...MULTICAST_4,
            multicastInterface4(this.#interfaceIndex),
            joinGroup4(this.#group, this.#interfaceIndex),
          ]
        : [
            ...MULTICAST_6,
            FOREIGN_SOURCE_6,
            multicastInterface6(this.#interfaceIndex),
            joinGroup6(this.#group, this.#interfaceIndex),
          ];
    return [attachFilter(filter), bindToDevice(name), ...multicast];
  }

  /** Lays out addresses once for the many adverts that go the same way. */
  #aim(source: IpAddress, destination: IpAddress): void {
    if (this.#options.family === 'ipv4') {
      this.#packet.set(addressBytes(source), 12);
      this.#packet.set(addressBytes(destination), 16);
      this.#sockaddr = sockaddrIn(destination);
    } else {
      this.#sockaddr = sockaddrIn6(destination, 0, this.#interfaceIndex);
      this.#control = ipv6SendControl(source, this.#interfaceIndex, HOP_LIMIT, TRAFFIC_CLASS);
    }
    this.#source = source;
    this.#destination = destination;
  }

  #receive(packet: Uint8Array, remote: RemoteInfo): void {
    const { family } = this.#options;
    const message = family === 'ipv4' ? packet.subarray(((packet[0] ?? 0) & 0xf) * 4) : packet;
    const { address: source, destination, hopLimit } = remote;
    const info = { source, destination, hopLimit, interfaceIndex: remote.interfaceIndex, message };
    const result = decodeAdvert(message, { family, source, destination });
    if (result.ok) this.emit('advert', result.value, info);
    else this.emit('malformed', result.error, info);
  }

  #defaultSource(): IpAddress | undefined {
    const { family, interface: name } = this.#options;
    const candidates = (networkInterfaces()[name] ?? []).flatMap(({ address }) => parseAddress(address) ?? []);
    return candidates.find((address) =>
      family === 'ipv4' ? !address.includes(':') : address.includes(':') && isLinkLocal(address),
    );
  }
}
