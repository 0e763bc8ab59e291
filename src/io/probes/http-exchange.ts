/**
 * HTTP by bytes over a stream of Node: keepalived's request, and the reply as it comes to the end of the connection. Carries
 * what undici cannot (it always speaks HTTP/1.1, while keepalived's default is 1.0, and it puts chunked bodies together,
 * while keepalived's digests are made of the bytes on the wire) where TLS keeps it from the cheaper http-plain.ts.
 */

import type { Socket } from 'node:net';

import { HttpConnection } from './http-connection.js';
import { HttpReplyReader } from './http-reply.js';
import { httpRequest } from './http-request.js';
import { type HttpEvents, type HttpExchange, type HttpOutcome, type HttpQuestion, brokenIn, withCertificate } from './http-transport.js';
import type { TlsClient } from './tls-client.js';

/** Milliseconds. */
const LINGER = 500;

export function exchangeHttp(question: HttpQuestion, events: HttpEvents, tls: TlsClient): HttpExchange {
  const exchange = new Exchange(question, events);
  exchange.start(tls);
  return {
    abort: () => {
      exchange.abort();
    },
  };
}

class Exchange {
  readonly #question: HttpQuestion;
  readonly #events: HttpEvents;
  readonly #connection: HttpConnection;
  readonly #reader: HttpReplyReader;
  #secured: Socket | undefined;
  #over = false;

  constructor(question: HttpQuestion, events: HttpEvents) {
    this.#question = question;
    this.#events = events;
    this.#reader = new HttpReplyReader(question.url, events);
    this.#connection = new HttpConnection({
      onProgress: events.onProgress,
      onReady: (stream, secured) => {
        this.#secured = secured;
        this.#ask(stream);
      },
      onRefused: (outcome) => this.#finish(outcome),
      onBroken: (error) => this.#finish(brokenIn(this.#connection.phase, error)),
    });
  }

  start(tls: TlsClient): void {
    this.#connection.open(this.#question, tls);
  }

  /** One that is over says goodbye in its own time. */
  abort(): void {
    if (!this.#over) this.#close();
  }

  #close(): void {
    this.#over = true;
    this.#connection.close();
  }

  /**
   * tls_compliant: the server hears that the session is over. What it still sends is read for a moment: a connection that is
   * closed over unread bytes is reset, and the reset may overtake our last word.
   */
  #sayGoodbye(secured: Socket): void {
    this.#over = true;
    const close = (): void => this.#close();
    const timer = setTimeout(close, Math.min(this.#question.connection.connectTimeout / 1_000, LINGER)).unref();
    secured.once('close', () => clearTimeout(timer));
    secured.once('end', close);
    secured.end();
  }

  #ask(stream: Socket): void {
    this.#connection.progress('asked');
    stream.on('data', (chunk: Buffer) => {
      if (this.#over) return;
      this.#connection.progress('answering');
      this.#events.onBytes?.(chunk);
      const outcome = this.#reader.add(chunk);
      if (outcome !== undefined) this.#finish(outcome);
      else if (this.#reader.mustWait(() => stream.resume())) stream.pause();
    });
    stream.once('end', () => {
      this.#finish(this.#reader.end());
    });
    stream.write(httpRequest(this.#question), 'latin1');
  }

  #finish(outcome: HttpOutcome): void {
    if (this.#over) return;
    if (outcome.type === 'replied' && this.#question.url.closeNotify === true && this.#secured !== undefined) this.#sayGoodbye(this.#secured);
    else this.#close();
    this.#events.onOutcome(withCertificate(outcome, this.#connection.certificateDays));
  }
}
