/**
 * Births, changes and deaths of processes as the kernel tells them (process connector, linux/cn_proc.h). It speaks only in
 * the first network namespace, so the socket is opened there. Threads are filtered by the kernel and never wake the process.
 */

import { closeSync, openSync } from 'node:fs';
import { CODE, encodeProgram, WHOLE_PACKET, type Instruction } from '../sockets/filter-program.js';
import { littleEndian } from '../../base/host-order.js';
import type { KernelError } from '../kernel-error.js';
import { checked } from '../kernel-error.js';
import { enterNetworkNamespace } from '../sockets/native-socket.js';
import { frameMessages, TYPE } from '../netlink/netlink-messages.js';
import { NetlinkSocket, PROTOCOL, SHORT_DATAGRAMS } from '../netlink/netlink-socket.js';
import type { BufferSize } from '../sockets/socket-options.js';

export type ProcessEvent =
  | { readonly type: 'forked'; readonly parent: number; readonly pid: number }
  /** It runs another program, or has another name: look again. */
  | { readonly type: 'changed'; readonly pid: number }
  | { readonly type: 'ended'; readonly pid: number };

export interface ProcessEventsOptions {
  readonly onEvent: (event: ProcessEvent) => void;
  /** After the last of the events that arrived together. */
  readonly onIdle: () => void;
  /** The kernel has agreed to tell. It does not answer at all in a container's process namespace. */
  readonly onListening: () => void;
  /** Events were lost: look at everything again. */
  readonly onLoss: (error: KernelError) => void;
  /** What may wait to be read. */
  readonly receiveBuffer: BufferSize;
}

/** linux/cn_proc.h; the identity of the connector is 1.1. */
const CONNECTOR = 1;
const LISTEN = 1;
const WHAT = { none: 0, fork: 1, exec: 2, comm: 0x200, exit: 0x80000000 } as const;

/** struct cn_msg, then struct proc_event { what, cpu, timestamp_ns, event_data }. */
const CN_HEADER = 20;
const DATA = CN_HEADER + 16;
const NETLINK_HEADER = 16;

/** Throws KernelError when the kernel has no process connector or does not let us. */
export function openProcessEvents(options: ProcessEventsOptions): { readonly close: () => void } {
  const socket = inFirstNamespace(
    () =>
      new NetlinkSocket({
        protocol: PROTOCOL.connector,
        groups: [CONNECTOR],
        datagrams: SHORT_DATAGRAMS,
        receiveBuffer: options.receiveBuffer,
        filter: encodeProgram(processFilter()),
        onMessage: ({ data }) => hear(new DataView(data.buffer, data.byteOffset, data.byteLength), options),
        onIdle: options.onIdle,
        onLoss: options.onLoss,
      }),
  );
  const request = frameMessages([{ type: TYPE.done, flags: 0, payload: listenRequest(), operation: 'listen' }], 1, 'none');
  try {
    checked('listen to process events', socket.send(request));
  } catch (error) {
    socket.close();
    throw error;
  }
  return { close: () => socket.close() };
}

function hear(view: DataView, { onEvent, onListening }: ProcessEventsOptions): void {
  if (view.byteLength < DATA + 8) return;
  const word = (at: number): number => view.getUint32(at, littleEndian);
  switch (word(CN_HEADER)) {
    case WHAT.none:
      if (word(DATA) === 0) onListening();
      return;
    case WHAT.fork:
      // Process ids of both, not of threads.
      if (view.byteLength >= DATA + 16) onEvent({ type: 'forked', parent: word(DATA + 4), pid: word(DATA + 12) });
      return;
    case WHAT.exec:
    case WHAT.comm:
      onEvent({ type: 'changed', pid: word(DATA + 4) });
      return;
    case WHAT.exit:
      onEvent({ type: 'ended', pid: word(DATA + 4) });
      return;
  }
}

function listenRequest(): Uint8Array {
  const bytes = new Uint8Array(CN_HEADER + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CONNECTOR, littleEndian);
  view.setUint32(4, CONNECTOR, littleEndian);
  view.setUint16(16, 4, littleEndian);
  view.setUint32(CN_HEADER, LISTEN, littleEndian);
  return bytes;
}

/** Passes answers, programs being run, and of the rest what is about whole processes. */
function processFilter(): readonly Instruction[] {
  const at = NETLINK_HEADER;
  const isWhat = (what: number, jumpTrue: number): Instruction => ({ code: CODE.jumpIfEqual, value: filterWord(what), jumpTrue });
  const compare = (first: number): readonly Instruction[] => [
    { code: CODE.loadWord, value: at + first },
    { code: CODE.copyToX, value: 0 },
    { code: CODE.loadWord, value: at + first + 4 },
  ];
  return [
    { code: CODE.loadWord, value: at + CN_HEADER },
    isWhat(WHAT.none, 14),
    isWhat(WHAT.exec, 13),
    isWhat(WHAT.fork, 3),
    isWhat(WHAT.comm, 6),
    isWhat(WHAT.exit, 5),
    { code: CODE.return, value: 0 },
    ...compare(DATA + 8),
    { code: CODE.jump, value: 3 },
    ...compare(DATA),
    { code: CODE.jumpIfEqualToX, value: 0, jumpTrue: 1 },
    { code: CODE.return, value: 0 },
    { code: CODE.return, value: WHOLE_PACKET },
  ];
}

/** Filters read words with the most significant byte first, whatever the machine writes. */
function filterWord(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, littleEndian);
  return view.getUint32(0);
}

/** Sockets stay in the namespace in which they were opened. Where the way there is barred, this one has to do. */
function inFirstNamespace<T>(open: () => T): T {
  const own = openSync('/proc/thread-self/ns/net', 'r');
  try {
    try {
      enterNetworkNamespace('/proc/1/ns/net');
    } catch {
      return open();
    }
    try {
      return open();
    } finally {
      enterNetworkNamespace(`/proc/self/fd/${own}`);
    }
  } finally {
    closeSync(own);
  }
}
