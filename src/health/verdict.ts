/** From what a web server answered to a verdict. It reads bytes it is given and opens nothing. */

import { decoded, undecodable } from '../base/decoded.js';
import { given } from '../base/given.js';
import type { Decoded } from '../base/decoded.js';
import type { ProgramEnding } from '../base/program-ending.js';
import type { Micros } from '../base/time.js';
import type { BodyPattern, HttpUrl, StatusCodeRange } from './config-check.js';
import type { ProbeFailure, SearchOutcome, Verdict } from './events.js';
import { judgeJson } from './json-path.js';

/** A whole reply, read to the end of the connection. */
export interface HttpReply {
  readonly status: number;
  /** MD5 of everything behind the head, 32 lower-case hex digits; asked for only if the url has a digest. */
  readonly bodyDigest?: string;
  /** What followed the head, asked for only if the url looks at JSON. */
  readonly body?: Uint8Array;
  /** The same as UTF-8, asked for only if the url looks at JSON; absent when it is none. */
  readonly bodyText?: string;
  /** There was more of it than is looked at. */
  readonly bodyCut?: boolean;
  /** Whole days that the certificate is valid; absent without TLS. */
  readonly certificateDays?: number;
}

const DEFAULT_STATUS: readonly StatusCodeRange[] = [{ from: 200, to: 299 }];

/** The status code first, then the digest, then the JSON. Without status codes in the configuration any 2xx will do. */
export function judgeHttp(reply: HttpReply, url: HttpUrl, latency: Micros): Verdict {
  const wanted = url.statusCodes.length === 0 ? DEFAULT_STATUS : url.statusCodes;
  if (!wanted.some(({ from, to }) => reply.status >= from && reply.status <= to)) {
    return { type: 'failed', failure: { type: 'statusCode', status: reply.status }, latency };
  }
  if (url.digest !== undefined && reply.bodyDigest !== url.digest) {
    return { type: 'failed', failure: { type: 'digest', digest: reply.bodyDigest ?? '' }, latency };
  }
  if (url.json !== undefined) {
    const failure: ProbeFailure | undefined = reply.bodyCut === true ? { type: 'unexpected', detail: 'the JSON is too long' } : judgeJson(url.json, reply.bodyText);
    if (failure !== undefined) return { type: 'failed', failure, latency };
  }
  return { type: 'passed', latency, ...given({ certificateDays: reply.certificateDays }) };
}

/**
 * Looked at when status code and digest are as wanted. Of a body that was cut only what has been found is known. A search that
 * was given up, and a body that is not text, prove nothing: that fails whatever was wanted.
 */
export function judgeBody(outcome: SearchOutcome, { mustNotMatch }: BodyPattern, cut: boolean): ProbeFailure | undefined {
  const passes = mustNotMatch ? outcome === 'missing' && !cut : outcome === 'found';
  return passes ? undefined : { type: 'pattern', outcome };
}

/**
 * Status code from the first line (`WORD CODE ...`: keepalived takes `ICY 200` for an answer too), body behind the first
 * blank line, as they came: chunked bodies are not put together. Lines may end in LF alone. A reply without a blank line
 * broke off in its head and is malformed.
 */
export function splitHttpReply(
  bytes: Uint8Array,
): Decoded<{ readonly status: number; readonly body: Uint8Array }, 'noData' | 'malformedReply'> {
  if (bytes.length === 0) return undecodable('noData');
  const status = statusOf(bytes.subarray(0, 64));
  const start = bodyStart(bytes);
  if (status === undefined || start === undefined) return undecodable('malformedReply');
  return decoded({ status, body: bytes.subarray(start) });
}

/** MISC_CHECK: 0 passes; with misc_dynamic everything above 1 passes too and says what the weight shall be. */
export function judgeProgram(ending: ProgramEnding, dynamic: boolean, latency: Micros): Verdict {
  if (ending.type === 'exited') {
    if (ending.status === 0) return { type: 'passed', latency };
    if (dynamic && ending.status > 1) return { type: 'passed', latency, weight: ending.status - 2 };
  }
  return { type: 'failed', failure: { type: 'program', ending }, latency };
}

/** A word, blanks, three digits, and something that ends a word. */
function statusOf(line: Uint8Array): number | undefined {
  let at = 0;
  while (at < line.length && !isSpace(line[at])) at += 1;
  const wordEnd = at;
  while (line[at] === BLANK) at += 1;
  if (wordEnd === 0 || at === wordEnd || !isSpace(line[at + 3])) return undefined;
  let status = 0;
  for (const digit of [line[at], line[at + 1], line[at + 2]]) {
    if (digit === undefined || digit < ZERO || digit > ZERO + 9) return undefined;
    status = status * 10 + digit - ZERO;
  }
  return status;
}

const ZERO = 48;
const BLANK = 32;
const NO_BREAK_SPACE = 160;

function isSpace(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 9 && byte <= 13) || byte === BLANK || byte === NO_BREAK_SPACE);
}

function bodyStart(bytes: Uint8Array): number | undefined {
  const LF = 10;
  const CR = 13;
  for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, end + 1)) {
    if (bytes[end + 1] === LF) return end + 2;
    if (bytes[end + 1] === CR && bytes[end + 2] === LF) return end + 3;
  }
  return undefined;
}
