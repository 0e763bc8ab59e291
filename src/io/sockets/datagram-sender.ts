/** A socket that sends datagrams to other programs of this machine and hears nothing. */

import { KernelError } from '../kernel-error.js';
import { NativeSocket } from './native-socket.js';
import { AF } from './sockaddr.js';

export interface DatagramSender {
  /** To a struct sockaddr_un. Bytes sent or -errno; never waits. */
  readonly send: (bytes: Uint8Array, address: Uint8Array) => number;
  readonly close: () => void;
}

/** bits/socket_type.h. */
const SOCK_DGRAM = 2;

/** Undefined when the process may not have a socket. */
export function openDatagramSender(): DatagramSender | undefined {
  const nobody = (): undefined => undefined;
  try {
    const socket = new NativeSocket({ domain: AF.unix, type: SOCK_DGRAM, protocol: 0, slots: 1, slotSize: 8, onMessage: nobody, onError: nobody });
    return {
      send: (bytes, address) => socket.send(bytes, address, null),
      close: () => {
        socket.close();
      },
    };
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}
