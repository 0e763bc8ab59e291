/** Memory of this process that is garbage and that nobody has asked for yet: the system gets it back. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { loadAddon } from '../native.js';

/** Heaps smaller than this one are not worth the pause. Bytes. */
const WORTH_IT = 40 * 1024 * 1024;
/** So many times what was left the last time: a heap that is large for good is left alone. */
const GROWN = 1.5;
/** Milliseconds between two looks. */
const EVERY = 60_000;

/**
 * Collects all garbage of a large heap some seconds from now and whenever it has grown by half since: V8 keeps what reading a file
 * of thousands of servers has left for as long as nothing new is made. Each time stops this process for some tens of
 * milliseconds: nothing for a process that keeps the time of others.
 */
export function giveMemoryBack(): void {
  let left = 0;
  const look = (): void => {
    if (process.memoryUsage().heapTotal > Math.max(WORTH_IT, GROWN * left)) {
      collectGarbage();
      left = process.memoryUsage().heapTotal;
    }
    setTimeout(look, EVERY).unref();
  };
  setTimeout(look, EVERY / 12).unref();
}

/**
 * For a process that reads from many strangers: freed buffers go back to the system at once, where the C library would keep
 * them in pieces for their next use. Before the first of its threads starts.
 */
export function holdLittleMemory(): void {
  (loadAddon() as { readonly holdLittleMemory: () => void }).holdLittleMemory();
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  // The flag counts for contexts that are made from now on.
  runInNewContext('gc()');
}
