/**
 * How many processes of each tracked kind are alive: a first look at /proc, then the kernel's word. Where the kernel gives
 * none (in a container), /proc is looked at every second instead.
 */

import type { TrackProcessConfig } from '../../vrrp/config/track.js';
import { KernelError } from '../kernel-error.js';
import { ProcessCount } from './process-count.js';
import { processesAreHidden } from './process-list.js';
import { openProcessEvents } from './process-events.js';
import type { BufferSize } from '../sockets/socket-options.js';

export interface TrackedProcessesEvents {
  /** Once for everything after each `watch`, then whenever the count changes. */
  readonly onCount: (name: string, count: number) => void;
  /** The kernel does not tell of processes. */
  readonly onUntold: (reason: string) => void;
  /** Processes of other accounts are not seen, and so not counted. */
  readonly onHidden: () => void;
  /** Events were lost; everything is counted anew. */
  readonly onLoss: (reason: string) => void;
}

export interface TrackedProcesses {
  /** Counts these and nothing else. */
  readonly watch: (processes: readonly TrackProcessConfig[]) => void;
  /** Of events that may wait to be read, at first; undefined = 1 MiB. Takes effect with the next `watch` that begins to listen. */
  readonly setReceiveBuffer: (size: BufferSize | undefined) => void;
  readonly close: () => void;
}

/** Events that may wait; twice as many after each loss. */
const RECEIVE_BUFFER: BufferSize = { bytes: 1 << 20, force: true };
const LARGEST_BUFFER = 64 << 20;
const POLL_MILLISECONDS = 1_000;
const LOSS_MILLISECONDS = 1_000;
/** The kernel answers at once or never. */
const ANSWER_MILLISECONDS = 1_000;

export function openTrackedProcesses(events: TrackedProcessesEvents): TrackedProcesses {
  let count: ProcessCount | undefined;
  let toldHidden = false;
  const source = new EventSource(events, {
    current: () => count,
    recount: () => void count?.scan(),
  });
  return {
    watch: (processes) => {
      count?.close();
      count = undefined;
      if (processes.length === 0) {
        source.close();
        return;
      }
      if (!toldHidden && processesAreHidden()) events.onHidden();
      toldHidden = true;
      count = new ProcessCount(processes, events.onCount);
      source.open();
      void count.scan();
    },
    setReceiveBuffer: (size) => source.setReceiveBuffer(size ?? RECEIVE_BUFFER),
    close: () => {
      count?.close();
      source.close();
    },
  };
}

interface Counting {
  readonly current: () => ProcessCount | undefined;
  readonly recount: () => void;
}

/** What makes counts change: the kernel's events, or the clock. */
class EventSource {
  readonly #events: TrackedProcessesEvents;
  readonly #counting: Counting;
  #socket: { readonly close: () => void } | undefined;
  #receiveBuffer = RECEIVE_BUFFER;
  /** Waits for the kernel's answer, or after a loss. */
  #timer: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  /** After a loss, until everything is counted anew. */
  #recovering = false;

  constructor(events: TrackedProcessesEvents, counting: Counting) {
    this.#events = events;
    this.#counting = counting;
  }

  /** For the socket that is opened next. */
  setReceiveBuffer(size: BufferSize): void {
    this.#receiveBuffer = size;
  }

  open(): void {
    if (this.#socket !== undefined || this.#poll !== undefined) return;
    const late = (): void => this.#fallBack('no answer');
    // One turn more: a process that has stood still reads what has come meanwhile before it calls it missing.
    this.#timer = setTimeout(() => (this.#timer = setTimeout(late).unref()), ANSWER_MILLISECONDS).unref();
    try {
      this.#socket = openProcessEvents({
        receiveBuffer: this.#receiveBuffer,
        onEvent: (event) => this.#counting.current()?.hear(event),
        onIdle: () => this.#counting.current()?.tell(),
        onListening: () => clearTimeout(this.#timer),
        onLoss: (error) => this.#lost(error),
      });
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#fallBack(error.message);
    }
  }

  close(): void {
    this.#recovering = false;
    this.#socket?.close();
    this.#socket = undefined;
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  #lost({ message }: KernelError): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.#events.onLoss(message);
    const { bytes, force } = this.#receiveBuffer;
    this.#receiveBuffer = { bytes: Math.max(bytes, Math.min(2 * bytes, LARGEST_BUFFER)), force };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.close();
      this.open();
      this.#counting.recount();
    }, LOSS_MILLISECONDS).unref();
  }

  #fallBack(reason: string): void {
    this.close();
    this.#events.onUntold(reason);
    this.#poll = setInterval(this.#counting.recount, POLL_MILLISECONDS).unref();
  }
}
