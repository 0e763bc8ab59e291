/** Processes that must not take the processor from those at work while they start. */

import { getPriority, setPriority } from 'node:os';

import { setNice } from './process-scheduler.js';

/** As nice(1) has it by default. */
const NICER = 10;
const NICEST = 19;

/** A process that has just been forked, and so all its threads to come. One that may not be changed stays as it is. */
export function putInBackground(pid: number): void {
  quietly(() => setPriority(pid, Math.min(getPriority() + NICER, NICEST)));
}

/** This process, with all its threads, is as nice as its parent from now on. */
export function leaveBackground(): void {
  quietly(() => {
    const value = getPriority(process.ppid);
    if (getPriority() !== value) setNice(value);
  });
}

/** Without the right to it, the kernel's refusal changes nothing that matters. */
function quietly(change: () => void): void {
  try {
    change();
  } catch {
    // The process runs all the same.
  }
}
