/**
 * The addon's connecting thread with types: TCP connects that begin at their instant and are judged by their deadline while the
 * event loop does something else. Answers come in bulk; what they mean is the caller's.
 */

import type { Micros } from '../../base/time.js';
import { KernelError } from '../kernel-error.js';
import { loadAddon } from '../native.js';
import { outcomeOf } from './connect-engine.js';
import type { ConnectOutcome } from './connect-engine.js';
import type { Endpoint } from './endpoint.js';

interface ConnectorAddon {
  connectorOpen(listener: () => void): object | number;
  connectorStart(
    engine: object,
    ticket: number,
    id: number,
    at: Micros,
    quiet: 0 | 1,
    destination: Uint8Array,
    source: Uint8Array | null,
    mark: number,
    device: Uint8Array | null,
    timeoutMicros: number,
    everyMicros: number,
    until: Micros,
  ): number;
  connectorCancel(engine: object, ticket: number, id: number): void;
  connectorAttend(engine: object, ticket: number, id: number): void;
  connectorTake(engine: object, results: Float64Array): number;
  connectorLook(engine: object, seen: Float64Array, first: number): number;
  connectorBeat(engine: object): 0 | 1;
  connectorClose(engine: object): void;
}

/** `at` is the instant of the answer, before this call. */
export type OnConnectOutcome = (id: number, outcome: ConnectOutcome, latency: Micros, at: Micros) => void;

export interface ConnectTime {
  /** In the past = now; for who is `quiet`: within a twentieth of `every` and fifty milliseconds of it, the nearer the more are asked. */
  readonly at: Micros;
  /** From the beginning to ETIMEDOUT. */
  readonly timeout: Micros;
  /**
   * That it connects may be told a quarter of a second later, or when `take` is called. Before that the same is asked again and
   * again as long as it connects and not after `until`: only the last one is told. The next follows `every` after the one before
   * where that connects within twenty milliseconds, and after the connection where not.
   */
  readonly quiet?: { readonly every: Micros; readonly until: Micros };
}

export interface Connector {
  /** Undefined while pending: the outcome comes through the sink. Ids are unique among the pending ones. */
  readonly connect: (id: number, endpoint: Endpoint, time: ConnectTime) => ConnectOutcome | undefined;
  /** It is quiet no longer: what would be asked again later is asked now, and told. Unknown ids are ignored. */
  readonly attend: (id: number) => void;
  /** Those that have connected and were not told, each with the last time. */
  readonly look: (onConnected: (id: number, latency: Micros, at: Micros) => void) => void;
  /** Nothing follows for this id. Unknown ids are ignored. */
  readonly cancel: (id: number) => void;
  /** Whether the thread has stirred since this was asked before, half a second ago or longer: asking wakes it. True while there is none. */
  readonly beat: () => boolean;
  /** Hears all answers that are there. */
  readonly take: () => void;
  /** Closing again does nothing. */
  readonly close: () => void;
}

/** The layout of native/connector.c. */
const RESULT_WIDTH = 4;
const BATCH = 256;

/** Opens the thread's side; throws KernelError only when the process is out of descriptors. It keeps the event loop alive until closed. */
export function openConnector(onOutcome: OnConnectOutcome): Connector {
  const addon = loadAddon() as ConnectorAddon;
  const tickets = new Map<number, number>();
  const returned: number[] = [];
  const results = new Float64Array(BATCH * RESULT_WIDTH);
  let isTaking = false;

  const freed = (id: number): number | undefined => {
    const ticket = tickets.get(id);
    if (ticket === undefined) return undefined;
    tickets.delete(id);
    returned.push(ticket);
    return ticket;
  };
  // Whoever hears of one answer may have cancelled the next.
  const deliver = (from: number): void => {
    const id = results[from] ?? 0;
    const status = results[from + 1] ?? 0;
    const latency = (results[from + 2] ?? 0) as Micros;
    const at = (results[from + 3] ?? 0) as Micros;
    if (freed(id) !== undefined) onOutcome(id, outcomeOf(status), latency, at);
  };
  const take = (): void => {
    if (isTaking) return;
    isTaking = true;
    try {
      for (let count = BATCH; count === BATCH; ) {
        count = addon.connectorTake(engine, results);
        for (let at = 0; at < count * RESULT_WIDTH; at += RESULT_WIDTH) deliver(at);
      }
    } finally {
      isTaking = false;
    }
  };
  const opened = addon.connectorOpen(take);
  if (typeof opened === 'number') throw new KernelError('open connector', opened);
  const engine = opened;

  return {
    connect: (id, { destination, source, mark, device }, { at, timeout, quiet }) => {
      const ticket = returned.pop() ?? tickets.size;
      const { every = 0, until = at } = quiet ?? {};
      const status = addon.connectorStart(engine, ticket, id, at, quiet ? 1 : 0, destination, source, mark, device, timeout, every, until);
      if (status < 0) {
        returned.push(ticket);
        return outcomeOf(status);
      }
      tickets.set(id, ticket);
      return undefined;
    },
    attend: (id) => {
      const ticket = tickets.get(id);
      if (ticket !== undefined) addon.connectorAttend(engine, ticket, id);
    },
    cancel: (id) => {
      const ticket = freed(id);
      if (ticket !== undefined) addon.connectorCancel(engine, ticket, id);
    },
    look: (onConnected) => {
      for (const { id, latency, at } of unsaidOf(addon, engine)) if (tickets.has(id)) onConnected(id, latency, at);
    },
    beat: () => addon.connectorBeat(engine) === 1,
    take,
    close: () => {
      addon.connectorClose(engine);
      tickets.clear();
    },
  };
}

/** What has connected and was not told, of every ticket that ever had some; it may be of a question that is over. */
function* unsaidOf(addon: Pick<ConnectorAddon, 'connectorLook'>, engine: object): Generator<{ id: number; latency: Micros; at: Micros }> {
  const seen = new Float64Array(BATCH * RESULT_WIDTH);
  for (let first = 0, count = BATCH; count === BATCH; first += count) {
    count = addon.connectorLook(engine, seen, first);
    for (let row = 0; row < count * RESULT_WIDTH; row += RESULT_WIDTH) {
      const [id = 0, , latency = 0, at = 0] = seen.subarray(row, row + RESULT_WIDTH);
      if (at > 0) yield { id, latency: latency as Micros, at: at as Micros };
    }
  }
}
