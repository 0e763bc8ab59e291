/**
 * The addon's batched TCP engine with types: thousands of exchanges in flight, answers in one call per wake-up. An exchange
 * sends a request and hands over what comes back; what the bytes mean is the caller's.
 */

import type { Micros } from '../../base/time.js';
import { KernelError, errorCode } from '../kernel-error.js';
import { loadAddon } from '../native.js';
import type { Endpoint } from './endpoint.js';

interface ConnectAddon {
  connectOpen(results: Float64Array, callback: (count: number) => void): object | number;
  connectStart(
    engine: object,
    id: number,
    destination: Uint8Array,
    source: Uint8Array | null,
    mark: number,
    device: Uint8Array | null,
    request: Uint8Array,
    stepMicros: number,
    wholeMicros: number,
  ): number;
  connectPause(engine: object, slot: number, id: number, paused: boolean): void;
  connectCancel(engine: object, slot: number, id: number): void;
  connectClose(engine: object): void;
  connectSocket(family: number, source: Uint8Array | null, mark: number, device: Uint8Array | null): number;
}

export type ConnectStep = 'socket' | 'bind' | 'connect';

export type ConnectOutcome =
  | { readonly type: 'connected' }
  /** `code` is the errno's name; a deadline reads ETIMEDOUT as a silent network does. */
  | { readonly type: 'failed'; readonly step: ConnectStep | 'send' | 'read'; readonly code: string };

/** All of an exchange that has come about so far. */
export type ExchangeOutcome =
  /** The other side ended the connection. */
  { readonly type: 'ended' } | Extract<ConnectOutcome, { type: 'failed' }>;

export interface ConnectEvents {
  /** The end of an exchange; nothing follows for this id. */
  readonly onOutcome: (id: number, outcome: ConnectOutcome | ExchangeOutcome, latency: Micros) => void;
  /** A piece of an exchange's answer; `bytes` are valid only during the call. */
  readonly onData: (id: number, bytes: Buffer) => void;
}

export interface ExchangeTime {
  /** From the start to the connection, and for every piece of the answer after it. */
  readonly step: Micros;
  readonly whole: Micros;
}

export interface ConnectEngine {
  /**
   * A request to send and an answer to hear. Undefined while pending: the outcome comes through `onOutcome`; only failures are
   * known at once. Ids are unique among the pending ones.
   */
  readonly exchange: (id: number, endpoint: Endpoint, request: Uint8Array, time: ExchangeTime) => ConnectOutcome | undefined;
  /** The answer of an exchange is left where it is; its time runs on. What this wake-up has read already still comes. Unknown ids are ignored. */
  readonly pause: (id: number) => void;
  readonly resume: (id: number) => void;
  /** Nothing follows for this id. Unknown ids are ignored. */
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

/** The layout of native/connect.c. */
const BATCH = 256;
const RESULT_WIDTH = 5;
const ARENA = 256 * 1024;
const STATUS = { data: 1, end: 2 } as const;
const STEPS = ['socket', 'bind', 'connect', 'send', 'read'] as const;

const CONNECTED: ConnectOutcome = { type: 'connected' };
const ENDED: ExchangeOutcome = { type: 'ended' };

/** Opens the engine; throws KernelError only when the process is out of descriptors. It keeps the event loop alive until closed. */
export function openConnectEngine(events: ConnectEvents): ConnectEngine {
  const addon = loadAddon() as ConnectAddon;
  const slots = new Map<number, number>();
  const results = new Float64Array(BATCH * RESULT_WIDTH + ARENA / 8);
  const arena = Buffer.from(results.buffer, BATCH * RESULT_WIDTH * 8);
  const engine = addon.connectOpen(results, (count) => {
    for (let at = 0; at < count * RESULT_WIDTH; at += RESULT_WIDTH) deliver(at);
  });
  if (typeof engine === 'number') throw new KernelError('open connect engine', engine);

  // Whoever hears of one answer may have cancelled the next, or this one after its data.
  const deliver = (at: number): void => {
    const id = results[at] ?? 0;
    const status = results[at + 1] ?? 0;
    const latency = (results[at + 2] ?? 0) as Micros;
    const offset = results[at + 3] ?? 0;
    const length = results[at + 4] ?? 0;
    if (!slots.has(id)) return;
    if (length > 0) {
      events.onData(id, arena.subarray(offset, offset + length));
      if (!slots.has(id)) return;
    }
    if (status === STATUS.data) return;
    slots.delete(id);
    events.onOutcome(id, status === STATUS.end ? ENDED : outcomeOf(status), latency);
  };
  const start = (
    id: number,
    { destination, source, mark, device }: Endpoint,
    request: Uint8Array,
    { step, whole }: ExchangeTime,
  ): ConnectOutcome | undefined => {
    const slot = addon.connectStart(engine, id, destination, source, mark, device, request, step, whole);
    if (slot < 0) return outcomeOf(slot);
    slots.set(id, slot);
    return undefined;
  };
  const pause = (id: number, paused: boolean): void => {
    const slot = slots.get(id);
    if (slot !== undefined) addon.connectPause(engine, slot, id, paused);
  };
  return {
    pause: (id) => pause(id, true),
    resume: (id) => pause(id, false),
    exchange: start,
    cancel: (id) => {
      const slot = slots.get(id);
      if (slot === undefined) return;
      slots.delete(id);
      addon.connectCancel(engine, slot, id);
    },
    close: () => {
      addon.connectClose(engine);
      slots.clear();
    },
  };
}

/** An unconnected descriptor with source, mark and device set, for node:net; or where and why that failed. */
export function openProbeSocket(endpoint: Endpoint): number | { readonly step: ConnectStep; readonly code: string } {
  const addon = loadAddon() as ConnectAddon;
  const fd = addon.connectSocket(endpoint.family, endpoint.source, endpoint.mark, endpoint.device);
  return fd >= 0 ? fd : { step: -fd >> 16 === 2 ? 'bind' : 'socket', code: errorCode(-fd & 0xffff) };
}

/** 0 = connected, or the addon's -(step << 16 | errno). */
export function outcomeOf(status: number): ConnectOutcome {
  const errno = -status & 0xffff;
  return errno === 0 ? CONNECTED : { type: 'failed', step: STEPS[(-status >> 16) - 1] ?? 'connect', code: errorCode(errno) };
}
