/**
 * HTTP by bytes over a stream of Node: keepalived's request, and the reply as it comes to the end of the connection. Carries
 * what undici cannot (it always speaks HTTP/1.1, while keepalived's default is 1.0, and it puts chunked bodies together,
 * while keepalived's digests are made of the bytes on the wire) where TLS keeps it from the cheaper http-plain.ts.
 */

import type { Socket } from 'node:net';

import { HttpReplyReader } from './http-reply.js';
import { httpRequest } from './http-request.js';
import { type HttpEvents, type HttpExchange, type HttpOutcome, type HttpPhase, type HttpQuestion, brokenIn, notSecured, withCertificate } from './http-transport.js';
import { openProbeStream } from './probe-stream.js';
import { type TlsClient, daysToWarnOf } from './tls-client.js';

/** Milliseconds. */
const LINGER = 500;

export function exchangeHttp(question: HttpQuestion, events: HttpEvents, tls: TlsClient): HttpExchange {
  const opened = openProbeStream(question.connection);
  if ('type' in opened) {
    events.onOutcome(opened);
    return { abort: () => undefined };
  }
  const exchange = new Exchange(question, events, tls, opened);
  return {
    abort: () => {
      exchange.abort();
    },
  };
}

class Exchange {
  readonly #question: HttpQuestion;
  readonly #events: HttpEvents;
  readonly #tls: TlsClient;
  readonly #reader: HttpReplyReader;
  readonly #streams: Socket[] = [];
  #phase: HttpPhase | 'connecting' = 'connecting';
  #certificateDays: number | undefined;
  #over = false;

  constructor(question: HttpQuestion, events: HttpEvents, tls: TlsClient, stream: Socket) {
    this.#question = question;
    this.#events = events;
    this.#tls = tls;
    this.#reader = new HttpReplyReader(question.url, events.search);
    this.#watch(stream);
    stream.once('connect', () => {
      this.#progress('connected');
      if (question.tls) void this.#secure(stream);
      else this.#ask(stream);
    });
  }

  /** One that is over says goodbye in its own time. */
  abort(): void {
    if (!this.#over) this.#close();
  }

  #close(): void {
    this.#over = true;
    for (const stream of this.#streams) stream.destroy();
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

  /** Nothing a server does may reach the process as an unheard error. */
  #watch(stream: Socket): void {
    this.#streams.push(stream);
    // Under TLS only the outer stream counts: what it has decoded may still be on its way when the inner one closes.
    const counts = (): boolean => stream === this.#streams.at(-1);
    stream.on('error', (error) => {
      if (counts()) this.#finish(brokenIn(this.#phase, error));
    });
    stream.on('close', () => {
      if (counts()) this.#finish(brokenIn(this.#phase, undefined));
    });
  }

  async #secure(stream: Socket): Promise<void> {
    try {
      const secured = await this.#tls.secure(stream, this.#question);
      this.#watch(secured);
      if (this.#over) secured.destroy();
      else {
        secured.once('secureConnect', () => {
          this.#certificateDays = daysToWarnOf(secured, this.#question.certificate);
          this.#ask(secured);
        });
      }
    } catch (error) {
      this.#finish(notSecured(error));
    }
  }

  #ask(stream: Socket): void {
    this.#progress('asked');
    stream.on('data', (chunk: Buffer) => {
      if (this.#over) return;
      this.#progress('answering');
      this.#events.onBytes?.(chunk);
      const outcome = this.#reader.add(chunk);
      if (outcome !== undefined) this.#finish(withCertificate(outcome, this.#certificateDays));
      else if (this.#reader.mustWait(() => stream.resume())) stream.pause();
    });
    stream.once('end', () => {
      this.#finish(withCertificate(this.#reader.end(), this.#certificateDays));
    });
    stream.write(httpRequest(this.#question), 'latin1');
  }

  #progress(phase: HttpPhase): void {
    this.#phase = phase;
    this.#events.onProgress(phase);
  }

  #finish(outcome: HttpOutcome): void {
    if (this.#over) return;
    const secured = this.#streams[1];
    if (outcome.type === 'replied' && this.#question.url.closeNotify === true && secured !== undefined) this.#sayGoodbye(secured);
    else this.#close();
    this.#events.onOutcome(outcome);
  }
}
