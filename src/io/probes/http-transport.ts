/** One HTTP question and what may come back, whoever carries it. Deadlines are the prober's (http.ts), not the carriers'. */

import type { Micros } from '../../base/time.js';
import type { ProbeSpec } from '../../health/config-check.js';
import type { ProbeFailure, Verdict } from '../../health/events.js';
import { type HttpReply, judgeHttp } from '../../health/verdict.js';
import type { BodySearch } from './body-search.js';
import type { ConnectStep } from './connect-engine.js';
import { errorCodeOf } from '../files/files.js';
import { connectVerdict } from './failure.js';
import type { ReadingBudget } from './reading-budget.js';
import { TlsMaterialError } from './tls-client.js';

export type HttpQuestion = Extract<ProbeSpec, { type: 'http' }>;

/** How far an exchange has come: decides what running out of time is called. */
export type HttpPhase = 'connected' | 'asked' | 'answering';

export type HttpOutcome =
  | { readonly type: 'replied'; readonly reply: HttpReply }
  | { readonly type: 'failed'; readonly failure: ProbeFailure }
  /** `code` is the errno's name. */
  | { readonly type: 'unconnected'; readonly step: ConnectStep; readonly code: string };

export interface HttpEvents {
  /** Something moved: connect_timeout starts anew. Called for every piece of the answer. */
  readonly onProgress: (phase: HttpPhase) => void;
  /** At most once, and not after abort(). */
  readonly onOutcome: (outcome: HttpOutcome) => void;
  /** Hears all of the answer of an exchange by bytes; `chunk` is not to be kept. */
  readonly onBytes?: (chunk: Buffer) => void;
  /** Takes the body in, if it is to be searched. */
  readonly search?: BodySearch | undefined;
  /** Says how fast a long body may come. */
  readonly budget?: ReadingBudget | undefined;
}

export interface HttpExchange {
  /** Closes the connection. Nothing is reported afterwards. */
  readonly abort: () => void;
}

/**
 * What a reply may cost. The head is what undici and Node allow. A body that nobody judges is read to its end as
 * keepalived does, but a page that never ends has said enough after a mebibyte. A digest needs the whole body; a search
 * for a pattern holds a little of it at a time (body-search.ts). JSON is held as a whole: a thousand servers that never
 * stop sending must fit into memory.
 */
export const REPLY_LIMIT = { head: 16 * 1024, unjudgedBody: 1024 * 1024, searchedBody: 16 * 1024 * 1024, digestedBody: 64 * 1024 * 1024, jsonBody: 64 * 1024 } as const;

/** keepalived's name for itself. */
export const USER_AGENT = 'KeepAliveClient';

/** The virtual host without port; without one the address that is connected to, in brackets if IPv6, with its port. */
export function hostOf({ url, connection }: HttpQuestion): string {
  if (url.virtualHost !== undefined) return url.virtualHost;
  const { address, port } = connection;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The same outcome; a reply also says how many days the certificate has. */
export function withCertificate(outcome: HttpOutcome, certificateDays: number | undefined): HttpOutcome {
  if (outcome.type !== 'replied' || certificateDays === undefined) return outcome;
  return { type: 'replied', reply: { ...outcome.reply, certificateDays } };
}

/** What it means that the connection broke in this phase; without an error it was closed. */
export function brokenIn(phase: HttpPhase | 'connecting', error: Error | undefined): HttpOutcome {
  const code = error === undefined ? 'ECONNRESET' : errorCodeOf(error);
  switch (phase) {
    case 'connecting':
      return { type: 'unconnected', step: 'connect', code };
    case 'connected':
      return { type: 'failed', failure: { type: 'tlsFailed', detail: code } };
    case 'asked':
      return { type: 'failed', failure: { type: code === 'EPIPE' ? 'sendFailed' : 'readFailed' } };
    case 'answering':
      return { type: 'failed', failure: { type: 'readFailed' } };
  }
}

/** Why a connection could not be secured before TLS began: our own files, or a server name that Node does not take. */
export function notSecured(error: unknown): HttpOutcome {
  if (error instanceof TlsMaterialError) return { type: 'unconnected', step: 'socket', code: error.code };
  return { type: 'failed', failure: { type: 'tlsFailed', detail: errorCodeOf(error) } };
}

function withText(reply: HttpReply): HttpReply {
  try {
    return { ...reply, bodyText: new TextDecoder('utf-8', { fatal: true }).decode(reply.body) };
  } catch {
    return reply;
  }
}

export function verdictOn(outcome: HttpOutcome, question: HttpQuestion, latency: Micros): Verdict {
  switch (outcome.type) {
    case 'replied':
      return judgeHttp(question.url.json === undefined ? outcome.reply : withText(outcome.reply), question.url, latency);
    case 'failed':
      return { type: 'failed', failure: outcome.failure, latency };
    case 'unconnected':
      return connectVerdict(outcome.step, outcome.code, latency);
  }
}
