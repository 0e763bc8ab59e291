/**
 * Who may ask over HTTP. Nobody knows there who is at the other end, and pages of any web site can send questions to
 * 127.0.0.1 from a browser on this machine: so a token is wanted, and the question must have been meant for this address.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Open: what holds no secret and what probes ask, who send no token. */
const OPEN: readonly string[] = ['/', '/livez', '/readyz'];

/** Wrong tokens within a second that are answered at once; from then on each is answered a second later. */
const MOST_WRONG = 5;
const WINDOW = 1_000;

export type Admission =
  /** `mayCommand`: the token was the one for commands. */
  | { readonly type: 'admitted'; readonly mayCommand: boolean }
  /** Without a token, to a path that needs none. */
  | { readonly type: 'stranger' }
  /** To be answered so, `delay` milliseconds later. */
  | { readonly type: 'refused'; readonly code: 401 | 403 | 421; readonly error: string; readonly delay: number };

export type Guard = (request: Pick<IncomingMessage, 'headers'>, path: string) => Admission;

export interface Tokens {
  readonly reading: string;
  /** Absent = commands are not taken over HTTP. */
  readonly commands?: string;
}

export function createGuard(tokens: Tokens, now: () => number = () => performance.now()): Guard {
  const reading = digestOf(tokens.reading);
  const commands = tokens.commands === undefined ? undefined : digestOf(tokens.commands);
  let wrong: readonly number[] = [];
  const wrongToken = (): Admission => {
    const at = now();
    wrong = [...wrong.filter((each) => at - each < WINDOW), at].slice(-MOST_WRONG - 1);
    return { type: 'refused', code: 401, error: 'a token is needed', delay: wrong.length > MOST_WRONG ? WINDOW : 0 };
  };
  return ({ headers }, path) => {
    if (!isLoopback(headers.host)) return { type: 'refused', code: 421, error: 'this is not that host', delay: 0 };
    if (!isFromHere(headers)) return { type: 'refused', code: 403, error: 'pages of other sites may not ask', delay: 0 };
    const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (given === undefined) return OPEN.includes(path) ? { type: 'stranger' } : { type: 'refused', code: 401, error: 'a token is needed', delay: 0 };
    const digest = digestOf(given);
    // Both are compared whatever the first says: the time tells nothing.
    const mayRead = timingSafeEqual(digest, reading);
    const mayCommand = commands !== undefined && timingSafeEqual(digest, commands);
    return mayRead || mayCommand ? { type: 'admitted', mayCommand } : wrongToken();
  };
}

/** Digests have one length, and comparing them says nothing about what is alike. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * RFC 9110 section 7.2. A name that a foreign site gave this address (DNS rebinding) is none of these; the port may be
 * another one, of a tunnel.
 */
function isLoopback(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

/** Sent by a browser for a page that did not come from here. Programs send neither header. */
export function isOfAnotherSite(headers: IncomingMessage['headers']): boolean {
  const isPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  return isPage && !(isLoopback(headers.host) && isFromHere(headers));
}

/** Origin (RFC 6454) and Sec-Fetch-Site (Fetch Metadata), where a browser sends them. */
function isFromHere({ origin, host, 'sec-fetch-site': site }: IncomingMessage['headers']): boolean {
  if (origin !== undefined && origin !== `http://${host ?? ''}`) return false;
  return site === undefined || site === 'same-origin' || site === 'none';
}
