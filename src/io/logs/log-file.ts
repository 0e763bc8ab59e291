/**
 * A regular file as a log sink: one write at a time in the thread pool, so that a slow disk delays lines and nothing else.
 */

import { closeSync, write as writeFile, writeSync } from 'node:fs';

import { errorCodeOf, openForAppending } from '../files/files.js';
import type { LogFormat } from './log-format.js';
import { LogQueue } from './log-queue.js';
import { type LogSink, QUEUE_LIMIT, droppedLines } from './log-sink.js';

const BATCH = 64 * 1024;

/** After a failed write (disk full) the next attempt follows this much later, in milliseconds. */
const FAILURE_RETRY = 1_000;

/**
 * Appends to `path`, created with mode 0600. Returns the error's code when that fails: a symbolic link, a file of another
 * user and anything but a plain file are refused (ELOOP, EPERM), because the usual place is a directory everybody writes to.
 */
export function openLogFile(path: string, format: LogFormat): LogSink | { readonly code: string } {
  try {
    return createFileSink(openForAppending(path), true, format);
  } catch (error) {
    return { code: errorCodeOf(error) };
  }
}

/** `owned`: the descriptor is closed with the sink. */
export function createFileSink(fd: number, owned: boolean, format: LogFormat): LogSink {
  const queue = new LogQueue(QUEUE_LIMIT);
  let writing = false;
  let scheduled: NodeJS.Immediate | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const next = (): void => {
    scheduled = undefined;
    retry = undefined;
    const bytes = queue.batch(BATCH);
    if (bytes === undefined) return;
    writing = true;
    writeFile(fd, bytes, (error, written) => {
      writing = false;
      if (error !== null) {
        if (!closed) retry = setTimeout(next, FAILURE_RETRY).unref();
        return;
      }
      queue.advance(written);
      const dropped = queue.empty ? queue.takeDropped() : 0;
      if (dropped > 0) queue.push(format(droppedLines(dropped)));
      if (closed) finish();
      else next();
    });
  };
  /** What is left is written at once: the process is ending. */
  const finish = (): void => {
    try {
      for (let bytes = queue.batch(BATCH); bytes !== undefined; bytes = queue.batch(BATCH)) queue.advance(writeSync(fd, bytes));
      if (owned) closeSync(fd);
    } catch {
      queue.clear();
    }
  };
  return {
    write: (entry) => {
      if (closed || !queue.push(format(entry))) return;
      if (!writing && retry === undefined) scheduled ??= setImmediate(next);
    },
    flush: () => queue.empty || retry !== undefined,
    close: () => {
      clearImmediate(scheduled);
      clearTimeout(retry);
      if (!closed && !writing) finish();
      closed = true;
    },
  };
}
