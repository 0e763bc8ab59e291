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
  /** Changes to the packet filter that were put right, as many as were ever told; nothing when there were none. */
  readonly repairs: () => { readonly filterRepairs?: number };
}

export function createRecordedEvents(): RecordedEvents {
  let kept: readonly ControlEvent[] = [];
  let filterRepairs = 0;
  return {
    add: (events) => {
      const fresh = events.map(({ from, time, ...event }) => ({ ...event, time: isoTime(time), process: from }));
      for (const { event, fields } of fresh) if (event === 'filterRepaired') filterRepairs += Number(fields['count']);
      kept = [...kept, ...fresh].slice(-MOST);
      return fresh;
    },
    after: (id) => kept.filter((event) => event.id > id),
    repairs: () => (filterRepairs === 0 ? {} : { filterRepairs }),
    lastId: () => kept.at(-1)?.id ?? 0,
  };
}
