/**
 * A destination of log lines that takes bytes at once or not at all: pipe, terminal, socket, syslog. What it does not
 * take waits in a bounded queue; the caller never does. Regular files are in log-file.ts, because their writes can block.
 */

import type { LogEntry } from '../../base/log.js';
import type { LogFormat } from './log-format.js';
import { LogQueue } from './log-queue.js';

/** What became of bytes offered to a destination. */
export type Taken =
  /** This many of them; the rest is offered again. */
  | number
  /** Its reader is slow. */
  | 'full'
  /** Nobody is there yet. */
  | 'absent'
  /** Only these bytes are hopeless. */
  | 'refused'
  /** It will never take anything again. */
  | 'gone';

export interface LogSink {
  readonly write: (entry: LogEntry) => void;
  /** Writes out what it takes now. True when nothing is left that waiting for a slow reader could save. */
  readonly flush: () => boolean;
  readonly close: () => void;
}

export interface Destination {
  /** Never waits. */
  readonly offer: (bytes: Buffer) => Taken;
  /** Most bytes of one offer; 1 makes every line one offer. */
  readonly batchSize: number;
  readonly close: () => void;
}

/** Bytes that may wait for one destination. */
export const QUEUE_LIMIT = 1024 * 1024;

/** A full destination is asked again soon, an absent one now and then, each ever later while it takes nothing. All in ms. */
const RETRY = { full: { first: 1, last: 64 }, absent: { first: 1_000, last: 16_000 } };

/** Lines are written together once per turn of the event loop; those that had to be dropped are counted and told. */
export function createLogSink(format: LogFormat, destination: Destination): LogSink {
  const queue = new LogQueue(QUEUE_LIMIT);
  let scheduled: NodeJS.Immediate | undefined;
  let retry: NodeJS.Timeout | undefined;
  const delays = { full: RETRY.full.first, absent: RETRY.absent.first };
  let gone = false;

  const write = (entry: LogEntry): void => {
    if (gone || !queue.push(format(entry)) || scheduled !== undefined || retry !== undefined) return;
    scheduled = setImmediate(flush);
  };
  const flush = (): boolean => {
    clearImmediate(scheduled);
    clearTimeout(retry);
    scheduled = undefined;
    retry = undefined;
    for (let bytes = queue.batch(destination.batchSize); bytes !== undefined; bytes = queue.batch(destination.batchSize)) {
      const taken = destination.offer(bytes);
      if (taken === 'gone') {
        gone = true;
        queue.clear();
        return true;
      }
      if (taken === 'full' || taken === 'absent') {
        retry = setTimeout(flush, delays[taken]).unref();
        delays[taken] = Math.min(delays[taken] * 2, RETRY[taken].last);
        return taken === 'absent';
      }
      delays.full = RETRY.full.first;
      delays.absent = RETRY.absent.first;
      if (taken === 'refused') queue.lose(1);
      queue.advance(taken === 'refused' ? bytes.length : taken);
    }
    const dropped = queue.takeDropped();
    if (dropped > 0) write(droppedLines(dropped));
    return dropped === 0;
  };
  return {
    write,
    flush,
    close: () => {
      clearImmediate(scheduled);
      clearTimeout(retry);
      if (!gone) destination.close();
      gone = true;
    },
  };
}

/** The entry that tells of lines lost. */
export function droppedLines(lines: number): LogEntry {
  const text = `${lines} log line${lines === 1 ? '' : 's'} dropped`;
  return { level: 'warn', event: 'logLinesDropped', text, fields: { lines }, detail: false };
}
