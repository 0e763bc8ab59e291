/** What single health checks say, in keepalived's words. */

import type { LogEntry } from '../../base/log.js';
import { unreachable } from '../../base/unreachable.js';
import type { CheckType } from '../../health/config-check.js';
import type { ProbeFailure } from '../../health/events.js';
import type { HealthNote } from '../../health/notes.js';
import { entry } from './entry.js';
import { smtpFailureText } from '../smtp-text.js';

type CheckNote = Extract<HealthNote, { readonly check: unknown }>;
type Note<Type extends CheckNote['type']> = Extract<CheckNote, { readonly type: Type }>;

export function narrateCheck(note: CheckNote): LogEntry {
  const { server, virtualServer } = note;
  const fields = { server, virtualServer, check: note.check };
  switch (note.type) {
    case 'checkerActivated':
      return entry(note.type, `Activating healthchecker for service ${server} for VS ${virtualServer}`, fields);
    case 'checkerSuspended':
      return entry(note.type, `Suspending healthchecker for service ${server} for VS ${virtualServer}`, fields);
    case 'checkSucceeded': {
      return entry(note.type, successText(note), fields);
    }
    case 'probeFailed': {
      return entry(note.type, failureText(note), { ...fields, ...failureFields(note.failure) });
    }
    case 'checkFailed': {
      return entry(note.type, downText(note), { ...fields, retries: note.retries }, 'warn');
    }
    case 'urlPassed': {
      return entry(note.type, `${CRITERIA[note.criterion]} success to ${server} url(${note.path})`, { ...fields, path: note.path });
    }
    case 'certificateExpiring': {
      const { days } = note;
      const when = days < 0 ? `has been expired for ${-days} days` : `expires in ${days} days`;
      return entry(note.type, `Certificate of ${server} of VS ${virtualServer} ${when}`, { ...fields, days }, 'warn');
    }
    case 'probeRescheduled': {
      const text = rescheduledText(note);
      return entry(note.type, text, { ...fields, operation: note.operation, code: note.code }, 'warn');
    }
    default:
      return unreachable(note);
  }
}

function successText({ check, server, virtualServer, program }: Note<'checkSucceeded'>): string {
  if (check === 'MISC_CHECK') return `${programSubject({ server, virtualServer, program })} succeeded.`;
  if (check === 'SMTP_CHECK') return `Remote SMTP server ${server} succeed on service.`;
  const connection = CONNECTIONS[check];
  return connection === undefined ? `Remote Web server ${server} succeed on service.` : `${connection} connection to ${server} success.`;
}

const CRITERIA = { statusCode: 'HTTP status code', digest: 'MD5 digest', pattern: 'Regex match' } as const;

/** What is connected, in the sentences about a connection. */
const CONNECTIONS: Readonly<Partial<Record<CheckType, string>>> = {
  TCP_CHECK: 'TCP', UDP_CHECK: 'UDP', PING_CHECK: 'ICMP', GRPC_CHECK: 'gRPC', MYSQL_CHECK: 'MySQL', PGSQL_CHECK: 'PostgreSQL', REDIS_CHECK: 'Redis',
};

/** The checks that keepalived does not have name what was wrong. */
function ownReason(failure: ProbeFailure | undefined): string {
  switch (failure?.type) {
    case 'unexpected':
    case 'tlsFailed':
      return failure.detail;
    case 'statusCode':
      return `HTTP status ${failure.status}`;
    case 'refused':
      return 'connection refused';
    case 'connectTimeout':
    case 'readTimeout':
      return 'timeout';
    default:
      return 'connection failed';
  }
}

function failureText(note: Note<'probeFailed'>): string {
  const { check, failure, server, virtualServer } = note;
  const late = failure.type === 'connectTimeout' || failure.type === 'readTimeout';
  switch (check) {
    case 'TCP_CHECK':
      return `TCP connection to ${server} ${late ? 'timeout' : 'failed'}.`;
    case 'UDP_CHECK':
      return failure.type === 'otherReply' ? `UDP check to ${server} reply data mismatch.` : `UDP connection to ${server} failed.`;
    case 'PING_CHECK':
      return late ? `ICMP connection to address ${server} timeout.` : `ICMP connection to ${server} of ${virtualServer} failed.`;
    case 'SMTP_CHECK':
      return `SMTP_CHECK ${smtpFailureText(failure, server, note.target)}`;
    case 'GRPC_CHECK':
    case 'MYSQL_CHECK':
    case 'PGSQL_CHECK':
    case 'REDIS_CHECK':
      return `${check} on service ${server} failed: ${ownReason(failure)}.`;
    case 'DNS_CHECK':
      return `DNS_CHECK (${server}) ${dnsReason(failure, note.target)}`;
    case 'MISC_CHECK': {
      const { number = 0, of: allowed = 0 } = note.retry ?? {};
      const tail = number === 0 ? `, will do ${counted(allowed)}` : ` on retry ${number}/${allowed}`;
      return `${programSubject(note)} ${programFailure(failure, tail)}`;
    }
    default:
      return `${webFailureReason(failure, check === 'SSL_GET')} server ${server}.`;
  }
}

function downText({ check, failure, retries, server, virtualServer, program, target }: Note<'checkFailed'>): string {
  if (check === 'MISC_CHECK') {
    const end = retries === 0 ? ' with retry disabled' : ` after ${counted(retries)}`;
    return `${programSubject({ server, virtualServer, program })} ${programFailure(failure, end)}`;
  }
  const tail = retries === 0 ? '' : ` after ${retries} retries`;
  switch (check) {
    case 'SMTP_CHECK':
      return `SMTP_CHECK ${smtpFailureText(failure, server, target)}`;
    case 'DNS_CHECK':
      return `DNS_CHECK (${server}) ${failure === undefined ? 'connection error.' : dnsReason(failure, target)}${tail}`;
    case 'PING_CHECK':
      return `ICMP CHECK on service ${server}${retries === 0 ? '' : ` of ${virtualServer}`} failed${tail}.`;
    case 'GRPC_CHECK':
    case 'MYSQL_CHECK':
    case 'PGSQL_CHECK':
    case 'REDIS_CHECK':
      return `${check} on service ${server} failed${tail}: ${ownReason(failure)}.`;
    case 'TCP_CHECK':
    case 'UDP_CHECK':
      return `${check} on service ${server} failed${tail}.`;
    default:
      return `${check === 'HTTP_GET' ? 'HTTP_CHECK' : 'SSL_CHECK'} on service ${server} failed${tail}.`;
  }
}

function programSubject({ server, virtualServer, program = '' }: Pick<Note<'checkSucceeded'>, 'server' | 'virtualServer'> & { readonly program?: string | undefined }): string {
  return `Misc check for [${server} VS ${virtualServer}] by [${program}]`;
}

function counted(retries: number): string {
  return `${retries} ${retries === 1 ? 'retry' : 'retries'}`;
}

function programFailure(failure: ProbeFailure | undefined, tail: string): string {
  const ending = failure?.type === 'program' ? failure.ending : undefined;
  switch (ending?.type) {
    case 'exited':
      return `failed${tail} (exited with status ${ending.status}).`;
    case 'killed':
      return `failed${tail} (due to signal ${ending.signal}).`;
    case 'notStarted':
      return `failed${tail} (cannot be run: ${ending.reason}).`;
    case 'timedOut':
    case undefined:
      return `timed out${tail}.`;
  }
}

function dnsReason(failure: ProbeFailure, target = ''): string {
  switch (failure.type) {
    case 'readTimeout':
      return 'read timeout from socket';
    case 'dnsError':
      return `read error occurred. (rcode = ${failure.responseCode})`;
    case 'refused':
      return 'failed to read socket; errno 111 (Connection refused)';
    case 'hostUnreachable':
      return 'failed to read socket; errno 113 (No route to host)';
    case 'unreachable':
      return `network unreachable for ${target}`;
    case 'connectTimeout':
      return 'connection timeout.';
    case 'sendFailed':
      return 'failed to write socket.';
    case 'connectionFailed':
      return 'connection failure.';
    default:
      return 'connection error.';
  }
}

function webFailureReason(failure: ProbeFailure, overTls: boolean): string {
  switch (failure.type) {
    case 'refused':
    case 'hostUnreachable':
    case 'connectionFailed':
      return 'Connection failed';
    case 'unreachable':
      return 'HTTP/SSL_CHECK - network unreachable';
    case 'connectTimeout':
      return 'Timeout connecting';
    case 'tlsFailed':
      return 'SSL handshake/communication error connecting to';
    case 'sendFailed':
      return 'Cannot send get request to';
    case 'readFailed':
      return overTls ? 'SSL read error from' : 'Read error with';
    case 'readTimeout':
      if (overTls) return 'Timeout SSL read';
      return failure.begun === true ? 'Timeout HTTP read' : 'Timeout WEB read';
    case 'noData':
      return overTls ? 'SSL read error from' : 'Read, no data received from ';
    case 'malformedReply':
      return 'Read, no data received from ';
    case 'badBanner':
    case 'badHelo':
    case 'otherReply':
    case 'dnsError':
    case 'program':
    case 'statusCode':
      return 'HTTP status code error to';
    case 'digest':
      return 'MD5 digest error to';
    case 'pattern':
      return 'Regex match failed';
    case 'unexpected':
      return `Unexpected reply (${failure.detail}) from`;
    default:
      return unreachable(failure);
  }
}

function failureFields(failure: ProbeFailure): LogEntry['fields'] {
  switch (failure.type) {
    case 'tlsFailed':
    case 'unexpected':
      return { failure: failure.type, detail: failure.detail };
    case 'statusCode':
      return { failure: failure.type, status: failure.status };
    case 'digest':
      return { failure: failure.type, digest: failure.digest };
    case 'pattern':
      return { failure: failure.type, outcome: failure.outcome };
    case 'dnsError':
      return { failure: failure.type, responseCode: failure.responseCode };
    case 'program':
      return { failure: failure.type, ending: failure.ending.type };
    default:
      return { failure: failure.type };
  }
}

function rescheduledText({ check, operation }: Note<'probeRescheduled'>): string {
  if (check === 'SMTP_CHECK') {
    return `SMTP_CHECK ${operation === 'socket' ? 'connection failed to create socket' : 'socket bind failed'}. Rescheduling.`;
  }
  const connection = CONNECTIONS[check] ?? (check === 'DNS_CHECK' ? 'DNS' : undefined);
  switch (operation) {
    case 'socket':
      return `${connection === undefined ? 'WEB connection' : `${connection} connect`} fail to create socket. Rescheduling.`;
    case 'bind':
      // The full stop is missing in keepalived's sentence for web checks.
      return connection === undefined ? 'WEB socket bind failed. Rescheduling' : `${connection} socket bind failed. Rescheduling.`;
    default:
      return unreachable(operation);
  }
}
