/**
 * VRRP adverts on one interface and family: the public library `holdfast/vrrp`. Shaped like dgram.Socket, with the codec
 * inside. It keeps no VRRP state and answers nothing by itself.
 */

import { EventEmitter } from 'node:events';
import { networkInterfaces } from 'node:os';
import { type Family, type IpAddress, isLinkLocal, parseAddress } from '../../base/address.js';
import { present } from '../../base/invariant.js';
import { type Advert, type AdvertError, decodeAdvert, encodeAdvert } from '../../vrrp/wire/packet.js';
import { AdvertSocket } from './advert-socket.js';
import { KernelError } from '../kernel-error.js';
import type { RemoteInfo } from './raw-socket.js';

/** What a user of the library needs to say and to understand. */
export { milliseconds, seconds } from '../../base/time.js';
export { KernelError, parseAddress };
export type { Advert, AdvertError, Family, IpAddress };

/** IANA: 224.0.0.18 and ff02::12. */
const DEFAULT_GROUP = {
  ipv4: present(parseAddress('224.0.0.18'), '224.0.0.18 is an address'),
  ipv6: present(parseAddress('ff02::12'), 'ff02::12 is an address'),
} as const;

/** RFC 5798 5.1.1.3: anything else did not come from this link. */
const HOP_LIMIT = 255;
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
  readonly #socket: AdvertSocket;

  /** Throws KernelError, as createVrrpSocket does. */
  constructor(options: VrrpSocketOptions) {
    super();
    this.#options = options;
    this.#group = options.multicastGroup ?? DEFAULT_GROUP[options.family];
    this.#socket = new AdvertSocket({ ...options, protocol: 'vrrp', multicastGroup: this.#group });
    this.#socket.on('packet', (message, info) => this.#receive(message, info));
    this.#socket.on('error', (error) => this.emit('error', error));
    this.#socket.on('close', () => this.emit('close'));
  }

  /** Which virtual routers are heard from now on. Throws KernelError. */
  setVirtualRouterIds(virtualRouterIds: readonly number[]): void {
    this.#socket.setVirtualRouterIds(virtualRouterIds);
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
    return this.#socket.send({ source, destination, hopLimit: HOP_LIMIT, payload: message });
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

  #receive(message: Uint8Array, remote: RemoteInfo): void {
    const { family } = this.#options;
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
