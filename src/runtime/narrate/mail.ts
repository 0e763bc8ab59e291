/** Log sentences about alert mails, keepalived's where it has one. */

import type { LogEntry } from '../../base/log.js';
import { entry } from './entry.js';
import type { MailOutcome } from '../ports.js';

/** `server` is `[HOST]:PORT`. */
export function narrateMail(outcome: MailOutcome, server: string, subject: string): LogEntry {
  if (outcome.type === 'sent') return entry('mailSent', 'SMTP alert successfully sent.', { server, subject });
  const { code, status } = outcome;
  const fields = { server, subject, code, ...(status === undefined ? {} : { status }) };
  return entry('mailFailed', failureText(outcome, server), fields, 'warn');
}

/** `after`: seconds until the next attempt; undefined = there is none any more. */
export function narrateRetry(subject: string, after: number | undefined): LogEntry {
  if (after === undefined) return entry('mailGivenUp', `SMTP alert not delivered, given up: ${subject}`, { subject }, 'warn');
  return entry('mailDelayed', `SMTP alert not delivered, trying again in ${after} s: ${subject}`, { subject, after });
}

function failureText({ code, command, status, reason }: Extract<MailOutcome, { readonly type: 'failed' }>, server: string): string {
  if (reason !== undefined) return `SMTP connection ERROR to ${server}: ${reason}.`;
  if (status !== undefined) return `Error processing ${command ?? 'SMTP'} cmd on SMTP server ${server}. SMTP status code = ${status}`;
  if (code === 'ETIMEDOUT') return `Timeout connecting SMTP server ${server}.`;
  return `SMTP connection ERROR to ${server}.`;
}
