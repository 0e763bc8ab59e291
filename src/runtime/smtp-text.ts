/** Why a mail server failed, in the words that log lines and mails about SMTP_CHECK share. */

import type { ProbeFailure } from '../health/events.js';

/** `target`: who was asked, `[IP]:PORT`; default `server`, the real server as it is printed. No full stop. */
export function smtpFailureText(failure: ProbeFailure | undefined, server: string, target?: string): string {
  const own = server.replace(']:tcp:', ']:');
  const named = target ?? own;
  switch (failure?.type) {
    case 'badBanner':
      return `Bad greeting banner from server ${named}`;
    case 'badHelo':
      return `Bad HELO response from server ${named}`;
    case 'readTimeout':
      return `Read timeout from server ${named}`;
    case 'sendFailed':
      return `Write failure to server ${named}`;
    case 'connectTimeout':
      return `Connection timeout to server ${named}`;
    case 'unreachable':
      return `Network unreachable for server ${/^\[(.*)\]/.exec(named)?.[1] ?? named} - real server ${own}`;
    case 'refused':
    case 'hostUnreachable':
    case 'connectionFailed':
      return `Could not connect to server ${named}`;
    default:
      return `Read failure from server ${named}`;
  }
}
