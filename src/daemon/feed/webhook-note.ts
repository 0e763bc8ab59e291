/** What a control process tells of its webhooks. */

import type { WebhookNote } from '../../control/webhook.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

/** `webhook`: where it goes, without what might be a secret. */
export function webhookNote(webhook: string, note: WebhookNote): LifecycleNote {
  switch (note.type) {
    case 'failing':
      return { type: 'webhookFailing', webhook, reason: note.reason };
    case 'works':
      return { type: 'webhookWorks', webhook, lost: note.lost };
    default:
      return { type: 'webhookRefused', webhook, status: note.status, count: note.count };
  }
}
