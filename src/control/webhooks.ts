/** All webhooks of a control process: what is posted where, and who is told how it goes. */

import { openPoster } from '../io/poster.js';
import type { ControlEvent } from './status.js';
import { createWebhookSender } from './webhook.js';
import type { Webhook, WebhookNote, WebhookSender } from './webhook.js';

export interface Webhooks {
  /** These hold from now on, instead of those before; `events` are those that are known already. */
  readonly configure: (webhooks: readonly Webhook[], events: readonly ControlEvent[]) => void;
  readonly hear: (events: readonly ControlEvent[]) => void;
  /** One more attempt each; calls back when all have ended, which is for the caller to limit. */
  readonly finish: (done: () => void) => void;
}

export interface WebhooksOptions {
  /** `index` is the place in the configuration. */
  readonly onDone: (index: number, id: number) => void;
  /** `origin` is where, without what might be a secret in the URL. */
  readonly tell: (origin: string, note: WebhookNote) => void;
}

export function createWebhooks({ onDone, tell }: WebhooksOptions): Webhooks {
  let senders: readonly { readonly sender: WebhookSender; readonly close: () => void }[] = [];
  const open = (webhook: Webhook, index: number): (typeof senders)[number] => {
    const { url, authorities, timeout } = webhook;
    const { origin } = new URL(url);
    const poster = openPoster({ timeout: timeout * 1_000, ...(authorities === undefined ? {} : { authorities }) });
    const sender = createWebhookSender(webhook, {
      post: (headers, body) => poster.post(url, { 'User-Agent': 'holdfast', ...headers }, body),
      onDone: (id) => onDone(index, id),
      tell: (note) => tell(origin, note),
      now: () => Date.now(),
      after: (delay, due) => {
        const timer = setTimeout(due, delay);
        return () => clearTimeout(timer);
      },
    });
    return { sender, close: poster.close };
  };
  return {
    configure: (webhooks, events) => {
      for (const { sender, close } of senders) {
        sender.drop();
        close();
      }
      senders = webhooks.map(open);
      for (const { sender } of senders) sender.hear(events);
    },
    hear: (events) => {
      for (const { sender } of senders) sender.hear(events);
    },
    finish: (done) => {
      let left = senders.length;
      if (left === 0) done();
      for (const { sender } of senders) {
        sender.finish(() => {
          left -= 1;
          if (left === 0) done();
        });
      }
    },
  };
}
