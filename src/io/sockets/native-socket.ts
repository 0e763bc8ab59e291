/**
 * One socket of the addon with its receive arena. Bytes in, bytes out: sockaddr.ts, control-messages.ts and
 * socket-options.ts give them meaning; raw-socket.ts and netlink-socket.ts give them a shape to use.
 */

import { littleEndian } from '../../base/host-order.js';
import { checked } from '../kernel-error.js';
import { loadAddon } from '../native.js';

declare const handleBrand: unique symbol;
interface Handle {
  readonly [handleBrand]: true;
}

interface SocketAddon {
  socketOpen(domain: number, type: number, protocol: number): Handle | number;
  socketBind(handle: Handle, address: Uint8Array): number;
  socketConnect(handle: Handle, address: Uint8Array): number;
  socketAddress(handle: Handle, bytes: Uint8Array): number;
  socketSetOption(handle: Handle, level: number, name: number, value: Uint8Array): number;
  socketGetOption(handle: Handle, level: number, name: number, bytes: Uint8Array): number;
  socketSend(handle: Handle, bytes: Uint8Array, address: Uint8Array | null, control: Uint8Array | null): number;
  socketWatch(handle: Handle, arena: Uint8Array, slots: number, listener: (result: number) => void): number;
  socketReceive(handle: Handle): number;
  socketRef(handle: Handle, keepAlive: boolean): number;
  socketClose(handle: Handle): number;
  interfaceIndex(name: string): number;
  enterNamespace(path: string, type: number): number;
}

/** struct slot_header of native/sockets.c. */
const SLOT = { length: 0, flags: 4, addressLength: 8, controlLength: 12, address: 16, control: 48, data: 176 } as const;

/** A synchronous drain ends after this many messages, so that a flood cannot hold the event loop. */
const DRAIN_LIMIT = 1024;
/** Of an error, in messages. */
const ERROR_WEIGHT = 64;
/** More than any receive buffer holds. */
const DISCARD_LIMIT = 1 << 16;

/** recvmsg's flag: the datagram was longer than a slot. */
const MSG_TRUNC = 0x20;

/** linux/sched.h. */
const CLONE_NEWNET = 0x40000000;

export interface NativeMessage {
  readonly data: Uint8Array;
  /** struct sockaddr_* of the sender. */
  readonly source: Uint8Array;
  readonly control: Uint8Array;
  readonly truncated: boolean;
}

export interface NativeSocketOptions {
  readonly domain: number;
  readonly type: number;
  readonly protocol: number;
  /** Messages per wake-up, 1-64. */
  readonly slots: number;
  /** Bytes of the longest message, a multiple of 8. */
  readonly slotSize: number;
  readonly onMessage: (message: NativeMessage) => void;
  /** After the last of the messages that arrived together. */
  readonly onIdle?: () => void;
  /** -errno of a failed receive; the socket stays open. */
  readonly onError: (errno: number) => void;
}

export class NativeSocket {
  readonly #addon = loadAddon() as SocketAddon;
  readonly #handle: Handle;
  readonly #options: NativeSocketOptions;
  readonly #queue: NativeMessage[] = [];
  #arena: DataView | undefined;
  #closed = false;

  /** Throws KernelError when the socket cannot be made. Nothing is received before start(). */
  constructor(options: NativeSocketOptions) {
    const handle = this.#addon.socketOpen(options.domain, options.type, options.protocol);
    if (typeof handle === 'number') {
      checked('socket', handle);
      throw new TypeError('socketOpen answered a number that is no error');
    }
    this.#handle = handle;
    this.#options = options;
  }

  /** 0 or -errno, as every method that returns a number. */
  bind(address: Uint8Array): number {
    return this.#addon.socketBind(this.#handle, address);
  }

  connect(address: Uint8Array): number {
    return this.#addon.socketConnect(this.#handle, address);
  }

  /** The local address. Throws KernelError. */
  localAddress(): Uint8Array {
    const bytes = new Uint8Array(128);
    return bytes.subarray(0, checked('getsockname', this.#addon.socketAddress(this.#handle, bytes)));
  }

  setOption(level: number, option: number, value: Uint8Array): number {
    return this.#addon.socketSetOption(this.#handle, level, option, value);
  }

  /** The option's value in at most `size` bytes. Throws KernelError. */
  getOption(level: number, option: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    return bytes.subarray(0, checked('getsockopt', this.#addon.socketGetOption(this.#handle, level, option, bytes)));
  }

  /** Bytes sent or -errno; never waits. */
  send(bytes: Uint8Array, address: Uint8Array | null, control: Uint8Array | null): number {
    return this.#addon.socketSend(this.#handle, bytes, address, control);
  }

  /** Begins to receive; what came before is thrown away. Throws KernelError. */
  start(): void {
    const { slots, slotSize } = this.#options;
    const arena = new Uint8Array(slots * (SLOT.data + slotSize));
    const watch = (result: number): void => {
      this.#take(result);
      this.#deliver();
    };
    checked('poll', this.#addon.socketWatch(this.#handle, arena, slots, watch));
    this.discard();
    this.#arena = new DataView(arena.buffer);
  }

  /** Throws away what is queued. */
  discard(): void {
    this.#queue.length = 0;
    let received = this.#addon.socketReceive(this.#handle);
    for (let total = 0; received !== 0 && total < DISCARD_LIMIT; total += 1) {
      received = this.#addon.socketReceive(this.#handle);
    }
  }

  /** Delivers what is queued in the kernel before returning, up to a bound, errors too; whether nothing is left. */
  drain(): boolean {
    this.#deliver();
    for (let total = 0; total < DRAIN_LIMIT && !this.#closed; ) {
      const received = this.#addon.socketReceive(this.#handle);
      this.#take(received);
      this.#deliver();
      if (received === 0) return true;
      total += received > 0 ? received : ERROR_WEIGHT;
    }
    return this.#closed;
  }

  ref(): void {
    this.#addon.socketRef(this.#handle, true);
  }

  unref(): void {
    this.#addon.socketRef(this.#handle, false);
  }

  /** Nothing is delivered afterwards. Closing again does nothing. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#addon.socketClose(this.#handle);
  }

  /** Copies the batch out of the arena, because a listener may drain and so overwrite it. */
  #take(result: number): void {
    if (this.#closed || this.#arena === undefined || result === 0) return;
    if (result < 0) {
      this.#options.onError(result);
      return;
    }
    const slotSize = SLOT.data + this.#options.slotSize;
    for (let i = 0; i < result; i++) this.#queue.push(readSlot(this.#arena, i * slotSize));
  }

  #deliver(): void {
    if (this.#queue.length === 0) return;
    try {
      for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
        this.#options.onMessage(message);
      }
      this.#options.onIdle?.();
    } finally {
      // A listener threw: the others must not wait for the next wake-up.
      if (this.#queue.length > 0) setImmediate(() => this.#deliver());
    }
  }
}

/** The index of an interface, or undefined when there is none of that name. */
export function interfaceIndex(name: string): number | undefined {
  const index = (loadAddon() as SocketAddon).interfaceIndex(name);
  return index > 0 ? index : undefined;
}

/**
 * Moves the calling thread into the network namespace that `path` names (`/run/netns/NAME`, `/proc/PID/ns/net`).
 * Sockets opened before stay where they are. Throws KernelError.
 */
export function enterNetworkNamespace(path: string): void {
  checked(`enter network namespace ${path}`, (loadAddon() as SocketAddon).enterNamespace(path, CLONE_NEWNET));
}

function readSlot(arena: DataView, at: number): NativeMessage {
  const field = (offset: number): number => arena.getInt32(at + offset, littleEndian);
  const length = field(SLOT.length);
  const copy = new Uint8Array(arena.buffer.slice(at, at + SLOT.data + length));
  return {
    data: copy.subarray(SLOT.data),
    source: copy.subarray(SLOT.address, SLOT.address + field(SLOT.addressLength)),
    control: copy.subarray(SLOT.control, SLOT.control + field(SLOT.controlLength)),
    truncated: (field(SLOT.flags) & MSG_TRUNC) !== 0,
  };
}
