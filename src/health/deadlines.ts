/**
 * A queue of things by the instant at which each wants to be woken: a binary heap in which an entry can move. It changes
 * in place, and it decides nothing; ten thousand checkers cost it some fourteen comparisons per event.
 */

import type { Micros } from '../base/time.js';

/** Something that waits in the queue. `place` and `wakeAt` belong to the queue; place -1 = not queued. */
export interface Sleeper {
  /** Of those to be woken at the same instant the lower comes first. */
  readonly order: number;
  place: number;
  wakeAt: Micros;
}

export class DeadlineQueue<T extends Sleeper> {
  readonly #heap: T[] = [];

  /** The sleeper to be woken first. */
  first(): T | undefined {
    return this.#heap[0];
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Queues it, or moves it if it is queued. */
  set(sleeper: T, wakeAt: Micros): void {
    if (sleeper.place < 0) {
      sleeper.place = this.#heap.length;
      this.#heap.push(sleeper);
    }
    sleeper.wakeAt = wakeAt;
    this.#rise(sleeper);
    this.#sink(sleeper);
  }

  remove(sleeper: T): void {
    const { place } = sleeper;
    if (place < 0) return;
    sleeper.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === sleeper) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(sleeper: T): void {
    for (;;) {
      const parent = sleeper.place > 0 ? this.#heap[(sleeper.place - 1) >> 1] : undefined;
      if (parent === undefined || isBefore(parent, sleeper)) return;
      this.#swap(parent, sleeper);
    }
  }

  #sink(sleeper: T): void {
    for (;;) {
      const left = this.#heap[sleeper.place * 2 + 1];
      const right = this.#heap[sleeper.place * 2 + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(sleeper, child)) return;
      this.#swap(sleeper, child);
    }
  }

  #swap(a: T, b: T): void {
    const { place } = a;
    this.#put(a, b.place);
    this.#put(b, place);
  }

  #put(sleeper: T, place: number): void {
    this.#heap[place] = sleeper;
    sleeper.place = place;
  }
}

function isBefore(a: Sleeper, b: Sleeper): boolean {
  return a.wakeAt < b.wakeAt || (a.wakeAt === b.wakeAt && a.order < b.order);
}
