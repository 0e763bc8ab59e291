/**
 * What a child process shows of itself: pictures and events, to the supervisor, for the control process. It never costs
 * more than a small part of the process's time, never has more than one message on its way, and does nothing at all where
 * nobody has asked for a control socket.
 */

import type { LogEntry } from '../base/log.js';
import type { Clock } from '../base/time.js';
import type { FeedEvent } from '../control/feed.js';
import type { UpMessage } from './ipc.js';

/** A picture is at most this old, milliseconds, unless it is dear. */
const REFRESH = 5_000;
/** From something worth telling to the picture that shows it: what happens together is shown together. */
const SOON = 200;
/** Events of one moment leave together. */
const GATHER = 50;
/** So many times the time that the last one took passes before the next picture is taken. */
const REST = 50;
/** Events that may wait; what comes beyond is counted. */
const MOST_EVENTS = 500;

export interface Publisher {
  /** Whether anybody looks. Until the first call nothing is shown. */
  readonly configure: (wanted: boolean) => void;
  /** There is something new to see. */
  readonly refresh: () => void;
  /** Something was told. */
  readonly told: (entry: LogEntry) => void;
}

export interface PublisherOptions {
  readonly clock: Clock;
  /** Plain data; undefined = there is nothing to see yet. */
  readonly show: () => unknown;
  /** Calls back when the message has left. */
  readonly send: (message: UpMessage, sent: () => void) => void;
}

export function createPublisher({ clock, show, send }: PublisherOptions): Publisher {
  let wanted = false;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Infinity;
  let restUntil = 0;
  const line = createLine(send);
  let waiting: FeedEvent[] = [];
  let lost = 0;
  let gathering: NodeJS.Timeout | undefined;

  const schedule = (delay: number): void => {
    const at = Math.max(performance.now() + delay, restUntil);
    if (!wanted || at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(look, at - performance.now()).unref();
  };
  const look = (): void => {
    dueAt = Infinity;
    if (line.isBusy()) {
      schedule(SOON);
      return;
    }
    const start = performance.now();
    const shown = show();
    if (shown !== undefined) {
      const text = JSON.stringify({ takenAt: clock.now(), wallTime: Date.now(), shown });
      line.send({ type: 'picture', text });
    }
    const end = performance.now();
    restUntil = end + (end - start) * REST;
    schedule(REFRESH);
  };
  const flush = (): void => {
    gathering = undefined;
    if (line.isBusy()) {
      gathering = setTimeout(flush, GATHER).unref();
      return;
    }
    line.send({ type: 'events', events: waiting, lost });
    waiting = [];
    lost = 0;
  };
  return {
    configure: (isWanted) => {
      wanted = isWanted;
      if (wanted) {
        schedule(SOON);
        return;
      }
      clearTimeout(timer);
      clearTimeout(gathering);
      dueAt = Infinity;
      gathering = undefined;
      waiting = [];
    },
    refresh: () => schedule(SOON),
    told: (entry) => {
      if (!wanted) return;
      schedule(SOON);
      if (entry.detail) return;
      if (waiting.length >= MOST_EVENTS) lost += 1;
      else waiting.push(feedEvent(entry));
      gathering ??= setTimeout(flush, GATHER).unref();
    },
  };
}

/** One message on its way at a time. */
function createLine(send: PublisherOptions['send']): { readonly isBusy: () => boolean; readonly send: (message: UpMessage) => void } {
  let busy = false;
  return {
    isBusy: () => busy,
    send: (message) => {
      busy = true;
      send(message, () => {
        busy = false;
      });
    },
  };
}

/** The entry as it stands at this moment. */
export function feedEvent({ level, event, text, fields }: LogEntry): FeedEvent {
  return { time: Date.now(), level, event, text, fields };
}
