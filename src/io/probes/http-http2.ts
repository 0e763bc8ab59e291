/**
 * One question over HTTP/2 (RFC 9113), agreed on by ALPN over TLS, by prior knowledge in clear: HTTP_GET and SSL_GET with
 * `http2`, and gRPC's health service. Node's own client carries it; a connection asks once and is closed.
 */

import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';

import { encodeHealthRequest, judgeHealth } from '../../health/grpc-health.js';
import { HttpReplyReader } from './http-reply.js';
import { contentOf } from './http-request.js';
import {
  type HttpEvents, type HttpExchange, type HttpOutcome, type HttpPhase, type HttpQuestion, REPLY_LIMIT, USER_AGENT, brokenIn, hostOf, notSecured, withCertificate,
} from './http-transport.js';
import { openProbeStream } from './probe-stream.js';
import { type TlsClient, daysToWarnOf } from './tls-client.js';

export function exchangeHttp2(question: HttpQuestion, events: HttpEvents, tls: TlsClient): HttpExchange {
  const opened = openProbeStream(question.connection);
  if ('type' in opened) {
    events.onOutcome(opened);
    return { abort: () => undefined };
  }
  const exchange = new Http2Exchange(question, events, tls, opened);
  return { abort: () => exchange.close() };
}

class Http2Exchange {
  readonly #question: HttpQuestion;
  readonly #events: HttpEvents;
  readonly #tls: TlsClient;
  readonly #reader: HttpReplyReader;
  readonly #streams: Socket[] = [];
  /** The whole body, of gRPC. */
  #message: Buffer = Buffer.alloc(0);
  #session: ClientHttp2Session | undefined;
  #phase: HttpPhase | 'connecting' = 'connecting';
  #status: number | undefined;
  #grpcStatus: string | undefined;
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
      else void this.#ask(stream);
    });
  }

  close(): void {
    this.#over = true;
    this.#session?.destroy();
    for (const stream of this.#streams) stream.destroy();
  }

  /** Nothing a server does may reach the process as an unheard error. */
  #watch(stream: Socket): void {
    this.#streams.push(stream);
    const counts = (): boolean => this.#session === undefined && stream === this.#streams.at(-1);
    stream.on('error', (error) => {
      if (counts()) this.#fail(error);
    });
    stream.on('close', () => {
      if (counts()) this.#fail(undefined);
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
          if (secured.alpnProtocol === 'h2') void this.#ask(secured);
          else this.#finish({ type: 'failed', failure: { type: 'tlsFailed', detail: 'HTTP/2 was not agreed on' } });
        });
      }
    } catch (error) {
      this.#finish(notSecured(error));
    }
  }

  async #ask(stream: Socket): Promise<void> {
    const { connect } = await import('node:http2');
    if (this.#over) return;
    const { url, tls, grpcService } = this.#question;
    const session = connect(`${tls ? 'https' : 'http'}://probe.invalid`, {
      createConnection: () => stream,
      settings: { enablePush: false, maxHeaderListSize: REPLY_LIMIT.head },
    });
    this.#session = session;
    session.on('error', (error: Error) => this.#fail(error));
    session.on('close', () => this.#fail(undefined));
    const fields = Object.fromEntries((url.headers ?? []).map(({ name, value }) => [name.toLowerCase(), value]));
    const content = grpcService === undefined ? contentOf(this.#question) : encodeHealthRequest(Buffer.from(grpcService));
    const length = content === undefined || grpcService !== undefined ? {} : { 'content-length': content.length };
    const grpc = grpcService === undefined ? {} : { 'content-type': 'application/grpc', te: 'trailers' };
    const request = session.request({
      ':method': url.method ?? 'GET', ':path': url.path, ':authority': hostOf(this.#question), 'user-agent': USER_AGENT, ...length, ...grpc, ...fields,
    });
    this.#progress('asked');
    this.#listen(request);
    request.end(content);
  }

  #listen(request: ClientHttp2Stream): void {
    request.on('response', (headers) => {
      this.#progress('answering');
      this.#status = headers[':status'] ?? 0;
      this.#takeGrpcStatus(headers);
      // The reader judges what HTTP/1 looks like; a head is all that is missing to that.
      this.#read(Buffer.from(`HTTP/2 ${this.#status} -\r\n\r\n`, 'latin1'));
    });
    request.on('trailers', (trailers: IncomingHttpHeaders) => this.#takeGrpcStatus(trailers));
    request.on('data', (chunk: Buffer) => {
      this.#progress('answering');
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

  #progress(phase: HttpPhase): void {
    if (this.#over) return;
    this.#phase = phase;
    this.#events.onProgress(phase);
  }

  #fail(error: Error | undefined): void {
    // Both sides speak until the end: a broken pipe is a failed send while the answer comes, too.
    this.#finish(brokenIn(this.#phase === 'answering' ? 'asked' : this.#phase, error));
  }

  #finish(outcome: HttpOutcome): void {
    if (this.#over) return;
    this.close();
    this.#events.onOutcome(withCertificate(outcome, this.#certificateDays));
  }
}
