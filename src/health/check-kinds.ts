/** How the kinds of checkers differ in the machine that they share. */

import type { Check, GrpcCheck, HttpCheck, ProbeSpec } from './config-check.js';
import type { ProbeFailure } from './events.js';
import { GRPC_HEALTH_PATH } from './grpc-health.js';
import { present } from '../base/invariant.js';
import { after, micros, seconds, type Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';

/**
 * keepalived bounds each step of a web check by the connect timeout and the whole by nothing, so a server that drips bytes
 * holds its checker for ever. Probes bound the steps; this many connect timeouts bound the whole.
 */
const WEB_CHECK_STEPS = 10;

/** Connection, and at most three answers (greeting, HELO and QUIT of a mail server), each bounded by the connect timeout. */
const TALK_STEPS = 4;

/** From TERM to KILL, and then some. */
const PROGRAM_END = seconds(4);

export function isWeb(check: Check): check is HttpCheck {
  return check.type === 'HTTP_GET' || check.type === 'SSL_GET';
}

function isDatabase({ type }: Check): boolean {
  return type === 'MYSQL_CHECK' || type === 'PGSQL_CHECK' || type === 'REDIS_CHECK';
}

/** The longest a probe may take. A program that is told to end needs time to do so. */
export function limitOf(check: Check): Micros {
  if (check.type === 'MISC_CHECK') return after(check.timeout, PROGRAM_END);
  return micros(check.connection.connectTimeout * stepsOf(check));
}

function stepsOf(check: Check): number {
  if (check.type === 'SMTP_CHECK' || isDatabase(check) || (check.type === 'TCP_CHECK' && check.exchange !== undefined)) return TALK_STEPS;
  return isWeb(check) || check.type === 'GRPC_CHECK' ? WEB_CHECK_STEPS : 1;
}

/** How many questions make up the whole check. */
export function questionsOf(check: Check): number {
  return isWeb(check) ? Math.max(1, check.urls.length) : 1;
}

/** What is said of a probe that did not answer by its deadline. */
export function silenceOf(check: Check): ProbeFailure {
  if (check.type === 'MISC_CHECK') return { type: 'program', ending: { type: 'timedOut' } };
  return { type: check.type === 'TCP_CHECK' ? 'connectTimeout' : 'readTimeout' };
}

/** One sentence names both the last failure and that the checker is down. */
export function namesLastFailure(check: Check): boolean {
  return check.type === 'DNS_CHECK' || check.type === 'MISC_CHECK' || check.type === 'SMTP_CHECK' || check.type === 'GRPC_CHECK' || isDatabase(check);
}

/** keepalived does not name an attempt that could not even begin. */
export function isSilent({ type }: Check, failure: ProbeFailure): boolean {
  return failure.type === 'unreachable' && (type === 'TCP_CHECK' || type === 'UDP_CHECK' || type === 'PING_CHECK');
}

/** keepalived goes through all attempts each time a mail server is asked, at its first run and when it is known to be down too. */
export function retriesAlways(check: Check): boolean {
  return check.type === 'SMTP_CHECK';
}

/** Whom the sentences about a check name beside the real server: the program that it runs, the mail or name server that it asks. */
export function askedBy(check: Check): { readonly program?: string; readonly target?: string } {
  if (check.type === 'MISC_CHECK') return { program: check.command.argv.join(' ') };
  if (check.type !== 'SMTP_CHECK' && check.type !== 'DNS_CHECK') return {};
  const { address, port } = check.connection;
  return { target: `[${address}]:${port}` };
}

/** keepalived says nothing of a DNS server that comes up. */
export function namesSuccess(check: Check): boolean {
  return check.type !== 'DNS_CHECK';
}

/** The question asked with this index; the index counts urls. */
export function questionOf(check: Check, index: number): ProbeSpec {
  switch (check.type) {
    case 'TCP_CHECK': {
      const { connection, exchange } = check;
      return exchange === undefined ? { type: 'tcp', connection } : { type: 'talk', connection, check: { ...check, exchange } };
    }
    case 'PING_CHECK':
      return { type: 'ping', connection: check.connection };
    case 'SMTP_CHECK':
    case 'MYSQL_CHECK':
    case 'PGSQL_CHECK':
    case 'REDIS_CHECK':
      return { type: 'talk', connection: check.connection, check };
    case 'UDP_CHECK':
      return { ...check, type: 'udp' };
    case 'DNS_CHECK':
      return { ...check, type: 'dns' };
    case 'MISC_CHECK':
      return { ...check, type: 'misc' };
    case 'GRPC_CHECK':
      return grpcQuestion(check);
    case 'HTTP_GET':
    case 'SSL_GET': {
      const serverName = check.serverNames[index];
      const { certificate, certificateNames: names = [] } = check;
      return {
        type: 'http',
        connection: check.connection,
        tls: check.type === 'SSL_GET',
        url: present(check.urls[index], 'a web check has at least one url'),
        protocol: check.protocol,
        ...(serverName === undefined ? {} : { serverName }),
        ...(check.http2 === undefined ? {} : { http2: check.http2 }),
        ...(certificate === undefined ? {} : { certificate: { ...certificate, name: names[index] ?? check.connection.address } }),
      };
    }
    default:
      return unreachable(check);
  }
}

function grpcQuestion({ connection, service, tls, host, certificate }: GrpcCheck): ProbeSpec {
  return {
    type: 'http',
    connection,
    tls,
    url: { path: GRPC_HEALTH_PATH, statusCodes: [], method: 'POST', ...(host === undefined ? {} : { virtualHost: host }) },
    protocol: '1.1',
    http2: true,
    grpcService: service,
    ...(host === undefined ? {} : { serverName: host }),
    ...(certificate === undefined ? {} : { certificate: { ...certificate, name: host ?? connection.address } }),
  };
}
