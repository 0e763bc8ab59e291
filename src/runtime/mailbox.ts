/**
 * Run to completion: one event is handled at a time, and what arrives meanwhile waits its turn. It keeps no state of the
 * machine behind it and knows no event by name.
 */

export interface MailboxOptions<Event> {
  /** Events that may wait; at least 1. */
  readonly limit: number;
  /** Called once per event refused because `limit` others were waiting. Must not deliver. */
  readonly onOverflow: (event: Event) => void;
}

/** Handles `event` before returning, unless an event is being handled already: then it waits in order of arrival. */
export type Deliver<Event> = (event: Event) => void;

/**
 * A port that answers synchronously while an effect is performed cannot re-enter the machine: its answer is queued.
 * A handler that throws (a bug) empties the queue, so that nothing is handled on a half-changed state.
 */
export function createMailbox<Event>(handle: (event: Event) => void, options: MailboxOptions<Event>): Deliver<Event> {
  const queue: Event[] = [];
  let handled = 0;
  let busy = false;
  return (event) => {
    if (busy) {
      if (queue.length - handled < options.limit) queue.push(event);
      else options.onOverflow(event);
      return;
    }
    busy = true;
    try {
      handle(event);
      // The queue grows while it is walked: an event's effects may deliver more.
      for (const next of queue) {
        handled += 1;
        handle(next);
      }
    } finally {
      queue.length = 0;
      handled = 0;
      busy = false;
    }
  };
}
