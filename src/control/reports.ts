/** What a control service says to a daemon, read without trust in it. */

import type { ControlReport } from './feed.js';

/** The report, or undefined. */
export function readReport(message: object): ControlReport | undefined {
  const fields = message as Readonly<Record<string, unknown>>;
  switch (fields['type']) {
    case 'looked':
    case 'linksWanted':
      return { type: fields['type'] };
    case 'command':
      return typeof fields['id'] === 'number' ? { type: 'command', id: fields['id'], command: fields['command'] } : undefined;
    case 'asked':
      return { type: 'asked', request: fields['request'] };
    case 'posted': {
      const { webhook, id } = fields;
      return Number.isInteger(webhook) && Number.isInteger(id) ? { type: 'posted', webhook: webhook as number, id: id as number } : undefined;
    }
    default:
      return undefined;
  }
}
