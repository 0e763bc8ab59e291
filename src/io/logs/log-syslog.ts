/** The system log as a destination: one datagram per line to its local socket, whoever listens there and whenever. */

import { errorCode } from '../kernel-error.js';
import type { Destination } from './log-sink.js';
import { openDatagramSender } from '../sockets/datagram-sender.js';
import { sockaddrUn } from '../sockets/sockaddr.js';

/**
 * The address goes with every datagram, so a syslog daemon may start late or restart; lines wait for it. Undefined when
 * the process may not have a socket.
 */
export function openSyslogDestination(path: string): Destination | undefined {
  const address = sockaddrUn(path);
  const socket = openDatagramSender();
  if (socket === undefined) return undefined;
  return {
    batchSize: 1,
    offer: (bytes) => {
      const sent = socket.send(bytes, address);
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
    close: socket.close,
  };
}
