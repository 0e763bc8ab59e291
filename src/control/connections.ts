/**
 * Who is connected, bounded: when a new client comes and all places are taken, the one that has been there longest goes,
 * streams last. So nobody who holds connections open without a word can lock the others out.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface Connections {
  /** This one is an event stream: it may stay, as long as there is room. */
  readonly keep: (socket: Socket) => void;
  readonly closeAll: () => void;
}

/** `most` connections at the same time. */
export function limitConnections(server: Server, most: number): Connections {
  /** In the order of their coming. */
  const passing = new Set<Socket>();
  const streams = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    passing.add(socket);
    socket.on('close', () => {
      passing.delete(socket);
      streams.delete(socket);
    });
    if (passing.size + streams.size <= most) return;
    const [oldest] = passing.size > 1 ? passing : streams;
    oldest?.destroy();
    if (oldest !== undefined) {
      passing.delete(oldest);
      streams.delete(oldest);
    }
  });
  return {
    keep: (socket) => {
      if (passing.delete(socket)) streams.add(socket);
    },
    closeAll: () => {
      for (const socket of [...passing, ...streams]) socket.destroy();
    },
  };
}
