/** How late a process's event loop runs its timers: read off a timer that beats anyway where there is one, so that measuring costs nothing. */

import type { Lag } from '../../control/feed.js';

/** Milliseconds that are looked back on. */
const SPAN = 60_000;

export interface EventLoopLag {
  /** The timer has run. */
  readonly beat: () => void;
  /** Milliseconds, of the last minute; undefined before the second beat. */
  readonly shown: () => Lag | undefined;
}

/** Of a process without a timer that beats anyway, milliseconds: a hundred and twenty beats a minute, told of every ten. */
const BEAT = 500;
const BEATS_TOLD = 10;

/** Measures until the answer is called; `show` hears of it every five seconds. */
export function followEventLoopLag(show: (lag: Lag) => void): () => void {
  const lag = createEventLoopLag(BEAT);
  let beats = 0;
  const timer = setInterval(() => {
    lag.beat();
    beats += 1;
    const shown = beats % BEATS_TOLD === 0 ? lag.shown() : undefined;
    if (shown !== undefined) show(shown);
  }, BEAT).unref();
  return () => clearInterval(timer);
}

/** `interval` of the timer in milliseconds; `now` in milliseconds of a clock that never jumps. */
export function createEventLoopLag(interval: number, now: () => number = () => performance.now()): EventLoopLag {
  const beats: { readonly at: number; readonly lag: number }[] = [];
  let last: number | undefined;
  return {
    beat: () => {
      const at = now();
      if (last !== undefined) beats.push({ at, lag: Math.max(0, at - last - interval) });
      last = at;
      while (at - (beats[0]?.at ?? at) > SPAN) beats.shift();
    },
    shown: () => {
      const lags = beats.map(({ lag }) => lag).sort((a, b) => a - b);
      const rank = (share: number): number => Math.round((lags[Math.ceil(lags.length * share) - 1] ?? 0) * 1_000) / 1_000;
      return lags.length === 0 ? undefined : { p99: rank(0.99), max: rank(1) };
    },
  };
}
