/** What single health checks say, in keepalived's words. */

import type { LogEntry } from '../base/log.js';
import { unreachable } from '../base/unreachable.js';
import type { ProbeFailure } from '../health/events.js';
import type { HealthNote } from '../health/notes.js';
import { entry } from './narrate-entry.js';

type CheckNote = Extract<HealthNote, { readonly check: unknown }>;
type Note<Type extends CheckNote['type']> = Extract<CheckNote, { readonly type: Type }>;

export function narrateCheck(note: CheckNote): LogEntry {
  const { server, virtualServer } = note;
  const fields = { server, virtualServer, check: note.check };
  switch (note.type) {
    case 'checkerActivated':
      return entry(note.type, `Activating healthchecker for service ${server} for VS ${virtualServer}`, fields);
    case 'checkSucceeded': {
      const text =
        note.check === 'TCP_CHECK' ? `TCP connection to ${server} success.` : `Remote Web server ${server} succeed on service.`;
      return entry(note.type, text, fields);
    }
    case 'probeFailed': {
      const text = note.check === 'TCP_CHECK' ? tcpFailureText(note) : webFailureText(note);
      return entry(note.type, text, { ...fields, ...failureFields(note.failure) });
    }
    case 'checkFailed': {
      const name = { TCP_CHECK: 'TCP_CHECK', HTTP_GET: 'HTTP_CHECK', SSL_GET: 'SSL_CHECK' }[note.check];
      const tail = note.retries === 0 ? '' : ` after ${note.retries} retries`;
      return entry(note.type, `${name} on service ${server} failed${tail}.`, { ...fields, retries: note.retries }, 'warn');
    }
    case 'urlPassed': {
      const criterion = note.criterion === 'digest' ? 'MD5 digest' : 'HTTP status code';
      return entry(note.type, `${criterion} success to ${server} url(${note.path})`, { ...fields, path: note.path });
    }
    case 'probeRescheduled': {
      const text = rescheduledText(note);
      return entry(note.type, text, { ...fields, operation: note.operation, code: note.code }, 'warn');
    }
    default:
      return unreachable(note);
  }
}

function tcpFailureText({ server, failure }: Note<'probeFailed'>): string {
  return `TCP connection to ${server} ${failure.type === 'connectTimeout' ? 'timeout' : 'failed'}.`;
}

function webFailureText({ server, failure }: Note<'probeFailed'>): string {
  return `${webFailureReason(failure)} server ${server}.`;
}

function webFailureReason(failure: ProbeFailure): string {
  switch (failure.type) {
    case 'refused':
      return 'Error connecting';
    case 'unreachable':
      return 'HTTP/SSL_CHECK - network unreachable';
    case 'connectTimeout':
      return 'Timeout connecting';
    case 'connectionFailed':
      return 'Connection failed';
    case 'tlsFailed':
      return 'SSL handshake/communication error to';
    case 'sendFailed':
      return 'Cannot send get request to';
    case 'readFailed':
      return 'Read error with';
    case 'readTimeout':
      return 'Timeout HTTP read';
    case 'noData':
      return 'Read, no data received from ';
    case 'malformedReply':
    case 'statusCode':
      return 'HTTP status code error to';
    case 'digest':
      return 'MD5 digest error to';
    default:
      return unreachable(failure);
  }
}

function failureFields(failure: ProbeFailure): LogEntry['fields'] {
  switch (failure.type) {
    case 'tlsFailed':
      return { failure: failure.type, detail: failure.detail };
    case 'statusCode':
      return { failure: failure.type, status: failure.status };
    case 'digest':
      return { failure: failure.type, digest: failure.digest };
    default:
      return { failure: failure.type };
  }
}

function rescheduledText(note: Note<'probeRescheduled'>): string {
  const web = note.check !== 'TCP_CHECK';
  switch (note.operation) {
    case 'socket':
      return `${web ? 'WEB connection' : 'TCP connect'} fail to create socket. Rescheduling.`;
    case 'bind':
      // The full stop is missing in keepalived's sentence for web checks.
      return web ? 'WEB socket bind failed. Rescheduling' : 'TCP socket bind failed. Rescheduling.';
    default:
      return unreachable(note.operation);
  }
}
