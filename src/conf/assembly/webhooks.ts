/** webhook blocks, defaults applied. One without a URL is reported and left out. */

import { given } from '../../base/given.js';
import type { WebhookConfig } from '../model.js';
import type { Build } from './context.js';
import { judgeSecretFile } from './secret-file.js';

const DEFAULT_EVENTS: readonly string[] = ['stateChanged', 'serverAdded', 'serverRemoved', 'quorumGained', 'quorumLost', 'warn'];

export function buildWebhooks(build: Build): readonly WebhookConfig[] | undefined {
  const hooks = build.globals.webhook.flatMap(({ value: { values }, at }): readonly WebhookConfig[] => {
    const { url, url_file: urlFile, secret_file: secretFile, ca, events, timeout, batch, retry } = values;
    if (url === undefined && urlFile === undefined) {
      build.findings.report('badValue', at, 'webhook: there is neither url nor url_file; the block is ignored', 'write: url https://alerts.example.com/holdfast');
      return [];
    }
    if (url === undefined && urlFile !== undefined) judgeSecretFile(build, 'url_file', urlFile);
    if (secretFile !== undefined) judgeSecretFile(build, 'secret_file', secretFile);
    return [
      {
        events: events?.value ?? DEFAULT_EVENTS,
        timeout: timeout?.value ?? 5,
        batch: batch?.value ?? 1,
        retry: retry?.value ?? 600,
        ...given({ secretUrl: url?.value, urlFile: urlFile?.value, secretFile: secretFile?.value, authorities: ca?.value }),
      },
    ];
  });
  return hooks.length === 0 ? undefined : hooks;
}
