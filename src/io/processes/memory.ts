/** Memory that this process does not need and nobody has asked for yet, garbage and code that ran once: the system gets it back. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { loadAddon } from '../native.js';

interface MemoryAddon {
  readonly holdMemory: (piece: number, end: number) => void;
  readonly trimMemory: (bytes: number) => void;
  readonly letGoOfCode: () => number;
}

/** Heaps smaller than this one are not worth the pause. Bytes. */
const WORTH_IT = 24 * 1024 * 1024;
/** So many times what was left the last time: a heap that is large for good is left alone. */
const GROWN = 1.25;
/** Milliseconds until the first look; twice as many until each further one, up to the last. */
const LOOKS = { first: 2_500, last: 60_000 };
/** Milliseconds between two pieces of the work. */
const REST = 100;
/** Milliseconds between two looks at what the C library keeps, and the bytes that are worth its pause of some milliseconds. */
const TRIM = { every: 5_000, worthIt: 8 * 1024 * 1024 };
/** Looks after which the start is over, with all that ran only then. */
const START_IS_OVER = 2;

/**
 * Lets go of code that ran at the start, and collects all garbage of a large heap some seconds from now and whenever it has grown
 * by a quarter since: V8 keeps what reading a file of thousands of servers has left for as long as nothing new is made. Each time
 * stops this process for some tens of milliseconds, in pieces with a rest between them, so the caller waits until what the start is
 * for has been done.
 */
export function giveMemoryBack(): void {
  let left = 0;
  let isLarge = false;
  let looks = 0;
  const collect = (): void => {
    collectGarbage();
    left = process.memoryUsage().heapTotal;
  };
  const lookIn = (delay: number): void => {
    setTimeout(() => {
      looks += 1;
      const hasGrown = process.memoryUsage().heapTotal > Math.max(WORTH_IT, GROWN * left);
      // Only in quiet times V8 gives the young generation back: once more at the look after.
      const collects = hasGrown || isLarge;
      const pieces = [...(collects ? [collect] : []), ...(collects || looks <= START_IS_OVER ? [() => trimMemory(0), letGoOfCode] : [])];
      isLarge = hasGrown;
      inTurns(pieces, () => lookIn(Math.min(2 * delay, LOOKS.last)));
    }, delay).unref();
  };
  lookIn(LOOKS.first);
  setInterval(() => trimMemory(TRIM.worthIt), TRIM.every).unref();
}

/**
 * What the C library has freed in pieces, between others that are used, goes back to the system if it is at least so many bytes: a
 * thousand connections that came and went at once leave tens of megabytes, which it would keep for the next thousand.
 */
export function trimMemory(bytes: number): void {
  (loadAddon() as MemoryAddon).trimMemory(bytes);
}

/** What came meanwhile is dealt with in between. */
function inTurns(pieces: readonly (() => void)[], done: () => void): void {
  const [first, ...rest] = pieces;
  if (first === undefined) {
    done();
    return;
  }
  setTimeout(() => {
    first();
    inTurns(rest, done);
  }, REST).unref();
}

/**
 * For a process that reads from many strangers: freed buffers go back to the system at once, where the C library would keep
 * them in pieces for their next use. Before the first of its threads starts.
 */
export function holdLittleMemory(): void {
  hold(LITTLE);
}

/** Bytes: Node reads into 64 KiB. */
const LITTLE = { piece: 60_000, end: 512 * 1024 };
/** The most the C library takes, and more than a start ever frees. */
const MUCH = { piece: 32 * 1024 * 1024, end: 1024 * 1024 * 1024 };

function hold({ piece, end }: typeof LITTLE): void {
  (loadAddon() as MemoryAddon).holdMemory(piece, end);
}

/**
 * For a process that makes much at its start, most of which stays: touching a new page costs more than any collection, so it uses
 * those it has. Its young generation does not grow, what the C library frees is kept for the next use, and garbage that has grown old
 * is left until nothing is waited for. One thread collects the young, since waking others takes longer than so little work.
 * Code is optimized with little of other code in it: compiling takes as long as all else otherwise, of code that soon has run its
 * last. V8 reads these flags when it would act on them. Before the first thread starts; `endStart` takes all of it back but what is
 * said of the young generation.
 */
export function beginStart(): void {
  hold(MUCH);
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--no-incremental-marking');
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');
}

/** What the start was for is done. The memory it has left is given back by degrees. */
export function endStart(): void {
  holdLittleMemory();
  setFlagsFromString('--incremental-marking');
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${V8_INLINES}`);
  giveMemoryBack();
}

/** V8's own. Bytes. */
const V8_INLINES = 920;

/** From now on it grows as V8 likes: for a process that makes much garbage all the time. */
export function letYoungGenerationGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--parallel-scavenge');
}

function collectGarbage(): void {
  collector()();
}

type Collector = (options?: { readonly type: 'minor' }) => void;
let youngCollector: Collector | undefined;

function collector(): Collector {
  setFlagsFromString('--expose-gc');
  // The flag counts for contexts that are made from now on.
  return runInNewContext('gc') as Collector;
}

/**
 * Frees what was made of late and is not needed any more, within a millisecond or two: V8 itself lets tens of megabytes of
 * buffers pile up first, since they count for little in its own heap.
 */
export function collectYoungGarbage(): void {
  youngCollector ??= collector();
  youngCollector({ type: 'minor' });
}

/**
 * Pages of this program and its libraries that are as in their files leave this process; those it needs come back from the page
 * cache, some microseconds each time. Answers the bytes they span, 0 where the kernel does not tell which those are.
 */
export function letGoOfCode(): number {
  return (loadAddon() as MemoryAddon).letGoOfCode();
}
