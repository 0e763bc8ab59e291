/** What the processes of the daemon have told of late, in one order, for a control process that comes or comes back. */

import type { FeedEvent, NumberedEvent, Speaker } from '../../control/feed.js';

/** Events that are kept. */
export const EVENTS_KEPT = 2_000;

export interface EventLog {
  /** `lost` more were too many to be passed on. */
  readonly add: (from: Speaker, events: readonly FeedEvent[], lost: number) => void;
  /** The oldest `most` of those after `id` that are kept. */
  readonly after: (id: number, most: number) => readonly NumberedEvent[];
  readonly lastId: () => number;
}

export function createEventLog(): EventLog {
  let kept: NumberedEvent[] = [];
  let lastId = 0;
  return {
    add: (from, events, lost) => {
      const all = lost === 0 ? events : [...events, lostEvents(lost)];
      for (const event of all) {
        lastId += 1;
        kept.push({ id: lastId, from, ...event });
      }
      if (kept.length > 2 * EVENTS_KEPT) kept = kept.slice(-EVENTS_KEPT);
    },
    lastId: () => lastId,
    after: (id, most) => {
      const first = Math.max(kept.length - EVENTS_KEPT, kept.length - (lastId - id), 0);
      return kept.slice(first, first + most);
    },
  };
}

function lostEvents(lost: number): FeedEvent {
  const text = `${lost} event${lost === 1 ? '' : 's'} not sent: too many at once`;
  return { time: Date.now(), level: 'warn', event: 'eventsLost', text, fields: { lost } };
}
