/**
 * A connecting stream for a probe, from the source address, mark and device its connection asks for, that takes little from whoever
 * pours: what nobody has read yet, and what nobody needs any more.
 */

import { type OnReadOpts, type Socket, connect as connectSocket } from 'node:net';
import { Socket as NetSocket } from 'node:net';

import { familyOf } from '../../base/address.js';
import type { ConnectionOptions } from '../../health/config-check.js';
import { collectYoungGarbage } from '../processes/memory.js';
import { openProbeSocket } from './connect-engine.js';
import { endpointOf } from './endpoint.js';
import type { HttpOutcome } from './http-transport.js';

/** Bytes that one reading takes at most; as many again may wait for whoever reads the stream. */
const PORTION = 16 * 1024;
/** After so many bytes read, by all streams, the buffers they came in are collected: V8 waits for several times as many. */
const COLLECTED_EVERY = 8 * 1024 * 1024;

/** All streams read into this one, one after another; what was read is copied out at once. */
const portion = Buffer.allocUnsafeSlow(PORTION);
let uncollected = 0;

type Unconnected = Extract<HttpOutcome, { type: 'unconnected' }>;

/**
 * Starts to connect. The stream has no listeners: the caller adds 'error' before it yields. What already failed comes back
 * as an outcome.
 */
export function openProbeStream(connection: ConnectionOptions): Socket | Unconnected {
  const { address, port, bindAddress, bindPort, bindInterface, fwmark } = connection;
  const target = { host: address, port, family: familyOf(address) === 'ipv4' ? 4 : 6 };
  if (bindAddress === undefined && bindPort === undefined && bindInterface === undefined && fwmark === 0) {
    const stream: Socket = connectSocket({ ...target, onread: intoPortion(() => stream) });
    return stream;
  }
  const fd = openProbeSocket(endpointOf(connection));
  if (typeof fd !== 'number') return { type: 'unconnected', step: fd.step, code: fd.code };
  const options = { fd, readable: true, writable: true, onread: intoPortion(() => stream) };
  const stream: Socket = new NetSocket(options);
  return stream.connect(target);
}

/** Node's own way is a new buffer of 64 KiB for each reading. False, the answer of a stream that is full, stops the reading. */
function intoPortion(stream: () => Socket): OnReadOpts {
  return {
    buffer: portion,
    callback: (length, bytes) => {
      noteRead(length);
      return stream().push(Buffer.from(bytes.subarray(0, length)));
    },
  };
}

/** So many bytes came over a probe's connection, in buffers that are garbage soon. */
export function noteRead(bytes: number): void {
  uncollected += bytes;
  if (uncollected < COLLECTED_EVERY) return;
  uncollected = 0;
  collectYoungGarbage();
}
