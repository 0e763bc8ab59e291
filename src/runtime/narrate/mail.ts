/** Log sentences about alert mails, keepalived's where it has one. */

import type { LogEntry } from '../../base/log.js';
import { entry } from './entry.js';
import type { MailOutcome } from '../ports.js';

/** `server` is `[HOST]:PORT`. */
export function narrateMail(outcome: MailOutcome, server: string, subject: string): LogEntry {
  if (outcome.type === 'sent') return entry('mailSent', 'SMTP alert successfully sent.', { server, subject });
  const { code, command, status } = outcome;
  const fields = { server, subject, code, ...(status === undefined ? {} : { status }) };
  return entry('mailFailed', failureText(outcome, server, command, status), fields, 'warn');
}

function failureText({ code }: { readonly code: string }, server: string, command: string | undefined, status: number | undefined): string {
  if (status !== undefined) return `Error processing ${command ?? 'SMTP'} cmd on SMTP server ${server}. SMTP status code = ${status}`;
  if (code === 'ETIMEDOUT') return `Timeout connecting SMTP server ${server}.`;
  return `SMTP connection ERROR to ${server}.`;
}
