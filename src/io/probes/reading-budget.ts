/**
 * How fast long bodies are read, all of them together: pages that never end shall not take the processor from whoever is
 * asked beside them. The beginning of a body comes as it comes; what goes beyond it waits for its turn, and whoever has
 * waited longest goes first.
 */

/** Bytes of a body that are read whatever others send. */
const UNHURRIED = 256 * 1024;

/** Bytes a second, and how many of them may come at once after a quiet time. */
const RATE = 32 * 1024 * 1024;
const BURST = 1024 * 1024;
/** What one let in is taken to read before it waits again: the share of a wake-up in native/connect.c. */
const HELPING = 16 * 1024;
/** Milliseconds between two looks at who may go on. */
const TURN = 10;

export class ReadingBudget {
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #left = BURST;
  #since: number;
  #timer: NodeJS.Timeout | undefined;

  /** `now` in milliseconds, never going back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  /** So many bytes beyond the beginning of a body have come. */
  spend(bytes: number): void {
    this.#earn();
    this.#left -= bytes;
  }

  /** True: nothing more of this body shall be read until `onRoom` is called, once, never before this returns. */
  mustWait(onRoom: () => void): boolean {
    if (this.#left > 0 && this.#waiting.length === 0) return false;
    this.#waiting.push(onRoom);
    this.#timer ??= setTimeout(() => this.#serve(), TURN);
    return true;
  }

  /** Nobody is called any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
  }

  #serve(): void {
    this.#earn();
    const served = this.#waiting.splice(0, Math.max(0, Math.floor(this.#left / HELPING)));
    this.#timer = this.#waiting.length === 0 ? undefined : setTimeout(() => this.#serve(), TURN);
    for (const onRoom of served) onRoom();
  }

  #earn(): void {
    const now = this.#now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#since) * RATE) / 1_000);
    this.#since = now;
  }
}

/** How much of one body has come, and whether more of it may: its beginning needs no room in the budget. */
export class BodyReading {
  readonly #budget: ReadingBudget | undefined;
  #length = 0;

  /** Without a budget nothing waits. */
  constructor(budget: ReadingBudget | undefined) {
    this.#budget = budget;
  }

  /** Bytes that have come. */
  get length(): number {
    return this.#length;
  }

  /** So many more bytes have come. */
  add(bytes: number): void {
    this.#length += bytes;
    if (this.#length > UNHURRIED) this.#budget?.spend(bytes);
  }

  /** As ReadingBudget's. */
  mustWait(onRoom: () => void): boolean {
    return this.#length > UNHURRIED && this.#budget?.mustWait(onRoom) === true;
  }
}
