/**
 * What a child process shows of itself: pictures and events, to the supervisor, for the control process. It never costs
 * more than a small part of the process's time, never has more than one message on its way, and does nothing at all where
 * nobody has asked for a control socket.
 */

import type { LogEntry } from '../../base/log.js';
import type { Clock, Micros } from '../../base/time.js';
import type { FeedEvent, Picture } from '../../control/feed.js';
import type { UpMessage } from '../children/ipc.js';

/** A picture is at most this old, milliseconds, unless it is dear. */
const REFRESH = 5_000;
/** From something worth telling to the picture that shows it: what happens together is shown together. */
const SOON = 200;
/** Events of one moment leave together. */
const GATHER = 50;
/** So many times the time that the last one took passes before the next picture is taken. */
const REST = 50;
/** A picture is drawn in turns of so many milliseconds, with whatever else there is to do in between. */
const TURN = 2;
/** Pieces that are drawn between two looks at the clock. */
const UNTIMED_PIECES = 8;
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

export type Drawing = Generator<undefined, string | undefined>;

export interface PublisherOptions {
  readonly clock: Clock;
  /** Of the process's event loop. */
  readonly lag: () => Picture['lag'];
  /** Yields after each piece of work and returns plain data as JSON; undefined = there is nothing to see yet. */
  readonly draw: () => Drawing;
  /** Calls back when the message has left. */
  readonly send: (message: UpMessage, sent: () => void) => void;
}

export function createPublisher({ clock, lag, draw, send }: PublisherOptions): Publisher {
  let wanted = false;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Infinity;
  let restUntil = 0;
  let isSoon = false;
  let isDrawing = false;
  const line = createLine(send);
  // What is told while a picture is drawn may be missing in it, so it has to come behind it.
  const events = gatherEvents(line, () => isDrawing);

  const schedule = (delay: number): void => {
    // To read the clock for every line of thousands costs more than the lines.
    if (!wanted || isSoon) return;
    isSoon = delay === SOON;
    const at = Math.max(performance.now() + delay, restUntil);
    if (at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(look, at - performance.now()).unref();
  };
  const look = (): void => {
    dueAt = Infinity;
    isSoon = false;
    if (line.isBusy() || isDrawing || performance.now() < restUntil) {
      schedule(SOON);
      return;
    }
    isDrawing = true;
    drawInTurns(draw(), () => wanted, (shown, took) => {
      isDrawing = false;
      if (!wanted) return;
      if (shown !== undefined) line.send({ type: 'picture', text: pictureText(shown, clock.now(), lag()) });
      restUntil = performance.now() + took * REST;
      schedule(REFRESH);
    });
  };
  return {
    configure: (isWanted) => {
      wanted = isWanted;
      if (wanted) {
        schedule(SOON);
        return;
      }
      clearTimeout(timer);
      events.forget();
      dueAt = Infinity;
      isSoon = false;
    },
    refresh: () => schedule(SOON),
    told: (entry) => {
      if (!wanted) return;
      schedule(SOON);
      if (!entry.detail) events.add(entry);
    },
  };
}

/** JSON of control/feed.ts's Picture. */
function pictureText(shown: string, takenAt: Micros, lag: Picture['lag']): string {
  const head = JSON.stringify({ takenAt, wallTime: Date.now(), lag });
  return `${head.slice(0, -1)},"shown":${shown}}`;
}

/** For who has little to show: plain data; undefined = nothing yet. */
export function* drawAtOnce(shown: unknown): Drawing {
  yield;
  return shown === undefined ? undefined : JSON.stringify(shown);
}

/** `took`: milliseconds in all turns together. Nothing is drawn any more once that is not wanted. */
function drawInTurns(drawing: Drawing, isWanted: () => boolean, done: (shown: string | undefined, took: number) => void): void {
  let took = 0;
  const turn = (): void => {
    const start = performance.now();
    let end = start;
    do {
      for (let piece = 0; piece < UNTIMED_PIECES; piece += 1) {
        const { done: isDone, value } = drawing.next();
        if (isDone !== true) continue;
        done(value, took + performance.now() - start);
        return;
      }
      end = performance.now();
    } while (end - start < TURN);
    took += end - start;
    if (isWanted()) setImmediate(turn).unref();
    else done(undefined, took);
  };
  turn();
}

/** `isHeld`: they have to wait. */
function gatherEvents(line: Line, isHeld: () => boolean): { readonly add: (entry: LogEntry) => void; readonly forget: () => void } {
  let waiting: FeedEvent[] = [];
  let lost = 0;
  let gathering: NodeJS.Timeout | undefined;
  const flush = (): void => {
    gathering = undefined;
    if (line.isBusy() || isHeld()) {
      gathering = setTimeout(flush, GATHER).unref();
      return;
    }
    line.send({ type: 'events', events: waiting, lost });
    waiting = [];
    lost = 0;
  };
  return {
    add: (entry) => {
      if (waiting.length >= MOST_EVENTS) lost += 1;
      else waiting.push(feedEvent(entry));
      gathering ??= setTimeout(flush, GATHER).unref();
    },
    forget: () => {
      clearTimeout(gathering);
      gathering = undefined;
      waiting = [];
    },
  };
}

/** One message on its way at a time. */
interface Line {
  readonly isBusy: () => boolean;
  readonly send: (message: UpMessage) => void;
}

function createLine(send: PublisherOptions['send']): Line {
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
