/** An HTTP reply read piece by piece in bounded memory: the status from its first line, the body as a digest, to a search, or as bytes. */

import { type Hash, createHash } from 'node:crypto';

import type { HttpUrl } from '../../health/config-check.js';
import { splitHttpReply } from '../../health/verdict.js';
import type { BodySearch } from './body-search.js';
import { type HttpOutcome, REPLY_LIMIT } from './http-transport.js';
import { BodyReading, type ReadingBudget } from './reading-budget.js';

const MALFORMED: HttpOutcome = { type: 'failed', failure: { type: 'malformedReply' } };

export class HttpReplyReader {
  readonly #hash: Hash | undefined;
  readonly #search: BodySearch | undefined;
  readonly #reading: BodyReading;
  readonly #bodyLimit: number;
  /** Undefined when nobody looks at it as a whole. */
  #body: Buffer | undefined;
  /** What came before the body began; capacity may exceed #headLength. */
  #head: Buffer = Buffer.alloc(0);
  #headLength = 0;
  #status: number | undefined;

  /** What of the url looks at the body; `search` is told of it. `budget`: how fast a long one may come. */
  constructor({ digest, json }: Pick<HttpUrl, 'digest' | 'json'>, { search, budget }: { readonly search?: BodySearch | undefined; readonly budget?: ReadingBudget | undefined } = {}) {
    this.#reading = new BodyReading(budget);
    this.#hash = digest === undefined ? undefined : createHash('md5');
    this.#search = search;
    this.#body = json === undefined ? undefined : Buffer.alloc(0);
    if (digest !== undefined) this.#bodyLimit = REPLY_LIMIT.digestedBody;
    else if (search !== undefined) this.#bodyLimit = REPLY_LIMIT.searchedBody;
    else this.#bodyLimit = json === undefined ? REPLY_LIMIT.unjudgedBody : REPLY_LIMIT.jsonBody;
  }

  get hasBegun(): boolean {
    return this.#headLength > 0 || this.#status !== undefined;
  }

  /** True: reading shall stop until `onRoom` is called, once, never before this returns. */
  mustWait(onRoom: () => void): boolean {
    const isSearched = this.#search?.mustWait(() => {
      if (!this.#reading.mustWait(onRoom)) onRoom();
    });
    return isSearched === true || this.#reading.mustWait(onRoom);
  }

  /** The outcome as soon as nothing that follows can change it. `chunk` is not kept. */
  add(chunk: Buffer): HttpOutcome | undefined {
    if (this.#status !== undefined) return this.#addBody(this.#status, chunk);
    const isFirst = this.#headLength === 0;
    const bytes = isFirst ? chunk : this.#join(chunk);
    const split = splitHttpReply(bytes);
    const headLength = split.ok ? bytes.length - split.value.body.length : bytes.length;
    if (headLength > REPLY_LIMIT.head) return MALFORMED;
    if (!split.ok) {
      // Not yet the whole head, or never one: only the end or the limit tells.
      if (isFirst) this.#join(chunk);
      return undefined;
    }
    this.#status = split.value.status;
    this.#head = Buffer.alloc(0);
    return this.#addBody(this.#status, split.value.body);
  }

  /** The outcome when the connection has ended. */
  end(): HttpOutcome {
    if (this.#status !== undefined) return this.#replied(this.#status);
    const split = splitHttpReply(this.#head.subarray(0, this.#headLength));
    return split.ok ? this.#replied(split.value.status) : { type: 'failed', failure: { type: split.error } };
  }

  #addBody(status: number, bytes: Uint8Array): HttpOutcome | undefined {
    this.#keep(bytes);
    this.#reading.add(bytes.length);
    this.#hash?.update(bytes);
    this.#search?.add(bytes);
    if (this.#reading.length <= this.#bodyLimit) return undefined;
    return this.#hash === undefined ? this.#replied(status) : { type: 'failed', failure: { type: 'readFailed' } };
  }

  #replied(status: number): HttpOutcome {
    const digested = this.#hash && { bodyDigest: this.#hash.digest('hex') };
    const kept = this.#body && { body: this.#body.subarray(0, Math.min(this.#reading.length, REPLY_LIMIT.jsonBody)) };
    const cut = this.#reading.length > (this.#body === undefined ? this.#bodyLimit : REPLY_LIMIT.jsonBody) ? { bodyCut: true } : {};
    return { type: 'replied', reply: { status, ...digested, ...kept, ...cut } };
  }

  #keep(bytes: Uint8Array): void {
    if (this.#body === undefined) return;
    const length = Math.min(this.#reading.length + bytes.length, REPLY_LIMIT.jsonBody);
    if (length > this.#body.length) {
      const larger = Buffer.alloc(Math.min(REPLY_LIMIT.jsonBody, Math.max(1_024, length * 2)));
      larger.set(this.#body);
      this.#body = larger;
    }
    if (length > this.#reading.length) this.#body.set(bytes.subarray(0, length - this.#reading.length), this.#reading.length);
  }

  #join(chunk: Buffer): Buffer {
    const length = this.#headLength + chunk.length;
    if (length > this.#head.length) {
      const larger = Buffer.allocUnsafe(Math.max(1_024, length * 2));
      this.#head.copy(larger, 0, 0, this.#headLength);
      this.#head = larger;
    }
    chunk.copy(this.#head, this.#headLength);
    this.#headLength = length;
    return this.#head.subarray(0, length);
  }
}
