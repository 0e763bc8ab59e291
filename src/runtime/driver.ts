/**
 * The only loop: event in, one step of a machine, effects performed in order, notes told, the one alarm moved.
 * It holds the machine's state and nothing else; what an effect means is the caller's business.
 */

import type { Step } from '../base/step.js';
import type { Clock, Micros } from '../base/time.js';
import { createMailbox } from './mailbox.js';
import type { Alarm } from './ports.js';

/** A pure machine: the four names every room of machines has, as one value. */
export interface Machine<State, Event, Effect, Note> {
  readonly initial: (seed: number) => State;
  readonly step: (state: State, event: Event, now: Micros) => Step<State, Effect, Note>;
  readonly deadline: (state: State) => Micros | undefined;
}

/** What the loop itself has to tell. */
export type DriverNote =
  /** The process was not run, or was busy, for `lateness` after its alarm was due. */
  | { readonly type: 'alarmLate'; readonly lateness: Micros }
  /** An event was refused because too many waited: a flood, or a bug. */
  | { readonly type: 'mailboxOverflow'; readonly event: string };

export interface DriverOptions<State, Event extends { readonly type: string }, Effect, Note> {
  readonly machine: Machine<State, Event, Effect, Note>;
  /** Every random choice of the machine follows from it. */
  readonly seed: number;
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly perform: (effect: Effect) => void;
  readonly tell: (note: Note | DriverNote) => void;
  /** Called before each step: the event and its instant are all that replay needs. */
  readonly record: ((event: Event, now: Micros) => void) | undefined;
}

export interface Driver<State, Event> {
  readonly deliver: (event: Event) => void;
  /** To be called when the alarm fires. `hearFirst` delivers what is queued and must be known before a deadline is believed. */
  readonly expire: (timeout: Event, hearFirst?: () => void) => void;
  readonly state: () => State;
}

/** Events that may wait while one is handled: a burst of answers, never a packet flood. */
const MAILBOX_LIMIT = 4096;

/** An alarm later than this is told: well above what a busy machine shows, well below any protocol timer's slack. */
const LATE_ALARM = 100_000;

export function createDriver<State, Event extends { readonly type: string }, Effect, Note>(
  options: DriverOptions<State, Event, Effect, Note>,
): Driver<State, Event> {
  const { machine, clock, alarm, perform, tell, record } = options;
  let state = machine.initial(options.seed);
  let armed: Micros | undefined;

  const deliver = createMailbox<Event>(
    (event) => {
      const now = clock.now();
      record?.(event, now);
      const step = machine.step(state, event, now);
      state = step.state;
      for (const note of step.notes) tell(note);
      for (const effect of step.effects) perform(effect);
      const deadline = machine.deadline(state);
      if (deadline !== armed) alarm.set(deadline);
      armed = deadline;
    },
    { limit: MAILBOX_LIMIT, onOverflow: (event) => tell({ type: 'mailboxOverflow', event: event.type }) },
  );

  return {
    deliver,
    state: () => state,
    expire: (timeout, hearFirst) => {
      const lateness = armed === undefined ? 0 : clock.now() - armed;
      if (lateness > LATE_ALARM) tell({ type: 'alarmLate', lateness: lateness as Micros });
      hearFirst?.();
      // A fired alarm is spent: an equal deadline must be set again.
      armed = undefined;
      deliver(timeout);
    },
  };
}
