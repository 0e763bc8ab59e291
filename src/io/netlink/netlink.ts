/**
 * Questions to the kernel over one netlink socket, one exchange at a time, and their answers. An exchange is a query (a
 * dump or a single object) or a batch of commands acknowledged once. The kernel works while we send, so an exchange is
 * usually over before query() or batch() returns; callers must not rely on either order.
 */

import { KernelError } from '../kernel-error.js';
import { FLAG, type NetlinkRequest, TYPE, frameMessages, readAnswer } from './netlink-messages.js';
import { type NetlinkMessage, NetlinkSocket } from './netlink-socket.js';
import type { BufferSize } from '../sockets/socket-options.js';

export type QueryResult =
  | { readonly ok: true; readonly messages: readonly NetlinkMessage[] }
  | { readonly ok: false; readonly error: KernelError };

interface Exchange {
  readonly start: () => number;
  readonly receive: (message: NetlinkMessage) => void;
  readonly fail: (error: KernelError) => void;
  readonly first: number;
  readonly last: number;
}

const BATCH_MESSAGES = 1024;
const BATCH_BYTES = 65536;
/** A batch or a row of queries gives way to the event loop after this many milliseconds. */
const TURN = 5;
/** The kernel answers at once; an answer this late was lost. Milliseconds. */
const ANSWER_TIMEOUT = 2000;
const EINTR = 4;
const ETIMEDOUT = 110;
const ECANCELED = 125;

export class NetlinkRequester {
  readonly #socket: NetlinkSocket;
  readonly #waiting: (() => Exchange)[] = [];
  #current: Exchange | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextSequence = 1;
  #pumping = false;
  #closed = false;

  /** Opens a socket of this netlink protocol in the network namespace of the moment. Throws KernelError. */
  constructor(protocol: number) {
    this.#socket = new NetlinkSocket({
      protocol,
      groups: [],
      onMessage: (message) => this.#receive(message),
      onLoss: (error) => this.#current?.fail(error),
    });
  }

  /** How much of an answer may wait to be read; undefined for the default of NetlinkSocket. */
  setReceiveBuffer(size: BufferSize | undefined): void {
    this.#socket.setReceiveBuffer(size);
  }

  /** One question; `done` gets the messages of the answer, DONE and acknowledgement left out. */
  query(request: NetlinkRequest, done: (result: QueryResult) => void): void {
    this.#enqueue(() => {
      const sequence = this.#sequences(1);
      const messages: NetlinkMessage[] = [];
      let interrupted = false;
      const dump = (request.flags & FLAG.dump) === FLAG.dump;
      const finish = (errno: number, detail?: string): void => {
        const failure = errno === 0 && interrupted ? EINTR : errno;
        if (failure === 0) this.#finish(() => done({ ok: true, messages }));
        else this.#finish(() => done({ ok: false, error: new KernelError(request.operation, failure, detail) }));
      };
      return {
        first: sequence,
        last: sequence,
        start: () => this.#socket.send(frameMessages([request], sequence, dump ? 'none' : 'last')),
        receive: (message) => {
          interrupted ||= (message.flags & FLAG.dumpInterrupted) !== 0;
          if (message.type !== TYPE.error && message.type !== TYPE.done) messages.push(message);
          else finish(...readAnswer(message));
        },
        fail: (error) => this.#finish(() => done({ ok: false, error })),
      };
    });
  }

  /**
   * Performs all commands in order, whatever single ones answer, in portions acknowledged by their last message: errors of
   * the others come back by themselves. `done` gets one entry per request, undefined where it was performed.
   */
  batch(requests: readonly NetlinkRequest[], done: (errors: readonly (KernelError | undefined)[]) => void): void {
    const errors = new Array<KernelError | undefined>(requests.length).fill(undefined);
    if (requests.length === 0) {
      done(errors);
      return;
    }
    for (const [from, to] of portions(requests)) {
      const isLast = to === requests.length;
      this.#enqueue(() => this.#portion(requests.slice(from, to), errors, from, () => (isLast ? done(errors) : undefined)));
    }
  }

  /** Answers everything still open with ECANCELED. Closing again does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#current?.fail(new KernelError('close netlink socket', ECANCELED));
    this.#cancel();
  }

  #cancel(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#current = next();
      this.#current.fail(new KernelError('use a closed netlink socket', ECANCELED));
    }
  }

  #portion(
    requests: readonly NetlinkRequest[],
    errors: (KernelError | undefined)[],
    offset: number,
    done: () => void,
  ): Exchange {
    const first = this.#sequences(requests.length);
    const last = first + requests.length - 1;
    return {
      first,
      last,
      start: () => this.#socket.send(frameMessages(requests, first, 'last')),
      receive: (message) => {
        if (message.type !== TYPE.error) return;
        const [errno, detail] = readAnswer(message);
        const index = message.seq - first;
        if (errno !== 0) errors[offset + index] = new KernelError(requests[index]?.operation ?? '', errno, detail);
        if (message.seq === last) this.#finish(done);
      },
      // What was not refused before may or may not have been performed.
      fail: (error) => {
        for (const i of requests.keys()) errors[offset + i] ??= error;
        this.#finish(done);
      },
    };
  }

  #enqueue(exchange: () => Exchange): void {
    this.#waiting.push(exchange);
    if (this.#closed) this.#cancel();
    else this.#pump();
  }

  #pump(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    const started = performance.now();
    try {
      while (this.#current === undefined && this.#waiting.length > 0) {
        if (performance.now() - started > TURN) {
          setImmediate(() => this.#pump());
          return;
        }
        this.#begin();
      }
    } finally {
      this.#pumping = false;
    }
  }

  #begin(): void {
    const exchange = this.#waiting.shift()?.();
    if (exchange === undefined) return;
    this.#current = exchange;
    const result = exchange.start();
    if (result < 0) {
      exchange.fail(new KernelError('send to netlink', result));
      return;
    }
    this.#socket.drain();
    if (this.#current === exchange) {
      this.#timer = setTimeout(() => exchange.fail(new KernelError('wait for netlink', ETIMEDOUT)), ANSWER_TIMEOUT);
    }
  }

  #receive(message: NetlinkMessage): void {
    const exchange = this.#current;
    if (exchange !== undefined && message.seq >= exchange.first && message.seq <= exchange.last) exchange.receive(message);
  }

  #finish(answer: () => void): void {
    clearTimeout(this.#timer);
    this.#current = undefined;
    try {
      answer();
    } finally {
      this.#pump();
    }
  }

  /** Sequence numbers never repeat within 2^31 messages, so a late answer is recognised. */
  #sequences(count: number): number {
    if (this.#nextSequence + count > 0x7fffffff) this.#nextSequence = 1;
    const first = this.#nextSequence;
    this.#nextSequence += count;
    return first;
  }
}

/** Ranges of requests that fit one send. */
function portions(requests: readonly NetlinkRequest[]): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  let from = 0;
  let bytes = 0;
  for (const [i, { payload }] of requests.entries()) {
    const size = payload.length + 20;
    if (i > from && (i - from === BATCH_MESSAGES || bytes + size > BATCH_BYTES)) {
      ranges.push([from, i]);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  ranges.push([from, requests.length]);
  return ranges;
}
