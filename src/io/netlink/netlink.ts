/**
 * Questions to the kernel over one netlink socket, one exchange at a time, and their answers. An exchange is a query (a
 * dump or a single object) or a batch of commands acknowledged once. The kernel works while we send, so an exchange is
 * usually over before query() or batch() returns; callers must not rely on either order.
 *
 * Nothing is waited for: netlink_unicast() runs the kernel's handler inside sendmsg, which queues refusals, acknowledgements and
 * the first part of a dump before it returns; recvmsg makes the next part each time it has made room. An answer of which the end
 * is not there when nothing is left to read found no room.
 */

import { KernelError } from '../kernel-error.js';
import { FLAG, type NetlinkRequest, TYPE, frameMessages, readAnswer } from './netlink-messages.js';
import { type NetlinkMessage, NetlinkSocket } from './netlink-socket.js';
import type { BufferSize } from '../sockets/socket-options.js';

/** What became of a request is not known: it was not sent, or the answer found no room or could not be read. */
export class AnswerLost extends KernelError {}

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
const TURN = 5;
const EINTR = 4;
const ENOBUFS = 105;
const ECANCELED = 125;

export interface RequesterOptions {
  /** Milliseconds after which a batch or a row of queries gives way to the event loop. */
  readonly turn?: number;
  /** While this one is at work nothing new is asked here: its work is more urgent. */
  readonly givesWayTo?: NetlinkRequester;
}

export class NetlinkRequester {
  readonly #socket: NetlinkSocket;
  readonly #turn: number;
  readonly #givesWayTo: NetlinkRequester | undefined;
  /** Whom this one keeps waiting. */
  readonly #others = new Set<NetlinkRequester>();
  readonly #waiting: (() => Exchange)[] = [];
  #current: Exchange | undefined;
  /** Of what belongs to the exchange of the moment. */
  #loss: KernelError | undefined;
  #nextSequence = 1;
  #pumping = false;
  #closed = false;

  /** Opens a socket of this netlink protocol in the network namespace of the moment. Throws KernelError. */
  constructor(protocol: number, { turn = TURN, givesWayTo }: RequesterOptions = {}) {
    this.#turn = turn;
    this.#givesWayTo = givesWayTo;
    this.#socket = new NetlinkSocket({
      protocol,
      groups: [],
      onMessage: (message) => this.#receive(message),
      // Not the end of it: the kernel's words before the loss, and the rest of a dump, can still be read.
      onLoss: (error) => void (this.#loss ??= error),
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
      const fail = (error: KernelError): void => this.#finish(() => done({ ok: false, error }));
      return {
        first: sequence,
        last: sequence,
        start: () => this.#socket.send(frameMessages([request], sequence, dump ? 'none' : 'last')),
        receive: (message) => {
          interrupted ||= (message.flags & FLAG.dumpInterrupted) !== 0;
          if (message.type !== TYPE.error && message.type !== TYPE.done) messages.push(message);
          else if (this.#loss === undefined) finish(...readAnswer(message));
          else fail(lost(this.#loss));
        },
        fail,
      };
    });
  }

  /**
   * Performs all commands in order, whatever single ones answer, in portions acknowledged by their last message: errors of
   * the others come back by themselves. Each command is asked for when its portion is sent, so that thousands need not be there
   * at once. `done` gets one entry per request: undefined where it was performed, AnswerLost where that is not known.
   */
  batch(requests: Iterable<NetlinkRequest>, done: (errors: readonly (KernelError | undefined)[]) => void): void {
    const errors: (KernelError | undefined)[] = [];
    const portions = inPortions(requests);
    const take = (): (() => Exchange) | undefined => {
      const { value: portion } = portions.next();
      return portion && (() => begin(portion));
    };
    const begin = (portion: readonly NetlinkRequest[]): Exchange => {
      const offset = errors.length;
      errors.push(...portion.map(() => undefined));
      return this.#portion(portion, errors, offset, () => {
        const next = take();
        // Nothing comes between the portions of a batch.
        if (next === undefined) done(errors);
        else this.#waiting.unshift(next);
      });
    };
    const first = take();
    if (first === undefined) done(errors);
    else this.#enqueue(first);
  }

  /** Answers everything still open with ECANCELED. Closing again does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#current?.fail(new AnswerLost('close netlink socket', ECANCELED));
    this.#cancel();
    this.#wakeOthers();
  }

  #cancel(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#current = next();
      this.#current.fail(new AnswerLost('use a closed netlink socket', ECANCELED));
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
    // What was not refused before may or may not have been performed.
    const fail = (error: KernelError): void => {
      for (const i of requests.keys()) errors[offset + i] ??= error;
      this.#finish(done);
    };
    return {
      first,
      last,
      start: () => this.#socket.send(frameMessages(requests, first, 'last')),
      receive: (message) => {
        if (message.type !== TYPE.error) return;
        const [errno, detail] = readAnswer(message);
        const index = message.seq - first;
        if (errno !== 0) errors[offset + index] = new KernelError(requests[index]?.operation ?? '', errno, detail);
        if (message.seq !== last) return;
        if (this.#loss === undefined) this.#finish(done);
        else fail(lost(this.#loss));
      },
      fail,
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
    let begun = false;
    try {
      while (this.#current === undefined && this.#waiting.length > 0) {
        if (begun && performance.now() - started > this.#turn) {
          setImmediate(() => this.#pump());
          return;
        }
        if (this.#givesWayTo?.keepsWaiting(this) === true) return;
        this.#begin();
        begun = true;
      }
    } finally {
      this.#pumping = false;
    }
    if (!this.#isAtWork()) this.#wakeOthers();
  }

  /** Whether this one is at work. If so, `other` goes on by itself when that is over. */
  keepsWaiting(other: NetlinkRequester): boolean {
    const keeps = this.#isAtWork();
    if (keeps) this.#others.add(other);
    return keeps;
  }

  #isAtWork(): boolean {
    return this.#current !== undefined || this.#waiting.length > 0;
  }

  #wakeOthers(): void {
    const others = [...this.#others];
    this.#others.clear();
    for (const other of others) other.#pump();
  }

  #begin(): void {
    const exchange = this.#waiting.shift()?.();
    if (exchange === undefined) return;
    this.#loss = undefined;
    this.#current = exchange;
    const result = exchange.start();
    if (result < 0) exchange.fail(new AnswerLost('send to netlink', result));
    else this.#read(exchange);
  }

  /** Until the exchange is over or nothing is left of it; a very long answer is read in turns. */
  #read(exchange: Exchange): void {
    const isAll = this.#socket.drain();
    if (this.#current !== exchange) return;
    if (!isAll) {
      setImmediate(() => this.#read(exchange));
      return;
    }
    exchange.fail(this.#loss === undefined ? new AnswerLost('wait for netlink', ENOBUFS) : lost(this.#loss));
  }

  #receive(message: NetlinkMessage): void {
    const exchange = this.#current;
    if (exchange !== undefined && message.seq >= exchange.first && message.seq <= exchange.last) exchange.receive(message);
  }

  #finish(answer: () => void): void {
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

function lost({ operation, errno }: KernelError): AnswerLost {
  return new AnswerLost(operation, errno);
}

/** Those that fit one send together. */
function* inPortions(requests: Iterable<NetlinkRequest>): Generator<readonly NetlinkRequest[], undefined> {
  let portion: NetlinkRequest[] = [];
  let bytes = 0;
  for (const request of requests) {
    const size = request.payload.length + 20;
    if (portion.length > 0 && (portion.length === BATCH_MESSAGES || bytes + size > BATCH_BYTES)) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(request);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
  return undefined;
}
