/**
 * What the control process is told of webhooks: root reads their secrets here, and they go through the channel alone. It
 * remembers how far each has come, so that another control process goes on from there.
 */

import { readFileSync } from 'node:fs';

import type { WebhookConfig } from '../../conf/model.js';
import type { Webhook } from '../../control/webhook.js';
import { errorCodeOf } from '../../io/files/files.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

export interface WebhookBook {
  /** From now on; `lastEvent` is the newest event, and what came before a webhook is not for it, unless it was there at the start. */
  readonly configure: (configs: readonly WebhookConfig[], director: string, lastEvent: number) => void;
  readonly list: () => readonly Webhook[];
  readonly done: (index: number, id: number) => void;
}

export function createWebhookBook(tell: (note: LifecycleNote) => void): WebhookBook {
  let webhooks: readonly Webhook[] = [];
  let keys: readonly string[] = [];
  const positions = new Map<string, number>();
  return {
    configure: (configs, director, lastEvent) => {
      const read = configs.flatMap((config) => {
        const webhook = readWebhook(config, director, tell);
        return webhook === undefined ? [] : [{ key: JSON.stringify(config), webhook }];
      });
      keys = read.map(({ key }) => key);
      webhooks = read.map(({ webhook }) => webhook);
      for (const key of keys) positions.set(key, positions.get(key) ?? lastEvent);
    },
    list: () => webhooks.map((webhook, i) => ({ ...webhook, after: positions.get(keys[i] ?? '') ?? 0 })),
    done: (index, id) => {
      const key = keys[index];
      if (key !== undefined) positions.set(key, Math.max(id, positions.get(key) ?? 0));
    },
  };
}

/** Undefined, and told, when a file it needs cannot be read. */
function readWebhook({ secretUrl, urlFile, secretFile, authorities, events, timeout, batch, retry }: WebhookConfig, director: string, tell: (note: LifecycleNote) => void): Webhook | undefined {
  let path = '';
  const read = (file: string): string => {
    path = file;
    return readFileSync(file, 'utf8');
  };
  const firstLine = (file: string): string => /^.*/.exec(read(file))?.[0]?.trim() ?? '';
  try {
    const address = secretUrl ?? firstLine(urlFile ?? '');
    if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
      tell({ type: 'webhookUnusable', reason: `${path} holds no URL` });
      return undefined;
    }
    return {
      url: address,
      director,
      events,
      timeout,
      batch,
      retry,
      after: 0,
      ...(secretFile === undefined ? {} : { secret: firstLine(secretFile) }),
      ...(authorities === undefined ? {} : { authorities: read(authorities) }),
    };
  } catch (error) {
    tell({ type: 'webhookUnusable', reason: `${path} cannot be read (${errorCodeOf(error)})` });
    return undefined;
  }
}
