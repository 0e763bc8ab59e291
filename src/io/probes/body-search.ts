/**
 * One body that is searched while it comes: what is held of it is searched and all but its end forgotten, so that a body of
 * any length takes the same memory. Matches up to `OVERLAP` bytes long, what they look at behind them included, are found
 * wherever they begin. (keepalived gives up at about half of that.)
 */

import type { BodyPattern } from '../../health/config-check.js';
import type { SearchOutcome } from '../../health/events.js';
import type { BodyPiece, PieceResult } from './find-pattern.js';

/** Answered once, never before it returns; the bytes of the piece are left alone until then. `milliseconds`: how long it took. */
export type SearchPiece = (piece: BodyPiece, onDone: (result: PieceResult | 'tooSlow', milliseconds: number) => void) => void;

/**
 * Bytes. A piece is searched when this much of the body is held; what one read of a connection brings fits behind it. Bodies wait
 * for their turn with all that is held of them, a thousand at once where servers mean harm: little beyond the overlap.
 */
const PIECE = 16 * 1024;
const OVERLAP = 8 * 1024;
/** Bytes that were searched and are kept to be looked back at. */
const LOOK_BACK = 2 * 1024;
/** A body longer than the first is held in a slab of the second, which serves another body afterwards; so many slabs are kept for that. */
const SHORT = 4 * 1024;
const SLAB = 32 * 1024;
const MOST_SPARE = 256;
/** Milliseconds for all pieces of a body. */
const MOST_TIME = 5_000;

export class BodySearch {
  readonly pattern: BodyPattern;
  readonly #search: SearchPiece;
  #held: Buffer = Buffer.alloc(0);
  #length = 0;
  /** Where in the body #held begins, and how much of it is looked back at only. */
  #base = 0;
  #from = 0;
  #spent = 0;
  #searching = false;
  #ended = false;
  #outcome: SearchOutcome | undefined;
  #onRoom: (() => void) | undefined;
  #onOutcome: ((outcome: SearchOutcome) => void) | undefined;

  constructor(pattern: BodyPattern, search: SearchPiece) {
    this.pattern = pattern;
    this.#search = search;
  }

  /** `bytes` are not kept. Whoever adds much while `mustWait` is true makes this hold it. */
  add(bytes: Uint8Array): void {
    if (this.#outcome !== undefined) return;
    const length = this.#length + bytes.length;
    if (length > this.#held.length) {
      // While a piece is searched its bytes stay where they are; a larger buffer leaves them there.
      const larger = length > SHORT && length <= SLAB ? takeSlab() : Buffer.alloc(Math.max(1_024, length <= SHORT ? length * 2 : length));
      larger.set(this.#held.subarray(0, this.#length));
      this.#held = larger;
    }
    this.#held.set(bytes, this.#length);
    this.#length = length;
    this.#next();
  }

  /** True: nothing shall be added until `onRoom` is called, once, never before this returns. */
  mustWait(onRoom: () => void): boolean {
    if (!this.#searching) return false;
    this.#onRoom = onRoom;
    return true;
  }

  /** Nobody wants the outcome any more, and none is told. */
  abandon(): void {
    this.#onOutcome = undefined;
    this.#outcome ??= 'missing';
    this.#letGo();
  }

  /** There is no more of the body. The outcome is told once, possibly before this returns. */
  finish(onOutcome: (outcome: SearchOutcome) => void): void {
    this.#ended = true;
    this.#onOutcome = onOutcome;
    if (this.#outcome !== undefined) onOutcome(this.#outcome);
    else this.#next();
  }

  #next(): void {
    if (this.#searching || (!this.#ended && this.#length < PIECE)) return;
    this.#searching = true;
    const length = this.#length;
    const until = Math.max(length - OVERLAP, this.#from);
    const piece = { bytes: this.#held.subarray(0, length), base: this.#base, from: this.#from, until, last: this.#ended };
    this.#search(piece, (result, milliseconds) => {
      this.#searching = false;
      if (this.#outcome !== undefined) return;
      this.#spent += milliseconds;
      if (result !== 'more') this.#settle(result);
      else if (this.#spent > MOST_TIME) this.#settle('tooSlow');
      else this.#goOn(until);
    });
  }

  #goOn(until: number): void {
    this.#forget(until);
    this.#next();
    if (!this.#searching) this.#tellRoom();
  }

  #tellRoom(): void {
    const onRoom = this.#onRoom;
    this.#onRoom = undefined;
    onRoom?.();
  }

  /** What lies before the look back of `until` is over. */
  #forget(until: number): void {
    let begin = Math.max(0, until - LOOK_BACK);
    for (let steps = 0; steps < 3 && begin > 0 && isInsideCharacter(this.#held[begin]); steps += 1) begin -= 1;
    this.#held.copyWithin(0, begin, this.#length);
    this.#length -= begin;
    this.#base += begin;
    this.#from = until - begin;
  }

  #letGo(): void {
    if (this.#held.length === SLAB && spareSlabs.length < MOST_SPARE) spareSlabs.push(this.#held);
    this.#held = Buffer.alloc(0);
    this.#length = 0;
  }

  #settle(outcome: SearchOutcome): void {
    this.#outcome = outcome;
    this.#letGo();
    this.#tellRoom();
    this.#onOutcome?.(outcome);
  }
}

/** Of bodies that are over: garbage of this size would pile up until V8 looks for it. */
const spareSlabs: Buffer[] = [];

function takeSlab(): Buffer {
  return spareSlabs.pop() ?? Buffer.allocUnsafeSlow(SLAB);
}

/** A byte of UTF-8 that does not begin a character. */
function isInsideCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
