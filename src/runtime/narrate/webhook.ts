/** Log sentences about webhooks: once when one fails, once when it works again. */

import type { LogEntry } from '../../base/log.js';
import { entry } from './entry.js';

/** `webhook` is where it goes, without what might be a secret. */
export type WebhookProcessNote =
  | { readonly type: 'webhookFailing'; readonly webhook: string; readonly reason: string }
  /** `lost` events were too old before it did. */
  | { readonly type: 'webhookWorks'; readonly webhook: string; readonly lost: number }
  /** The server wants none of these. */
  | { readonly type: 'webhookRefused'; readonly webhook: string; readonly status: number; readonly count: number }
  /** A file that it needs is not there. */
  | { readonly type: 'webhookUnusable'; readonly reason: string };

export function isWebhookNote(note: { readonly type: string }): note is WebhookProcessNote {
  return note.type.startsWith('webhook');
}

export function narrateWebhook(note: WebhookProcessNote): LogEntry {
  switch (note.type) {
    case 'webhookFailing': {
      const { webhook, reason } = note;
      return entry(note.type, `Webhook ${webhook} does not take events (${reason}); trying again`, { webhook, reason }, 'warn');
    }
    case 'webhookWorks': {
      const { webhook, lost } = note;
      return entry(note.type, `Webhook ${webhook} takes events again${lost === 0 ? '' : `, ${lost} were lost`}`, { webhook, lost });
    }
    case 'webhookRefused': {
      const { webhook, status, count } = note;
      return entry(note.type, `Webhook ${webhook} refuses ${count} event${count === 1 ? '' : 's'}: status ${status}`, { webhook, status, count }, 'warn');
    }
    default:
      return entry(note.type, `Webhook not used: ${note.reason}`, { reason: note.reason }, 'error');
  }
}
