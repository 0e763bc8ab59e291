/**
 * HTTP by bytes over a stream of Node: keepalived's request, and the reply as it comes to the end of the connection. Carries
 * what undici cannot (it always speaks HTTP/1.1, while keepalived's default is 1.0, and it puts chunked bodies together,
 * while keepalived's digests are made of the bytes on the wire) where TLS keeps it from the cheaper http-plain.ts.
 */

import type { Socket } from 'node:net';

import { errorCodeOf } from '../files.js';
import { HttpReplyReader } from './http-reply.js';
import { httpRequest } from './http-request.js';
import type { HttpEvents, HttpExchange, HttpOutcome, HttpPhase, HttpQuestion } from './http-transport.js';
import { openProbeStream, secureProbeStream } from './probe-stream.js';

export function exchangeHttp(question: HttpQuestion, events: HttpEvents): HttpExchange {
  const opened = openProbeStream(question.connection);
  if ('type' in opened) {
    events.onOutcome(opened);
    return { abort: () => undefined };
  }
  const exchange = new Exchange(question, events, opened);
  return {
    abort: () => {
      exchange.close();
    },
  };
}

class Exchange {
  readonly #question: HttpQuestion;
  readonly #events: HttpEvents;
  readonly #reader: HttpReplyReader;
  readonly #streams: Socket[] = [];
  #phase: HttpPhase | 'connecting' = 'connecting';
  #over = false;

  constructor(question: HttpQuestion, events: HttpEvents, stream: Socket) {
    this.#question = question;
    this.#events = events;
    this.#reader = new HttpReplyReader(question.url.digest !== undefined);
    this.#watch(stream);
    stream.once('connect', () => {
      this.#progress('connected');
      if (question.tls) void this.#secure(stream);
      else this.#ask(stream);
    });
  }

  close(): void {
    this.#over = true;
    for (const stream of this.#streams) stream.destroy();
  }

  /** Nothing a server does may reach the process as an unheard error. */
  #watch(stream: Socket): void {
    this.#streams.push(stream);
    // Under TLS only the outer stream counts: what it has decoded may still be on its way when the inner one closes.
    const counts = (): boolean => stream === this.#streams.at(-1);
    stream.on('error', (error) => {
      if (counts()) this.#finish(this.#failure(error));
    });
    stream.on('close', () => {
      if (counts()) this.#finish(this.#failure(undefined));
    });
  }

  async #secure(stream: Socket): Promise<void> {
    try {
      const secured = await secureProbeStream(stream, this.#question.serverName);
      this.#watch(secured);
      if (this.#over) secured.destroy();
      else {
        secured.once('secureConnect', () => {
          this.#ask(secured);
        });
      }
    } catch (error) {
      // A server name that node:tls does not take, for one.
      this.#finish({ type: 'failed', failure: { type: 'tlsFailed', detail: errorCodeOf(error) } });
    }
  }

  #ask(stream: Socket): void {
    this.#progress('asked');
    stream.on('data', (chunk: Buffer) => {
      if (this.#over) return;
      this.#progress('answering');
      const outcome = this.#reader.add(chunk);
      if (outcome !== undefined) this.#finish(outcome);
    });
    stream.once('end', () => {
      this.#finish(this.#reader.end());
    });
    stream.write(httpRequest(this.#question), 'latin1');
  }

  #progress(phase: HttpPhase): void {
    this.#phase = phase;
    this.#events.onProgress(phase);
  }

  #failure(error: Error | undefined): HttpOutcome {
    const code = error === undefined ? 'ECONNRESET' : errorCodeOf(error);
    switch (this.#phase) {
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

  #finish(outcome: HttpOutcome): void {
    if (this.#over) return;
    this.close();
    this.#events.onOutcome(outcome);
  }
}
