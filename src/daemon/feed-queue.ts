/** What waits for the control process, which may be slow, stopped or gone: bounded, and never waited for. */

import type { ChildProcess } from 'node:child_process';

import type { Feed } from '../control/feed.js';
import type { EventLog } from './event-log.js';

/** Events in one message. */
const BATCH = 200;

/** One message on its way; of each key only the newest waits behind it, and events as long as they are kept. */
export interface FeedQueue {
  readonly put: (key: string, feed: Feed) => void;
  /** There may be something to send. */
  readonly work: () => void;
}

export function createFeedQueue(forked: ChildProcess, log: EventLog): FeedQueue {
  const newest = new Map<string, Feed>();
  let lastId = 0;
  let busy = false;
  const next = (): Feed | undefined => {
    const events = log.after(lastId, BATCH);
    lastId = events.at(-1)?.id ?? lastId;
    if (events.length > 0) return { type: 'events', events };
    const [key] = newest.keys();
    if (key === undefined) return undefined;
    const feed = newest.get(key);
    newest.delete(key);
    return feed;
  };
  const work = (): void => {
    if (busy || !forked.connected) return;
    const feed = next();
    if (feed === undefined) return;
    busy = true;
    forked.send(feed, () => {
      busy = false;
      work();
    });
  };
  return {
    put: (key, feed) => {
      newest.set(key, feed);
      work();
    },
    work,
  };
}
