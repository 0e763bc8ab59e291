/**
 * Standard output or error as a log destination that never blocks and whose end never kills the process.
 *
 * The descriptor is shared with whoever started the process, so its flags are left alone: pipes and terminals are opened
 * anew through /proc with O_NONBLOCK, sockets are written with MSG_DONTWAIT.
 */

import { type Stats, closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';

import { errorCode } from '../kernel-error.js';
import { createFileSink } from './log-file.js';
import type { LogFormat } from './log-format.js';
import { type Destination, type LogSink, type Taken, createLogSink } from './log-sink.js';
import { loadAddon } from '../native.js';

interface SendAddon {
  sendNow(fd: number, bytes: Uint8Array): number;
}

/** PIPE_BUF: a pipe takes so many bytes in one piece, so that lines of several processes do not mix. */
const PIPE_BUFFER = 4_096;

/** The sink for an inherited descriptor; undefined when it is closed or nobody reads its pipe any more. */
export function openStreamSink(fd: number, format: LogFormat): LogSink | undefined {
  let status: Stats;
  try {
    status = fstatSync(fd);
  } catch {
    return undefined;
  }
  if (status.isFile()) return createFileSink(fd, false, format);
  if (status.isSocket()) return createLogSink(format, sharedSocket(fd));
  try {
    return createLogSink(format, ownDescriptor(fd));
  } catch (error) {
    // A pipe without reader; anything else (a pipe of another user) is still worth a thread that may block.
    return (error as NodeJS.ErrnoException).code === 'ENXIO' ? undefined : createFileSink(fd, false, format);
  }
}

function sharedSocket(fd: number): Destination {
  const addon = loadAddon() as SendAddon;
  return {
    batchSize: PIPE_BUFFER,
    offer: (bytes) => {
      const sent = addon.sendNow(fd, bytes);
      return sent < 0 ? takenAfter(errorCode(sent)) : sent;
    },
    close: () => undefined,
  };
}

/** Throws a system error when the descriptor cannot be opened anew. */
function ownDescriptor(fd: number): Destination {
  const { O_APPEND, O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
  const own = openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_APPEND);
  return {
    batchSize: PIPE_BUFFER,
    offer: (bytes) => {
      try {
        return writeSync(own, bytes);
      } catch (error) {
        return takenAfter((error as NodeJS.ErrnoException).code ?? '');
      }
    },
    close: () => closeSync(own),
  };
}

function takenAfter(code: string): Taken {
  return code === 'EAGAIN' || code === 'EINTR' || code === 'ENOBUFS' ? 'full' : 'gone';
}
