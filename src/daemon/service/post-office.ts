/** The webhooks of the daemons that feed a control service: each has its own, and its own count of what they have got. */

import type { ControlReport, Feed } from '../../control/feed.js';
import { createRecordedEvents } from '../../control/recorded-events.js';
import { createWebhooks } from '../../control/webhooks.js';
import type { Webhooks } from '../../control/webhooks.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import { webhookNote } from '../feed/webhook-note.js';

export interface PostOffice {
  /** For one connection of a daemon. */
  readonly open: (report: (report: ControlReport) => void) => { readonly hear: (feed: Feed) => void; readonly close: () => void };
  /** Calls back when nothing is on its way any more. */
  readonly finish: (done: () => void) => void;
}

export function createPostOffice(tell: (note: LifecycleNote) => void): PostOffice {
  const open = new Set<Webhooks>();
  let onEmpty: (() => void) | undefined;
  const close = (webhooks: Webhooks): void =>
    webhooks.finish(() => {
      open.delete(webhooks);
      if (open.size === 0) onEmpty?.();
    });
  return {
    open: (report) => {
      // The daemon tells all it keeps once more to each connection.
      const recorded = createRecordedEvents();
      const webhooks = createWebhooks({
        onDone: (webhook, id) => report({ type: 'posted', webhook, id }),
        tell: (webhook, note) => tell(webhookNote(webhook, note)),
      });
      open.add(webhooks);
      return {
        hear: (feed) => {
          if (feed.type === 'webhooks') webhooks.configure(feed.webhooks, recorded.after(0));
          else if (feed.type === 'events') webhooks.hear(recorded.add(feed.events));
        },
        close: () => close(webhooks),
      };
    },
    finish: (done) => {
      onEmpty = done;
      if (open.size === 0) done();
      else for (const webhooks of open) close(webhooks);
    },
  };
}
