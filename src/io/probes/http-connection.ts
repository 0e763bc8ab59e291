/**
 * The connection under one HTTP question, whoever carries that: opened from where the check says, secured where it asks for TLS, and
 * listened to until it is given up. It reads and writes nothing.
 */

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

import { type HttpOutcome, type HttpPhase, type HttpQuestion, notSecured } from './http-transport.js';
import { openProbeStream } from './probe-stream.js';
import { type TlsClient, certificateDaysOf } from './tls-client.js';

export interface HttpConnectionEvents {
  /** It moved on by itself ('connected') or its user said so. */
  readonly onProgress: (phase: HttpPhase) => void;
  /** The question may be asked over `stream`; `secured` is the same, under TLS. */
  readonly onReady: (stream: Socket, secured: TLSSocket | undefined) => void;
  /** There is none to be had. */
  readonly onRefused: (outcome: HttpOutcome) => void;
  /** It broke, or without an error it was closed, while nobody else listens to it. */
  readonly onBroken: (error: Error | undefined) => void;
}

export class HttpConnection {
  readonly #events: HttpConnectionEvents;
  readonly #streams: Socket[] = [];
  #phase: HttpPhase | 'connecting' = 'connecting';
  #certificateDays: number | undefined;
  #isLent = false;
  #closed = false;

  constructor(events: HttpConnectionEvents) {
    this.#events = events;
  }

  get phase(): HttpPhase | 'connecting' {
    return this.#phase;
  }

  /** Of the certificate that the server has shown. */
  get certificateDays(): number | undefined {
    return this.#certificateDays;
  }

  /** From the network, TLS's own among them. */
  get bytesRead(): number {
    return this.#streams[0]?.bytesRead ?? 0;
  }

  /** Once. `onRefused` may be called before it returns. */
  open(question: HttpQuestion, tls: TlsClient): void {
    const stream = openProbeStream(question.connection);
    if ('type' in stream) {
      this.#events.onRefused(stream);
      return;
    }
    this.#watch(stream);
    stream.once('connect', () => {
      this.progress('connected');
      if (question.tls) void this.#secure(stream, question, tls);
      else this.#events.onReady(stream, undefined);
    });
  }

  progress(phase: HttpPhase): void {
    if (this.#closed) return;
    this.#phase = phase;
    this.#events.onProgress(phase);
  }

  /** From now on somebody else listens for its end, and tells of it better. */
  lend(): void {
    this.#isLent = true;
  }

  /** Nothing is told afterwards. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#streams) stream.destroy();
  }

  /** Nothing a server does may reach the process as an unheard error. */
  #watch(stream: Socket): void {
    this.#streams.push(stream);
    // Under TLS only the outer stream counts: what it has decoded may still be on its way when the inner one closes.
    const counts = (): boolean => !this.#closed && !this.#isLent && stream === this.#streams.at(-1);
    stream.on('error', (error) => {
      if (counts()) this.#events.onBroken(error);
    });
    stream.on('close', () => {
      if (counts()) this.#events.onBroken(undefined);
    });
  }

  async #secure(stream: Socket, question: HttpQuestion, tls: TlsClient): Promise<void> {
    let secured: TLSSocket;
    try {
      secured = await tls.secure(stream, question);
    } catch (error) {
      if (!this.#closed) this.#events.onRefused(notSecured(error));
      return;
    }
    this.#watch(secured);
    if (this.#closed) {
      secured.destroy();
      return;
    }
    secured.once('secureConnect', () => {
      this.#certificateDays = certificateDaysOf(secured);
      this.#events.onReady(secured, secured);
    });
  }
}
