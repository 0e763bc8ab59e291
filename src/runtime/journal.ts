/**
 * What happened to a machine, so that it can happen again: with the seed, the events and their instants lead to the same
 * state. The newest entries are kept; a journal that has lost its beginning can be read but not replayed.
 */

import { invariant } from '../base/invariant.js';
import type { Micros } from '../base/time.js';
import type { Machine } from './driver.js';

export interface JournalEntry<Event> {
  readonly at: Micros;
  readonly event: Event;
}

export interface Journal<Event> {
  readonly record: (event: Event, at: Micros) => void;
  /** Oldest first. */
  readonly entries: () => readonly JournalEntry<Event>[];
  /** Entries forgotten to stay within the limit. */
  readonly forgotten: () => number;
}

/** Keeps at least the `limit` newest entries, and at most twice as many. */
export function createJournal<Event>(limit: number): Journal<Event> {
  let older: JournalEntry<Event>[] = [];
  let newer: JournalEntry<Event>[] = [];
  let forgotten = 0;
  return {
    record: (event, at) => {
      if (newer.length === limit) {
        forgotten += older.length;
        older = newer;
        newer = [];
      }
      newer.push({ at, event });
    },
    entries: () => [...older, ...newer],
    forgotten: () => forgotten,
  };
}

/** The state after all entries of a complete journal. A journal without its beginning throws InvariantError. */
export function replay<State, Event, Effect, Note>(
  machine: Machine<State, Event, Effect, Note>,
  seed: number,
  journal: Journal<Event>,
): State {
  invariant(journal.forgotten() === 0, 'a journal that has lost its beginning cannot be replayed');
  return journal
    .entries()
    .reduce((state, { at, event }) => machine.step(state, event, at).state, machine.initial(seed));
}
