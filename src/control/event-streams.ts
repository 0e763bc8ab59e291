/**
 * Server-sent events (WHATWG HTML 9.2) to everybody who listens. A reader that is slower than the events is dropped, not
 * waited for: with Last-Event-ID it finds on its return what it has missed.
 */

import type { ServerResponse } from 'node:http';

import type { ControlEvent } from './status.js';

/** Bytes that may wait for one reader. */
const MOST_WAITING = 256 * 1_024;
/** Comments that show both ends that the other one is there, milliseconds. */
const HEARTBEAT = 15_000;

export interface EventStreams {
  readonly size: () => number;
  /** Begins the answer with `missed`, and goes on until the reader leaves or falls behind. */
  readonly add: (response: ServerResponse, missed: readonly ControlEvent[]) => void;
  readonly send: (events: readonly ControlEvent[]) => void;
  readonly close: () => void;
}

export function createEventStreams(): EventStreams {
  const readers = new Set<ServerResponse>();
  const write = (reader: ServerResponse, text: string): void => {
    if (reader.writableLength > MOST_WAITING) reader.destroy();
    else reader.write(text);
  };
  const heartbeat = setInterval(() => {
    for (const reader of readers) write(reader, ':\n\n');
  }, HEARTBEAT);
  heartbeat.unref();
  return {
    size: () => readers.size,
    add: (response, missed) => {
      readers.add(response);
      response.on('close', () => readers.delete(response));
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      // A first comment, so that the head leaves at once.
      response.write(`:\n\n${missed.map(eventText).join('')}`);
    },
    send: (events) => {
      if (readers.size === 0) return;
      const text = events.map(eventText).join('');
      for (const reader of readers) write(reader, text);
    },
    close: () => {
      clearInterval(heartbeat);
      for (const reader of readers) reader.end();
    },
  };
}

/** JSON has no line ends in it, so one data line holds all. */
function eventText(event: ControlEvent): string {
  return `id: ${event.id}\nevent: ${event.event}\ndata: ${JSON.stringify(event)}\n\n`;
}
