/** The events of late, kept for those who come later. */

import type { NumberedEvent } from './feed.js';
import { isoTime } from './picture-time.js';
import type { ControlEvent } from './status.js';

/** Events. */
const MOST = 2_000;

export interface RecordedEvents {
  /** In the supervisor's order; answers them in the API's form. */
  readonly add: (events: readonly NumberedEvent[]) => readonly ControlEvent[];
  /** Those after `id`, as far as they are kept, oldest first. */
  readonly after: (id: number) => readonly ControlEvent[];
  readonly lastId: () => number;
}

export function createRecordedEvents(): RecordedEvents {
  let kept: readonly ControlEvent[] = [];
  return {
    add: (events) => {
      const fresh = events.map(({ from, time, ...event }) => ({ ...event, time: isoTime(time), process: from }));
      kept = [...kept, ...fresh].slice(-MOST);
      return fresh;
    },
    after: (id) => kept.filter((event) => event.id > id),
    lastId: () => kept.at(-1)?.id ?? 0,
  };
}
