/**
 * Posts JSON by undici. Every option that could send it elsewhere or keep it waiting is set here: no proxy of the environment,
 * no redirects, no limit but the caller's. What an answer says is not read.
 */

import { errorCodeOf } from './files/files.js';

export interface PosterOptions {
  /** PEM; absent = public authorities. */
  readonly authorities?: string;
  /** From the beginning to the end of the answer's head, milliseconds. */
  readonly timeout: number;
}

export type PostOutcome =
  | { readonly type: 'answered'; readonly status: number }
  /** Nobody answered; `reason` as the system or the HTTP library names it. */
  | { readonly type: 'failed'; readonly reason: string };

export interface Poster {
  /** Never rejects. */
  readonly post: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<PostOutcome>;
  /** What is under way fails. */
  readonly close: () => void;
}

/** Loads undici on first use. */
export function openPoster({ authorities, timeout }: PosterOptions): Poster {
  const closing = new AbortController();
  return {
    post: async (url, headers, body) => {
      try {
        const {
          default: { Agent, request },
        } = await import('undici');
        const dispatcher = new Agent({
          connections: 1,
          pipelining: 0,
          maxHeaderSize: 16_384,
          headersTimeout: timeout,
          bodyTimeout: timeout,
          connect: { timeout, ...(authorities === undefined ? {} : { ca: authorities }) },
        });
        try {
          const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeout)]);
          const { statusCode, body: answer } = await request(url, { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body, dispatcher, signal });
          answer.on('error', () => undefined).destroy();
          return { type: 'answered', status: statusCode };
        } finally {
          void dispatcher.destroy();
        }
      } catch (error) {
        const { name, code } = Object(error) as { readonly name?: unknown; readonly code?: unknown };
        if (name === 'TimeoutError') return { type: 'failed', reason: 'no answer in time' };
        return { type: 'failed', reason: typeof code === 'string' ? code : errorCodeOf(error) };
      }
    },
    close: () => closing.abort(),
  };
}
