/** A connecting stream for a probe, from the source address, mark and device its connection asks for. */

import { type Socket, connect as connectSocket } from 'node:net';
import { Socket as NetSocket } from 'node:net';

import { familyOf } from '../../base/address.js';
import type { ConnectionOptions } from '../../health/config-check.js';
import { openProbeSocket } from './connect-engine.js';
import { endpointOf } from './endpoint.js';
import type { HttpOutcome } from './http-transport.js';

type Unconnected = Extract<HttpOutcome, { type: 'unconnected' }>;

/**
 * Starts to connect. The stream has no listeners: the caller adds 'error' before it yields. What already failed comes back
 * as an outcome.
 */
export function openProbeStream(connection: ConnectionOptions): Socket | Unconnected {
  const { address, port, bindAddress, bindPort, bindInterface, fwmark } = connection;
  const target = { host: address, port, family: familyOf(address) === 'ipv4' ? 4 : 6 };
  if (bindAddress === undefined && bindPort === undefined && bindInterface === undefined && fwmark === 0) {
    return connectSocket(target);
  }
  const fd = openProbeSocket(endpointOf(connection));
  if (typeof fd !== 'number') return { type: 'unconnected', step: fd.step, code: fd.code };
  return new NetSocket({ fd, readable: true, writable: true }).connect(target);
}
