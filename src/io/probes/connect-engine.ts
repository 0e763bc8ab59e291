/** The addon's batched TCP connect engine with types: thousands of connects in flight, answers in one call per wake-up. */

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
    timeoutMicros: number,
  ): number;
  connectCancel(engine: object, slot: number, id: number): void;
  connectClose(engine: object): void;
  connectSocket(family: number, source: Uint8Array | null, mark: number, device: Uint8Array | null): number;
}

export type ConnectStep = 'socket' | 'bind' | 'connect';

export type ConnectOutcome =
  | { readonly type: 'connected' }
  /** `code` is the errno's name; a deadline reads ETIMEDOUT as a silent network does. */
  | { readonly type: 'failed'; readonly step: ConnectStep; readonly code: string };

export interface ConnectEngine {
  /** Undefined while pending: the outcome comes through `onOutcome`. Ids are unique among the pending ones. */
  readonly start: (id: number, endpoint: Endpoint, timeout: Micros) => ConnectOutcome | undefined;
  /** No outcome follows for this id. Unknown ids are ignored. */
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

const BATCH = 256;
const RESULT_WIDTH = 3;
const STEPS: readonly ConnectStep[] = ['socket', 'bind', 'connect'];
const CONNECTED: ConnectOutcome = { type: 'connected' };

/** Opens the engine; throws KernelError only when the process is out of descriptors. It keeps the event loop alive until closed. */
export function openConnectEngine(
  onOutcome: (id: number, outcome: ConnectOutcome, latency: Micros) => void,
): ConnectEngine {
  const addon = loadAddon() as ConnectAddon;
  const slots = new Map<number, number>();
  const results = new Float64Array(BATCH * RESULT_WIDTH);
  const engine = addon.connectOpen(results, (count) => {
    for (let i = 0; i < count; i += 1) {
      const id = results[i * RESULT_WIDTH] ?? 0;
      // An earlier answer of this batch may have cancelled this one.
      if (!slots.delete(id)) continue;
      const outcome = outcomeOf('connect', results[i * RESULT_WIDTH + 1] ?? 0);
      onOutcome(id, outcome, (results[i * RESULT_WIDTH + 2] ?? 0) as Micros);
    }
  });
  if (typeof engine === 'number') throw new KernelError('open connect engine', engine);
  return {
    start: (id, { destination, source, mark, device }, timeout) => {
      const slot = addon.connectStart(engine, id, destination, source, mark, device, timeout);
      if (slot < 0) return outcomeOfCode(slot);
      slots.set(id, slot);
      return undefined;
    },
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
export function openProbeSocket(endpoint: Endpoint): number | Extract<ConnectOutcome, { type: 'failed' }> {
  const addon = loadAddon() as ConnectAddon;
  const fd = addon.connectSocket(endpoint.family, endpoint.source, endpoint.mark, endpoint.device);
  if (fd >= 0) return fd;
  const outcome = outcomeOfCode(fd);
  return outcome.type === 'failed' ? outcome : { type: 'failed', step: 'socket', code: 'EINVAL' };
}

/** The addon's -(step << 16 | errno). */
function outcomeOfCode(code: number): ConnectOutcome {
  return outcomeOf(STEPS[(-code >> 16) - 1] ?? 'connect', -code & 0xffff);
}

function outcomeOf(step: ConnectStep, errno: number): ConnectOutcome {
  return errno === 0 ? CONNECTED : { type: 'failed', step, code: errorCode(errno) };
}
