/** What waits for the control process, which may be slow, stopped or gone: bounded, and never waited for. */

import type { Feed } from '../../control/feed.js';
import type { EventLog } from './event-log.js';

/** Events in one message. */
const BATCH = 200;

/** The way to a control process. */
export interface FeedChannel {
  readonly isOpen: () => boolean;
  /** Calls back when it has left. */
  readonly send: (feed: Feed, sent: () => void) => void;
}

/** One message on its way; of each key only the newest waits behind it, and events as long as they are kept. */
export interface FeedQueue {
  readonly put: (key: string, feed: Feed) => void;
  /** There may be something to send. */
  readonly work: () => void;
}

export function createFeedQueue(channel: FeedChannel, log: EventLog): FeedQueue {
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
    if (busy || !channel.isOpen()) return;
    const feed = next();
    if (feed === undefined) return;
    busy = true;
    channel.send(feed, () => {
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
