/**
 * A netlink socket: messages of the kernel, and of nobody else, taken apart by the netlink package's codec. Our own
 * transport instead of the package's, which aborts the process on an overrun. Requests are matched in netlink.ts.
 */

import { type NetlinkMessage, parseMessages } from 'netlink/dist/structs.js';
import { KernelError, checked } from '../kernel-error.js';
import { type NativeMessage, NativeSocket } from '../sockets/native-socket.js';
import { AF, netlinkPortOf, sockaddrNl } from '../sockets/sockaddr.js';
import { type BufferSize, LEVEL, NETLINK_MODERN, applyOptions, attachFilter, integerOption, receiveBuffer, sendBuffer } from '../sockets/socket-options.js';

export type { NetlinkMessage };

/** linux/netlink.h. */
export const PROTOCOL = { route: 0, connector: 11, netfilter: 12, generic: 16 } as const;

const SOCK_RAW = 3;
const NETLINK_ADD_MEMBERSHIP = 1;
/** For answers: the kernel makes dump messages of up to 32 kB when the receiver has room for them. */
const LONG_DATAGRAMS = { slots: 8, slotSize: 32768 } as const;
/** For events: many and short ones. */
export const SHORT_DATAGRAMS = { slots: 64, slotSize: 8192 } as const;
/** Holds the answers to some thousand requests, or a burst of some thousand events. */
export const RECEIVE_BUFFER: BufferSize = { bytes: 4 << 20, force: true };

const KERNEL = sockaddrNl(0, 0);

export interface NetlinkSocketOptions {
  readonly protocol: number;
  /** Multicast groups by number, e.g. RTNLGRP_LINK. */
  readonly groups: readonly number[];
  /** Default: few and long ones. */
  readonly datagrams?: { readonly slots: number; readonly slotSize: number };
  /** Default 4 MiB. */
  readonly receiveBuffer?: BufferSize;
  /** Bytes of the longest datagram to be sent; default what the kernel allows everybody, some 200 KB. */
  readonly longestRequest?: number;
  /** What the kernel drops (filter-program.ts); default nothing. */
  readonly filter?: Uint8Array;
  readonly onMessage: (message: NetlinkMessage) => void;
  /** After the last of the messages that arrived together. */
  readonly onIdle?: () => void;
  /** Messages were lost, or could not be read: whoever keeps state must ask again. */
  readonly onLoss: (error: KernelError) => void;
}

export class NetlinkSocket {
  readonly #socket: NativeSocket;
  readonly #options: NetlinkSocketOptions;

  /** Opens in the network namespace of the moment and stays there. Throws KernelError. */
  constructor(options: NetlinkSocketOptions) {
    this.#options = options;
    this.#socket = new NativeSocket({
      domain: AF.netlink,
      type: SOCK_RAW,
      protocol: options.protocol,
      ...(options.datagrams ?? LONG_DATAGRAMS),
      onMessage: (message) => this.#receive(message),
      ...(options.onIdle === undefined ? {} : { onIdle: options.onIdle }),
      onError: (errno) => options.onLoss(new KernelError('receive from netlink', errno)),
    });
    try {
      applyOptions(this.#socket, [...NETLINK_MODERN, receiveBuffer(options.receiveBuffer ?? RECEIVE_BUFFER)]);
      if (options.longestRequest !== undefined) applyOptions(this.#socket, [sendBuffer(options.longestRequest)]);
      if (options.filter !== undefined) applyOptions(this.#socket, [attachFilter(options.filter)]);
      checked('bind netlink socket', this.#socket.bind(KERNEL));
      const membership = options.groups.map((group) =>
        integerOption('NETLINK_ADD_MEMBERSHIP', LEVEL.netlink, NETLINK_ADD_MEMBERSHIP, group),
      );
      applyOptions(this.#socket, membership);
      this.#socket.start();
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  /** One datagram of whole messages to the kernel, which acts on them before this returns. 0 or -errno. */
  send(messages: Uint8Array): number {
    return Math.min(0, this.#socket.send(messages, KERNEL, null));
  }

  /** How much may wait to be read from now on; undefined for the default. */
  setReceiveBuffer(size: BufferSize | undefined): void {
    applyOptions(this.#socket, [receiveBuffer(size ?? RECEIVE_BUFFER)]);
  }

  /** What the kernel drops from now on, instead of what it has dropped. Throws KernelError. */
  setFilter(program: Uint8Array): void {
    applyOptions(this.#socket, [attachFilter(program)]);
  }

  /** Delivers what is queued before returning, up to a bound; whether nothing is left. */
  drain(): boolean {
    return this.#socket.drain();
  }

  /** Throws away what is queued. */
  discard(): void {
    this.#socket.discard();
  }

  close(): void {
    this.#socket.close();
  }

  #receive({ data, source, truncated }: NativeMessage): void {
    // Any local process may send to a netlink socket; only port 0 is the kernel.
    if (netlinkPortOf(source) !== 0) return;
    const messages = truncated ? undefined : readMessages(data);
    if (messages === undefined) this.#options.onLoss(new KernelError('read netlink message', EBADMSG));
    else for (const message of messages) this.#options.onMessage(message);
  }
}

const EBADMSG = 74;

function readMessages(data: Uint8Array): NetlinkMessage[] | undefined {
  try {
    return parseMessages(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  } catch {
    return undefined;
  }
}
