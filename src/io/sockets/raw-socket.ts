/**
 * A raw IP socket with the shape of dgram.Socket, which cannot carry protocols other than UDP: 'message', 'error', send,
 * close, ref, unref, and drain(), which dgram does not have. It knows IP and nothing above it.
 */

import { EventEmitter } from 'node:events';
import type { Family, IpAddress } from '../../base/address.js';
import { given } from '../../base/given.js';
import { readPacketInfo } from './control-messages.js';
import { KernelError, checked } from '../kernel-error.js';
import { type NativeMessage, NativeSocket } from './native-socket.js';
import { AF, addressOf, sockaddrIn, sockaddrIn6 } from './sockaddr.js';
import { PACKET_INFO_4, PACKET_INFO_6, type SocketOption, applyOptions } from './socket-options.js';

const SOCK_RAW = 3;
const MESSAGES_PER_WAKEUP = 16;
const LONGEST_MESSAGE = 2048;

export interface RawSocketOptions {
  readonly family: Family;
  /** IP protocol number, 1-255. */
  readonly protocol: number;
  /** Applied before anything is received. */
  readonly options: readonly SocketOption[];
  /** A struct sockaddr: datagrams to any other address are not heard. Default: all are. */
  readonly boundTo?: Uint8Array;
}

export interface RemoteInfo {
  readonly address: IpAddress;
  readonly interfaceIndex: number;
  readonly hopLimit: number;
  readonly destination: IpAddress;
  /** The datagram was longer than 2048 bytes. */
  readonly truncated: boolean;
  /** It came in pieces. Absent = in one. */
  readonly fragmented?: true;
}

export interface RawSocketEvents {
  /** IPv4: the whole packet with its header. IPv6: what follows the headers. The bytes belong to the listener. */
  message: [message: Uint8Array, info: RemoteInfo];
  error: [error: KernelError];
  close: [];
}

export class RawSocket extends EventEmitter<RawSocketEvents> {
  readonly #socket: NativeSocket;
  readonly #family: Family;
  #closed = false;

  /** Throws KernelError when the socket cannot be made or refuses a required option. */
  constructor({ family, protocol, options, boundTo }: RawSocketOptions) {
    super();
    this.#family = family;
    this.#socket = new NativeSocket({
      domain: family === 'ipv4' ? AF.inet : AF.inet6,
      type: SOCK_RAW,
      protocol,
      slots: MESSAGES_PER_WAKEUP,
      slotSize: LONGEST_MESSAGE,
      onMessage: (message) => this.#receive(message),
      onError: (errno) => this.emit('error', new KernelError('receive', errno)),
    });
    try {
      applyOptions(this.#socket, [...(family === 'ipv4' ? PACKET_INFO_4 : PACKET_INFO_6), ...options]);
      if (boundTo !== undefined) checked('bind', this.#socket.bind(boundTo));
      this.#socket.start();
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  /** 0 or -errno. Replaces options while the socket runs, such as its filter. */
  setOption(level: number, option: number, value: Uint8Array): number {
    return this.#socket.setOption(level, option, value);
  }

  /** Sends at once. 0 or -errno: a datagram that the kernel does not take is lost, as on the wire. */
  send(message: Uint8Array, destination: IpAddress, control: Uint8Array | null = null): number {
    return this.sendTo(message, this.#sockaddr(destination), control);
  }

  /** As send, with the destination already laid out as a struct sockaddr. */
  sendTo(message: Uint8Array, destination: Uint8Array, control: Uint8Array | null): number {
    return Math.min(0, this.#socket.send(message, destination, control));
  }

  /** Emits 'message' for every queued datagram before returning. */
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
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.emit('close');
  }

  #sockaddr(address: IpAddress): Uint8Array {
    return this.#family === 'ipv4' ? sockaddrIn(address) : sockaddrIn6(address);
  }

  #receive({ data, source, control, truncated }: NativeMessage): void {
    const address = addressOf(source);
    const { interfaceIndex, destination, hopLimit, fragmented } = readPacketInfo(control);
    if (address === undefined || destination === undefined) return;
    this.emit('message', data, {
      address,
      interfaceIndex: interfaceIndex ?? 0,
      hopLimit: hopLimit ?? 0,
      destination,
      truncated,
      ...given({ fragmented }),
    });
  }
}
