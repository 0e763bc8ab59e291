/**
 * One question over HTTP/2 (RFC 9113), agreed on by ALPN over TLS, by prior knowledge in clear: HTTP_GET and SSL_GET with
 * `http2`, and gRPC's health service. Node's own client carries it; a connection asks once and is closed.
 */

import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';

import { encodeHealthRequest, judgeHealth } from '../../health/grpc-health.js';
import { HttpConnection } from './http-connection.js';
import { HttpReplyReader } from './http-reply.js';
import { contentOf } from './http-request.js';
import {
  type HttpEvents, type HttpExchange, type HttpOutcome, type HttpQuestion, REPLY_LIMIT, USER_AGENT, brokenIn, hostOf, withCertificate,
} from './http-transport.js';
import type { TlsClient } from './tls-client.js';

/** Pings and settings of a server, each to be answered; who sends more of them than this before it has answered will not answer. */
const MOST_DEMANDS = 100;
/** Of one session, in megabytes: the least that Node knows. */
const SESSION_MEMORY = 1;

export function exchangeHttp2(question: HttpQuestion, events: HttpEvents, tls: TlsClient): HttpExchange {
  const exchange = new Http2Exchange(question, events);
  exchange.start(tls);
  return { abort: () => exchange.close() };
}

class Http2Exchange {
  readonly #question: HttpQuestion;
  readonly #events: HttpEvents;
  readonly #connection: HttpConnection;
  readonly #reader: HttpReplyReader;
  /** The whole body, of gRPC. */
  #message: Buffer = Buffer.alloc(0);
  #session: ClientHttp2Session | undefined;
  #status: number | undefined;
  #grpcStatus: string | undefined;
  #demands = 0;
  #over = false;

  constructor(question: HttpQuestion, events: HttpEvents) {
    this.#question = question;
    this.#events = events;
    this.#reader = new HttpReplyReader(question.url, events);
    this.#connection = new HttpConnection({
      onProgress: events.onProgress,
      onReady: (stream, secured) => {
        if (secured === undefined || secured.alpnProtocol === 'h2') void this.#ask(stream);
        else this.#finish({ type: 'failed', failure: { type: 'tlsFailed', detail: 'HTTP/2 was not agreed on' } });
      },
      onRefused: (outcome) => this.#finish(outcome),
      onBroken: (error) => this.#fail(error),
    });
  }

  start(tls: TlsClient): void {
    this.#connection.open(this.#question, tls);
  }

  close(): void {
    this.#over = true;
    this.#session?.destroy();
    this.#connection.close();
  }

  async #ask(stream: Socket): Promise<void> {
    const { connect } = await import('node:http2');
    if (this.#over) return;
    const { url, tls, grpcService } = this.#question;
    const session = connect(`${tls ? 'https' : 'http'}://probe.invalid`, {
      createConnection: () => stream,
      settings: { enablePush: false, maxHeaderListSize: REPLY_LIMIT.head },
      maxSessionMemory: SESSION_MEMORY,
    });
    this.#session = session;
    this.#connection.lend();
    session.on('ping', () => this.#countDemand());
    session.on('remoteSettings', () => this.#countDemand());
    session.on('error', (error: Error) => this.#fail(error));
    session.on('close', () => this.#fail(undefined));
    const fields = Object.fromEntries((url.headers ?? []).map(({ name, value }) => [name.toLowerCase(), value]));
    const content = grpcService === undefined ? contentOf(this.#question) : encodeHealthRequest(Buffer.from(grpcService));
    const length = content === undefined || grpcService !== undefined ? {} : { 'content-length': content.length };
    const grpc = grpcService === undefined ? {} : { 'content-type': 'application/grpc', te: 'trailers' };
    const request = session.request({
      ':method': url.method ?? 'GET', ':path': url.path, ':authority': hostOf(this.#question), 'user-agent': USER_AGENT, ...length, ...grpc, ...fields,
    });
    this.#connection.progress('asked');
    this.#listen(request);
    request.end(content);
  }

  #listen(request: ClientHttp2Stream): void {
    request.on('response', (headers) => {
      this.#connection.progress('answering');
      this.#status = headers[':status'] ?? 0;
      this.#takeGrpcStatus(headers);
      // The reader judges what HTTP/1 looks like; a head is all that is missing to that.
      this.#read(Buffer.from(`HTTP/2 ${this.#status} -\r\n\r\n`, 'latin1'));
    });
    request.on('trailers', (trailers: IncomingHttpHeaders) => this.#takeGrpcStatus(trailers));
    request.on('data', (chunk: Buffer) => {
      this.#connection.progress('answering');
      if (this.#question.grpcService === undefined) {
        this.#read(chunk);
        if (!this.#over && this.#reader.mustWait(() => request.resume())) request.pause();
      } else if (this.#message.length + chunk.length <= REPLY_LIMIT.head) this.#message = Buffer.concat([this.#message, chunk]);
      else this.#finish({ type: 'failed', failure: { type: 'malformedReply' } });
    });
    request.on('end', () => this.#finish(this.#ended()));
    request.on('error', (error: Error) => this.#fail(error));
    request.on('close', () => this.#fail(undefined));
  }

  #countDemand(): void {
    this.#demands += 1;
    if (this.#demands > MOST_DEMANDS) this.#finish({ type: 'failed', failure: { type: 'malformedReply' } });
  }

  #takeGrpcStatus(headers: IncomingHttpHeaders): void {
    const status = headers['grpc-status'];
    if (typeof status === 'string') this.#grpcStatus = status;
  }

  #read(chunk: Buffer): void {
    const outcome = this.#reader.add(chunk);
    if (outcome !== undefined) this.#finish(outcome);
  }

  #ended(): HttpOutcome {
    if (this.#question.grpcService === undefined || this.#status === undefined) return this.#reader.end();
    const grpc = this.#grpcStatus === undefined ? {} : { grpcStatus: this.#grpcStatus };
    const failure = judgeHealth({ status: this.#status, body: this.#message, ...grpc });
    return failure === undefined ? { type: 'replied', reply: { status: this.#status } } : { type: 'failed', failure };
  }

  #fail(error: Error | undefined): void {
    // Both sides speak until the end: a broken pipe is a failed send while the answer comes, too.
    const { phase } = this.#connection;
    this.#finish(brokenIn(phase === 'answering' ? 'asked' : phase, error));
  }

  #finish(outcome: HttpOutcome): void {
    if (this.#over) return;
    this.close();
    this.#events.onOutcome(withCertificate(outcome, this.#connection.certificateDays));
  }
}
