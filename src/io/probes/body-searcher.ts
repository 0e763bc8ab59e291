/**
 * Searches bodies for patterns away from the event loop: whatever a pattern and a page do to each other costs this process's
 * loop no more than handing over the page. Most searches take microseconds; the fast lane gives each a moment, and a pattern
 * that once took longer is moved to the slow lane, where it holds up only its like. A search that takes too long there has
 * failed, as it has when PCRE2 reaches its limits.
 */

import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';

import type { BodyPattern } from '../../health/config-check.js';
import type { SearchPiece } from './body-search.js';
import { type BodyPiece, type PieceResult, findPattern } from './find-pattern.js';

export interface BodySearcher {
  /** Answered once, never before this returns; until then the bytes of the piece must not change. */
  readonly search: (id: number, pattern: BodyPattern, ...piece: Parameters<SearchPiece>) => void;
  /** No answer follows. Unknown ids are ignored. */
  readonly cancel: (id: number) => void;
  readonly close: () => void;
}

interface Search {
  readonly id: number;
  readonly pattern: BodyPattern;
  readonly piece: BodyPiece;
  readonly onDone: Parameters<SearchPiece>[1];
}

/** Milliseconds for a piece. A machine that is busy makes a search slow too, so the second one is generous. */
const LIMIT = { fast: 50, slow: 1_000 } as const;

/** Of a thread: a piece of a body and what becomes of it, over and over. */
const MEMORY = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 } as const;

/**
 * V8 searches by going back and forth. A pattern that makes it go back too often is searched for in linear time from then on,
 * where the pattern allows that (no look around, no back reference, no `i`).
 */
const LINEAR_WHEN_ASTRAY = '--enable-experimental-regexp-engine-on-excessive-backtracks';

/** Threads are started when the first search needs them. */
export function openBodySearcher(): BodySearcher {
  setFlagsFromString(LINEAR_WHEN_ASTRAY);
  const knownSlow = new WeakSet<BodyPattern>();
  const slow = new SearchThread(LIMIT.slow, ({ onDone }) => onDone('tooSlow', LIMIT.slow));
  const fast = new SearchThread(LIMIT.fast, (search) => {
    knownSlow.add(search.pattern);
    slow.add(search);
  });
  return {
    search: (id, pattern, piece, onDone) => {
      (knownSlow.has(pattern) ? slow : fast).add({ id, pattern, piece, onDone });
    },
    cancel: (id) => {
      fast.drop(id);
      slow.drop(id);
    },
    close: () => {
      fast.close();
      slow.close();
    },
  };
}

/** The longest piece that is usual; a longer one makes its thread's buffer longer. */
const ROOM = 64 * 1024;

/**
 * The thread's program; it knows findPattern by its text. Pieces come in one buffer that both sides have, and are copied into
 * another that stays: what messages bring is garbage afterwards, and V8 lets tens of megabytes of it pile up in each thread.
 */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
const find = ${findPattern.toString()};
let own = Buffer.allocUnsafeSlow(${ROOM});
parentPort.on('message', ({ pattern, piece, shared, length }) => {
  if (own.length < length) own = Buffer.allocUnsafeSlow(length);
  own.set(new Uint8Array(shared, 0, length));
  parentPort.postMessage(find(pattern, { ...piece, bytes: own.subarray(0, length) }));
});
`;

/** One thread with its queues: whoever begins goes before those whose bodies go on and on. The thread is ended when a search takes too long, and another is started for the next one. */
class SearchThread {
  readonly #limit: number;
  readonly #onLate: (search: Search) => void;
  readonly #beginning: Search[] = [];
  readonly #goingOn: Search[] = [];
  #worker: Worker | undefined;
  #online = false;
  /** With the thread: one piece at a time. */
  #shared = new SharedArrayBuffer(0);
  #current: Search | undefined;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `limit` in milliseconds. */
  constructor(limit: number, onLate: (search: Search) => void) {
    this.#limit = limit;
    this.#onLate = onLate;
  }

  add(search: Search): void {
    (search.piece.base === 0 ? this.#beginning : this.#goingOn).push(search);
    this.#next();
  }

  /** The search under way goes on unheard: it is bounded anyhow. */
  drop(id: number): void {
    for (const queue of [this.#beginning, this.#goingOn]) {
      const index = queue.findIndex((search) => search.id === id);
      if (index >= 0) queue.splice(index, 1);
    }
    if (this.#current?.id === id) this.#current = { ...this.#current, onDone: () => undefined };
  }

  close(): void {
    this.#beginning.length = this.#goingOn.length = 0;
    this.#end();
  }

  #next(): void {
    if (this.#current !== undefined || this.#beginning.length + this.#goingOn.length === 0) return;
    this.#worker ??= this.#start();
    if (!this.#online) return;
    const search = this.#take();
    if (search === undefined) return;
    this.#current = search;
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#late(search), this.#limit);
    const { source, flags, minOffset, maxOffset, firstLine } = search.pattern;
    const { bytes, ...piece } = search.piece;
    const { length } = bytes;
    if (this.#shared.byteLength < length) this.#shared = new SharedArrayBuffer(length);
    new Uint8Array(this.#shared).set(bytes);
    this.#worker.postMessage({ pattern: { source, flags, minOffset, maxOffset, firstLine }, piece, shared: this.#shared, length });
  }

  #take(): Search | undefined {
    return this.#beginning.shift() ?? this.#goingOn.shift();
  }

  #start(): Worker {
    const worker = new Worker(PROGRAM, { eval: true, execArgv: [], stdin: false, resourceLimits: MEMORY });
    worker.unref();
    // One that is being ended may still read the one before.
    this.#shared = new SharedArrayBuffer(ROOM);
    const isMine = (): boolean => this.#worker === worker;
    worker.on('online', () => {
      if (!isMine()) return;
      this.#online = true;
      this.#next();
    });
    worker.on('message', (result: PieceResult) => {
      if (!isMine()) return;
      const search = this.#current;
      this.#settle();
      search?.onDone(result, performance.now() - this.#since);
      this.#next();
    });
    // Out of memory, or no thread to be had: the search under way counts as too slow, and the next one tries again.
    worker.on('error', () => {
      if (isMine()) this.#late(this.#current ?? this.#take());
    });
    return worker;
  }

  #late(search: Search | undefined): void {
    const heard = this.#current ?? search;
    this.#end();
    if (heard !== undefined) this.#onLate(heard);
    this.#next();
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#current = undefined;
  }

  #end(): void {
    this.#settle();
    const worker = this.#worker;
    this.#worker = undefined;
    this.#online = false;
    void worker?.terminate();
  }
}
