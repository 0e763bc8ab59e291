/**
 * One part of the status, made from the newest picture of its process. Pictures of small farms are read when somebody asks.
 * Those of large ones take tens of milliseconds, so they are read beforehand, in a small share of this process's time: who
 * asks is answered at once from the one that was read last.
 */

import type { Child } from '../runtime/children-events.js';
import type { Picture } from './feed.js';

/** Characters of a picture that is read when it is asked for: a few milliseconds. */
const SMALL = 400_000;
/** An older one is not shown while there is a newer one, milliseconds. */
const OLDEST = 30_000;
/** Lines of a large farm are drawn anew when they are older, milliseconds. */
const REDRAWN = 10_000;
/** So many times the time that the last reading took passes before the next: while somebody looks, and while nobody does. */
const REST = { looked: 20, idle: 100 };
/** Who has asked once is thought to ask again within this time, milliseconds. */
const INTEREST = 60_000;

export interface View<S> {
  readonly status: S;
  readonly json: () => string;
  /** Of the screen at `now`, milliseconds since 1970; of a large farm up to some seconds old. */
  readonly lines: (now: number) => readonly string[];
}

export interface Part<S> {
  /** A picture as JSON text. */
  readonly put: (text: string) => void;
  readonly drop: () => void;
  /** When the newest picture was taken, read or not, in milliseconds since 1970. */
  readonly shownAt: () => number | undefined;
  /** Undefined while there is none. */
  readonly view: () => View<S> | undefined;
}

/** `read` makes the status of a picture, `draw` its lines on the screen at a time in milliseconds since 1970. */
export function createPart<C extends Child, S>(read: (picture: Picture<C>) => S, draw: (status: S, now: number) => readonly string[]): Part<S> {
  let newest: string | undefined;
  let current: { readonly text: string; readonly view: View<S>; readonly at: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let restUntil = 0;
  let cost = 0;
  let lookedAt = -Infinity;
  let writtenAt = -Infinity;
  const onWrite = (): void => {
    writtenAt = performance.now();
  };

  const prepare = (text: string): View<S> => {
    const begun = performance.now();
    const picture = JSON.parse(text) as Picture<C>;
    const isDear = text.length > SMALL;
    const { view, write } = viewOf(read(picture), draw, isDear ? REDRAWN : 0, onWrite);
    if (isDear) view.lines(Date.now());
    if (isDear && begun - writtenAt < INTEREST) write();
    current = { text, view, at: picture.wallTime };
    const end = performance.now();
    cost = end - begun;
    restUntil = end + cost * (end - lookedAt < INTEREST ? REST.looked : REST.idle);
    return view;
  };
  const schedule = (): void => {
    if (timer !== undefined || newest === undefined || newest.length <= SMALL) return;
    const delay = Math.max(0, restUntil - performance.now());
    timer = setTimeout(() => {
      timer = undefined;
      if (newest !== undefined && newest !== current?.text) prepare(newest);
    }, delay).unref();
  };
  return {
    put: (text) => {
      newest = text;
      schedule();
    },
    drop: () => {
      newest = undefined;
      current = undefined;
    },
    shownAt: () => (newest === undefined ? undefined : wallTimeOf(newest)),
    view: () => {
      lookedAt = performance.now();
      restUntil = Math.min(restUntil, lookedAt + cost * REST.looked);
      if (newest === undefined) return undefined;
      if (current === undefined) return prepare(newest);
      if (current.text === newest) return current.view;
      if (newest.length <= SMALL || Date.now() - current.at >= OLDEST) return prepare(newest);
      clearTimeout(timer);
      timer = undefined;
      schedule();
      return current.view;
    },
  };
}

/** Without reading the picture: it begins with its times. */
function wallTimeOf(text: string): number | undefined {
  const [, digits] = /^\{"takenAt":\d+,"wallTime":(\d+)/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** `write` makes the JSON text before anybody asks; `onWrite` hears that somebody has asked. */
function viewOf<S>(
  status: S,
  draw: (status: S, now: number) => readonly string[],
  keep: number,
  onWrite: () => void,
): { readonly view: View<S>; readonly write: () => string } {
  let json: string | undefined;
  let drawn: { readonly at: number; readonly lines: readonly string[] } | undefined;
  const write = (): string => (json ??= JSON.stringify(status));
  const view: View<S> = {
    status,
    json: () => {
      onWrite();
      return write();
    },
    lines: (now) => {
      if (drawn === undefined || now - drawn.at >= keep) drawn = { at: now, lines: draw(status, now) };
      return drawn.lines;
    },
  };
  return { view, write };
}
