/**
 * The only loop: event in, one step of a machine, effects performed in order, notes told, the one alarm moved.
 * It holds the machine's state and what waits to be told; what an effect means is the caller's business.
 */

import type { Step } from '../base/step.js';
import { after, earliest, isDue, micros } from '../base/time.js';
import type { Clock, Micros } from '../base/time.js';
import { createMailbox } from './mailbox.js';
import { createOutbox } from './outbox.js';
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
  /** `at`: the instant of the event that the note belongs to. */
  readonly tell: (note: Note | DriverNote, at: Micros) => void;
  /** Called after each step that has notes, before anything of it is told or performed: for whoever must know even if this process ends in between. */
  readonly foretell?: (notes: readonly Note[], state: State) => void;
  /** Effects that are performed before anything is told, in their own order. Default: none is. */
  readonly isUrgent?: (effect: Effect) => boolean;
  /**
   * Asked after each event: more urgent work is at hand, so notes and effects that are not urgent wait, in their order, until an
   * event after which that is no longer so, but never longer than the answer. Undefined, and the default: nothing waits.
   */
  readonly holdsBack?: (state: State, event: Event) => Micros | undefined;
  /**
   * Asked when there is something to let out: for so long at a time, and as long a rest after it, so that events of the world are
   * heard in between. Undefined, and the default: all at once.
   */
  readonly lettingOut?: (state: State) => Micros | undefined;
  /** Called before each step: the event and its instant are all that replay needs. */
  readonly record: ((event: Event, now: Micros) => void) | undefined;
}

export interface Driver<State, Event> {
  readonly deliver: (event: Event) => void;
  /** To be called when the alarm fires. `hearFirst` delivers what is queued and must be known before a deadline is believed. */
  readonly expire: (timeout: Event, hearFirst?: () => void) => void;
  readonly state: () => State;
  /** Whether something waits to be told. */
  readonly isTelling: () => boolean;
}

/** Events that may wait while one is handled: a burst of answers, never a packet flood. */
const MAILBOX_LIMIT = 4096;

/** An alarm later than this is told: well above what a busy machine shows, well below any protocol timer's slack. */
const LATE_ALARM = 100_000;

export function createDriver<State, Event extends { readonly type: string }, Effect, Note>(
  options: DriverOptions<State, Event, Effect, Note>,
): Driver<State, Event> {
  const { machine, clock, alarm, perform, tell, record, foretell, isUrgent, holdsBack, lettingOut } = options;
  const outbox = createOutbox<Note | DriverNote, Effect, Micros>(tell, perform);
  let state = machine.initial(options.seed);
  let armed: Micros | undefined;
  let restUntil = micros(0);

  /** A bug ends the process: what has been done is told before. */
  const orTellFirst = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      outbox.empty();
      throw error;
    }
  };
  /** When to go on, if that was not all. */
  const letOut = (now: Micros): Micros | undefined => {
    if (outbox.since() === undefined) return undefined;
    const turn = lettingOut?.(state);
    if (turn === undefined) outbox.empty();
    else if (isDue(restUntil, now)) {
      const end = after(clock.now(), turn);
      outbox.empty(() => isDue(end, clock.now()));
      restUntil = after(clock.now(), turn);
    }
    return outbox.since() === undefined ? undefined : restUntil;
  };
  const handle = (event: Event): void => {
    const now = clock.now();
    record?.(event, now);
    const step = orTellFirst(() => machine.step(state, event, now));
    state = step.state;
    if (step.notes.length > 0) foretell?.(step.notes, state);
    const urgent = isUrgent === undefined ? [] : step.effects.filter(isUrgent);
    for (const effect of urgent) perform(effect);
    outbox.put(step.notes, urgent.length === 0 ? step.effects : step.effects.filter((effect) => isUrgent?.(effect) !== true), now);
    const heldSince = outbox.since();
    const span = holdsBack?.(state, event);
    const until = span === undefined || heldSince === undefined ? undefined : after(heldSince, span);
    const holds = until !== undefined && !isDue(until, now);
    const deadline = earliest(machine.deadline(state), holds ? until : letOut(now));
    if (deadline !== armed) alarm.set(deadline);
    armed = deadline;
  };
  const deliver = createMailbox<Event>(handle, {
    limit: MAILBOX_LIMIT,
    onOverflow: (event) => outbox.put([{ type: 'mailboxOverflow', event: event.type }], [], clock.now()),
  });

  return {
    deliver,
    state: () => state,
    isTelling: () => outbox.since() !== undefined,
    expire: (timeout, hearFirst) => {
      const now = clock.now();
      const lateness = armed === undefined ? 0 : now - armed;
      if (lateness > LATE_ALARM) outbox.put([{ type: 'alarmLate', lateness: lateness as Micros }], [], now);
      hearFirst?.();
      // A fired alarm is spent: an equal deadline must be set again.
      armed = undefined;
      deliver(timeout);
    },
  };
}
