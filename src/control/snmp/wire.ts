/** The way to the AgentX master: a stream or datagrams, of which whole PDUs are made. */

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { HEADER_BYTES, pduLength } from './agentx-pdu.js';
import type { MasterAddress } from './master-address.js';

/** No PDU of a master comes near it: what is longer is none. */
const MOST_BYTES = 1_000_000;
/** Bytes that wait to be sent to a master that does not read. */
const MOST_WAITING = 4_000_000;

export interface WireEvents {
  readonly onOpen: () => void;
  readonly onPdu: (bytes: Buffer) => void;
  /** Once, unless it is closed from here. */
  readonly onEnd: (reason: string, code?: string) => void;
}

export interface Wire {
  readonly send: (bytes: Buffer) => void;
  readonly close: () => void;
}

/** Asks somebody with more rights for a connection to the master; calls back once, with why not where it gets none. */
export type Borrow = (done: (lent: Socket | string) => void) => void;

/** `borrow` is asked where the master's socket is not for this process. */
export function openWire(address: MasterAddress, borrow: Borrow, events: WireEvents): Wire {
  if (address.transport === 'udp') return openDatagrams(address, events);
  if (address.transport === 'unix') return openSocketFile(address.path, borrow, events);
  const { host, port, family } = address;
  return wireOn(connect({ host, port, family }), events);
}

function openSocketFile(path: string, borrow: Borrow, events: WireEvents): Wire {
  let closed = false;
  let wire = wireOn(connect({ path }), {
    ...events,
    onEnd: (reason, code) => {
      if (code !== 'EACCES') {
        events.onEnd(reason, code);
        return;
      }
      borrow((lent) => {
        if (typeof lent === 'string') {
          if (!closed) events.onEnd(lent);
        } else if (closed) {
          lent.destroy();
        } else {
          wire = wireOn(lent, events);
          events.onOpen();
        }
      });
    },
  });
  return {
    send: (bytes) => wire.send(bytes),
    close: () => {
      closed = true;
      wire.close();
    },
  };
}

/** On a stream that connects, or is connected already. */
export function wireOn(socket: Socket, { onOpen, onPdu, onEnd }: WireEvents): Wire {
  let unread: Buffer = Buffer.alloc(0);
  let over = false;
  const end = (reason: string, code?: string): void => {
    if (over) return;
    over = true;
    socket.destroy();
    onEnd(reason, code);
  };
  socket.on('connect', onOpen);
  socket.on('error', (error: NodeJS.ErrnoException) => end(error.message, error.code));
  socket.on('close', () => end('the master has closed the connection'));
  socket.on('data', (bytes) => {
    unread = Buffer.concat([unread, bytes]);
    while (!over) {
      const length = pduLength(unread);
      if (length !== undefined && length > MOST_BYTES) end('the master speaks no AgentX');
      if (length === undefined || unread.length < length) return;
      const pdu = unread.subarray(0, length);
      unread = unread.subarray(length);
      onPdu(pdu);
    }
  });
  return {
    send: (bytes) => {
      if (over) return;
      socket.write(bytes);
      if (socket.writableLength > MOST_WAITING) end('the master does not read');
    },
    close: () => {
      over = true;
      socket.destroySoon();
    },
  };
}

function openDatagrams({ host, port, family }: Extract<MasterAddress, { readonly host: string }>, { onOpen, onPdu, onEnd }: WireEvents): Wire {
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
  let over = false;
  const end = (error: NodeJS.ErrnoException): void => {
    if (over) return;
    over = true;
    socket.close();
    onEnd(error.message, error.code);
  };
  socket.on('error', end);
  socket.on('connect', onOpen);
  socket.on('message', (bytes) => {
    if (bytes.length >= HEADER_BYTES && pduLength(bytes) === bytes.length) onPdu(bytes);
  });
  socket.connect(port, host);
  return {
    send: (bytes) => {
      if (over) return;
      socket.send(bytes, (error) => {
        if (error !== null) end(error);
      });
    },
    close: () => {
      if (over) return;
      over = true;
      socket.close();
    },
  };
}
