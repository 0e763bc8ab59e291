/** The system log as a destination: one datagram per line to its local socket, whoever listens there and whenever. */

import { KernelError, errorCode } from '../kernel-error.js';
import type { Destination } from './log-sink.js';
import { NativeSocket } from '../sockets/native-socket.js';
import { AF, sockaddrUn } from '../sockets/sockaddr.js';

/** bits/socket_type.h. */
const SOCK_DGRAM = 2;

/**
 * The address goes with every datagram, so a syslog daemon may start late or restart; lines wait for it. Undefined when
 * the process may not have a socket.
 */
export function openSyslogDestination(path: string): Destination | undefined {
  const address = sockaddrUn(path);
  let socket: NativeSocket;
  try {
    socket = new NativeSocket({
      domain: AF.unix,
      type: SOCK_DGRAM,
      protocol: 0,
      slots: 1,
      slotSize: 8,
      onMessage: () => undefined,
      onError: () => undefined,
    });
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
  return {
    batchSize: 1,
    offer: (bytes) => {
      const sent = socket.send(bytes, address, null);
      if (sent >= 0) return bytes.length;
      switch (errorCode(sent)) {
        case 'EAGAIN':
        case 'ENOBUFS':
        case 'EINTR':
          return 'full';
        case 'EMSGSIZE':
          return 'refused';
        default:
          return 'absent';
      }
    },
    close: () => {
      socket.close();
    },
  };
}
