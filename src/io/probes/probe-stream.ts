/** A connecting stream for a probe: plain or TLS, from the source address, mark and device its connection asks for. */

import { type Socket, connect as connectSocket, isIP } from 'node:net';
import { Socket as NetSocket } from 'node:net';
import type * as Tls from 'node:tls';

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

/** One for all: making a context reads and parses the system's certificates. */
let sharedContext: Tls.SecureContext | undefined;

/**
 * TLS over a connected stream: no certificate is verified, as keepalived does not, and no server name is sent unless given
 * (an address is none). Nothing is said at the end: keepalived closes without close_notify. node:tls is loaded on first use.
 */
export async function secureProbeStream(stream: Socket, serverName: string | undefined): Promise<Tls.TLSSocket> {
  const { connect, createSecureContext } = await import('node:tls');
  sharedContext ??= createSecureContext();
  return connect({
    socket: stream,
    secureContext: sharedContext,
    rejectUnauthorized: false,
    ...(serverName === undefined || isIP(serverName) !== 0 ? {} : { servername: serverName }),
  });
}
