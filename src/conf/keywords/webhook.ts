/** webhook { } in global_defs, our own: programs elsewhere that are told of events by HTTP. */

import type { Word } from '../cst.js';
import type { Findings } from '../findings.js';
import { quote } from './arguments.js';
import { argument, custom, integer, nameOf, section, wholeSeconds, word } from './kinds.js';
import { all, blockTable } from './schema.js';

/** What `events` may say beside names of events. */
const LEVELS: readonly string[] = ['all', 'warn', 'error'];

const LONGEST_URL = 2_000;

function readUrl(url: Word, findings: Findings): string | undefined {
  if (/^https?:\/\/[^\s/?#@]+([/?][\x21-\x7e]*)?$/.test(url.text) && url.text.length <= LONGEST_URL) return url.text;
  const hint = 'write it like https://alerts.example.com/holdfast, without a user; what must stay secret belongs into secret_file or url_file';
  findings.report('badValue', url, 'url: http:// or https://, a host and printable characters are needed; the line is ignored', hint);
  return undefined;
}

export const webhook = blockTable('webhook', {
  url: custom({
    doc: 'Where events are posted to.',
    syntax: 'URL',
    default: 'what url_file holds',
    example: 'url https://alerts.example.com/holdfast',
    own: true,
    read(statement, { findings }) {
      const url = argument(statement, findings, 'ignored');
      return url === undefined ? undefined : readUrl(url, findings);
    },
  }),
  url_file: word({ doc: 'File whose first line is the URL, where that is a secret itself; without meaning beside url.', syntax: 'PATH', default: 'none', example: 'url_file /etc/keepalived/webhook-url', own: true }, 'ignored'),
  events: custom({
    doc: 'Which events: names as in holdfast events, warn or error for all of such a level and above, all.',
    default: 'stateChanged serverAdded serverRemoved quorumGained quorumLost warn',
    syntax: 'NAME...',
    example: 'events stateChanged error',
    own: true,
    read(statement, { findings }): readonly string[] | undefined {
      const [, ...names] = statement.words;
      const wrong = names.find(({ text }) => !/^[a-z][A-Za-z]*$/.test(text));
      if (names.length > 0 && wrong === undefined) return names.map(({ text }) => text);
      const fault = wrong === undefined ? 'no event is named' : `${quote(wrong.text)} is no name of an event`;
      findings.report('badValue', wrong ?? nameOf(statement), `events: ${fault}; the line is ignored`, `write names such as stateChanged, or one of ${LEVELS.join(', ')}`);
      return undefined;
    },
  }),
  secret_file: word(
    { doc: 'File whose first line signs what is posted: HMAC-SHA256 of time and body, in X-Holdfast-Signature.', syntax: 'PATH', default: 'not signed', example: 'secret_file /etc/keepalived/webhook-secret', own: true },
    'ignored',
  ),
  ca: word({ doc: 'PEM file with the authorities that may vouch for the server.', syntax: 'PATH', default: 'the public authorities that Node.js knows', example: 'ca /etc/ssl/certs/internal.pem', own: true }, 'ignored'),
  timeout: wholeSeconds({ doc: 'How long an answer may take.', default: '5', min: 1, max: 60, own: true }, 'lenient', 'ignored'),
  batch: integer({ doc: 'Events of so many seconds go in one request.', default: '1', unit: 's', min: 0, max: 3_600, own: true }, 'lenient', 'ignored'),
  retry: wholeSeconds({ doc: 'How long an event is kept for a server that does not take it; what is lost is counted in the next request.', default: '600', min: 0, max: 86_400, own: true }, 'lenient', 'ignored'),
});

export const webhookDefinitions = {
  webhook: all(
    section(
      {
        doc: 'Posts events as JSON to a URL, from a process without privileges.',
        default: 'none',
        example: 'webhook {\n  url https://alerts.example.com/holdfast\n}',
        own: true,
      },
      webhook,
    ),
  ),
} as const;
