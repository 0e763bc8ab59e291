/** Alert mails in keepalived's words: subject (without the router's name in front) and body. Nothing is sent here. */

import { unreachable } from '../base/unreachable.js';
import type { CheckType } from '../health/config-check.js';
import type { MailCause, PoolEffect } from '../health/events.js';
import type { DirectorEffect, NotifyState } from '../vrrp/events.js';
import { smtpFailureText } from './smtp-text.js';

/** One mail to whoever operates the director. */
export interface Alert {
  readonly subject: string;
  readonly body: string;
}

type Notification = Extract<DirectorEffect, { readonly type: 'notify' }>;

export function vrrpAlert({ subject, name, state }: Notification): Alert {
  const what = subject === 'GROUP' ? 'VRRP Group' : 'VRRP Instance';
  return {
    subject: `${what} ${name} - ${stateHeading(state)}`,
    body: `=> ${subject === 'GROUP' ? groupBody(state) : instanceBody(state)} <=`,
  };
}

function stateHeading(state: NotifyState): string {
  if (state === 'STOP') return 'Stopping';
  return state === 'DELETED' ? 'Deleted' : `Entering ${state} state`;
}

function instanceBody(state: NotifyState): string {
  if (state === 'STOP') return 'VRRP Instance stopping';
  if (state === 'DELETED') return 'VRRP Deleted at reload';
  return state === 'MASTER' ? 'VRRP Instance is now owning VRRP VIPs' : 'VRRP Instance is no longer owning VRRP VIPs';
}

function groupBody(state: NotifyState): string {
  return state === 'STOP' ? 'VRRP Group stopping' : `All VRRP group instances are now in ${state} state`;
}

export function poolAlert({ server, virtualServer, up, cause }: Extract<PoolEffect, { readonly type: 'mail' }>): Alert {
  const what = server === undefined ? `Virtualserver ${virtualServer}` : `Realserver ${server} of virtual server ${virtualServer}`;
  return { subject: `${what} - ${up ? 'UP' : 'DOWN'}`, body: `=> ${causeText(cause, server ?? virtualServer)} <=` };
}

function causeText(cause: MailCause, subject: string): string {
  switch (cause.type) {
    case 'checkPassed':
    case 'checkFailed':
      return checkText(cause, subject);
    case 'removed':
      return 'Removing';
    case 'stopped':
      return 'Shutting down';
    case 'quorumGained':
      return `Gained quorum ${cause.quorum}+${cause.hysteresis}=${cause.threshold} <= ${cause.weight}`;
    case 'quorumLost':
      return `Lost quorum ${cause.quorum}-${cause.hysteresis}=${cause.threshold} > ${cause.weight}`;
    case 'quorumDownAtStart':
      return `Starting with quorum down ${cause.quorum}-${cause.hysteresis}=${cause.threshold} > ${cause.weight}`;
    default:
      return unreachable(cause);
  }
}

function checkText({ type, check, failure, target }: Extract<MailCause, { readonly check: CheckType }>, subject: string): string {
  const passed = type === 'checkPassed';
  switch (check) {
    case 'SMTP_CHECK':
      return passed ? 'CHECK succeed on service' : `CHECK failed on service : ${smtpFailureText(failure, subject, target)}`;
    case 'HTTP_GET':
    case 'SSL_GET':
      return passed ? 'CHECK succeed on service' : 'CHECK failed on service : HTTP/SSL request failed';
    case 'DNS_CHECK':
      return `DNS_CHECK: ${passed ? 'succeed' : 'failed'} on service`;
    default:
      return `${NAMES[check] ?? check} CHECK ${passed ? 'succeed' : 'failed'} on service`;
  }
}

/** Where the mail names the check otherwise than the configuration does. */
const NAMES: Readonly<Partial<Record<CheckType, string>>> = { TCP_CHECK: 'TCP', UDP_CHECK: 'UDP', PING_CHECK: 'ICMP', MISC_CHECK: 'MISC' };
