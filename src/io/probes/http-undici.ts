/**
 * HTTP/1.1 questions judged by their status code or as JSON, asked by undici. Every option that could make a check milder or
 * longer is set here: no keep-alive, no pipelining, no HTTP/2, no redirects (they are never on in dispatch), no
 * decompression, no time limits of its own.
 *
 * keepalived's reading is the one that counts. An answer that undici's stricter parser refuses is asked for again by bytes
 * (http-exchange.ts), this time and whenever that server is checked. One thing differs: a server that keeps a complete
 * answer's connection open, although asked to close it, has answered.
 */

import type * as Undici from 'undici';

import type { ConnectionOptions } from '../../health/config-check.js';
import { errorCodeOf } from '../files/files.js';
import { HttpConnection } from './http-connection.js';
import { exchangeHttp } from './http-exchange.js';
import { contentOf } from './http-request.js';
import type { HttpEvents, HttpExchange, HttpOutcome, HttpQuestion } from './http-transport.js';
import { REPLY_LIMIT, USER_AGENT, hostOf, withCertificate } from './http-transport.js';
import { BodyReading } from './reading-budget.js';
import type { TlsClient } from './tls-client.js';

/** What undici takes as path and header value; anything else keepalived would send is sent byte by byte elsewhere. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/** Connections whose answers undici did not understand. */
const refused = new WeakSet<ConnectionOptions>();

export function canAskUndici({ protocol, url, connection, certificate, http2 }: HttpQuestion): boolean {
  if (protocol !== '1.1' || url.digest !== undefined || url.body !== undefined || refused.has(connection)) return false;
  if (url.closeNotify === true || certificate !== undefined || http2 === true) return false;
  return url.path.startsWith('/') && PRINTABLE.test(url.path) && PRINTABLE.test(url.virtualHost ?? 'address');
}

/** Loads undici on first use. */
export function askUndici(question: HttpQuestion, events: HttpEvents, tls: TlsClient): HttpExchange {
  let current: HttpExchange;
  const run = new UndiciRun(question, events, tls, () => {
    refused.add(question.connection);
    current = exchangeHttp(question, events, tls);
  });
  current = { abort: () => run.close() };
  // The default export is what a bundle and Node give alike for a CommonJS package.
  void import('undici').then(
    ({ default: { Client } }) => {
      run.start(Client);
    },
    () => {
      run.refuse();
    },
  );
  return {
    abort: () => {
      current.abort();
    },
  };
}

class UndiciRun {
  readonly #question: HttpQuestion;
  readonly #events: HttpEvents;
  readonly #tls: TlsClient;
  readonly #onRefused: () => void;
  readonly #connection: HttpConnection;
  #client: Undici.Client | undefined;
  /** Undici waits for the connection. */
  #connected: Undici.buildConnector.Callback | undefined;
  #status: number | undefined;
  /** Kept if it is looked at. */
  readonly #body: Buffer[] = [];
  readonly #reading: BodyReading;
  #over = false;

  /** `onRefused`: undici does not understand the answer; no outcome follows. */
  constructor(question: HttpQuestion, events: HttpEvents, tls: TlsClient, onRefused: () => void) {
    this.#question = question;
    this.#events = events;
    this.#reading = new BodyReading(events.budget);
    this.#tls = tls;
    this.#onRefused = onRefused;
    this.#connection = new HttpConnection({
      onProgress: events.onProgress,
      onReady: (stream) => this.#connected?.(null, stream),
      onRefused: (outcome) => this.#finish(outcome),
      onBroken: (error) => this.#finish(this.#failure(error)),
    });
  }

  start(Client: typeof Undici.Client): void {
    if (this.#over) return;
    const { url, tls } = this.#question;
    const client = new Client(`${tls ? 'https' : 'http'}://probe.invalid`, {
      connect: (_options, callback) => {
        this.#connected = callback;
        this.#connection.open(this.#question, this.#tls);
      },
      pipelining: 0,
      maxRequestsPerClient: 1,
      keepAliveTimeout: 1,
      keepAliveMaxTimeout: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: REPLY_LIMIT.head,
      maxResponseSize: -1,
      strictContentLength: true,
      allowH2: false,
    });
    this.#client = client;
    const own = (url.headers ?? []).flatMap(({ name, value }) => [name, value]);
    const headers = ['Host', hostOf(this.#question), 'User-Agent', USER_AGENT, ...own];
    client.dispatch({ method: url.method ?? 'GET', path: url.path, headers, body: contentOf(this.#question) ?? null, reset: true }, this.#handler());
  }

  /** Asks by bytes instead. */
  refuse(): void {
    this.#finish(undefined);
  }

  close(): void {
    this.#over = true;
    this.#connection.close();
    this.#client?.destroy(null, () => undefined);
  }

  #handler(): Undici.Dispatcher.DispatchHandler {
    return {
      onRequestStart: () => {
        // Undici has the stream now.
        this.#connection.lend();
        this.#connection.progress('asked');
      },
      onRequestUpgrade: (_controller, status) => {
        this.#finish({ type: 'replied', reply: { status } });
      },
      onResponseStart: (_controller, status) => {
        this.#connection.progress('answering');
        this.#status = status;
        // An interim answer is the first line of the reply, and keepalived looks no further.
        if (status < 200) this.#finish({ type: 'replied', reply: { status } });
      },
      onResponseData: (controller, chunk) => {
        this.#connection.progress('answering');
        this.#reading.add(chunk.length);
        const { json } = this.#question.url;
        if (json !== undefined) this.#body.push(Buffer.from(chunk));
        const limit = json === undefined ? REPLY_LIMIT.unjudgedBody : REPLY_LIMIT.jsonBody;
        if (this.#reading.length > limit) this.#finish(this.#ended());
        else if (this.#reading.mustWait(() => this.#goOn(controller))) controller.pause();
      },
      onResponseEnd: () => {
        this.#finish(this.#ended());
      },
      onResponseError: (_controller, error) => {
        this.#finish(this.#failure(error));
      },
    };
  }

  #goOn(controller: Undici.Dispatcher.DispatchController): void {
    if (!this.#over) controller.resume();
  }

  #ended(): HttpOutcome {
    const body = { body: Buffer.concat(this.#body), bodyCut: this.#reading.length > REPLY_LIMIT.jsonBody };
    return { type: 'replied', reply: { status: this.#status ?? 0, ...(this.#question.url.json === undefined ? {} : body) } };
  }

  /** Undefined when undici refuses the answer. */
  #failure(error: Error | undefined): HttpOutcome | undefined {
    const code = error === undefined ? 'ECONNRESET' : errorCodeOf(error);
    switch (this.#connection.phase) {
      case 'connecting':
        return { type: 'unconnected', step: 'connect', code };
      case 'connected':
        return { type: 'failed', failure: { type: 'tlsFailed', detail: code } };
      case 'asked':
        if (isSystemError(error)) return { type: 'failed', failure: { type: code === 'EPIPE' ? 'sendFailed' : 'readFailed' } };
        return this.#connection.bytesRead === 0 ? { type: 'failed', failure: { type: 'noData' } } : undefined;
      case 'answering':
        // A body that breaks off is as good as one that ends; only a connection torn down fails the reading.
        return isSystemError(error) ? { type: 'failed', failure: { type: 'readFailed' } } : this.#ended();
    }
  }

  #finish(outcome: HttpOutcome | undefined): void {
    if (this.#over) return;
    this.close();
    if (outcome === undefined) this.#onRefused();
    else this.#events.onOutcome(withCertificate(outcome, this.#connection.certificateDays));
  }
}

/** ECONNRESET and the like: the kernel's word, not undici's. */
function isSystemError(error: Error | undefined): boolean {
  return typeof (error as NodeJS.ErrnoException | undefined)?.errno === 'number';
}
