/** How a process wants to be scheduled, as the configuration says it and the kernel is asked. */

import type { Micros } from './time.js';

/** How the kernel runs one process. */
export interface ProcessScheduling {
  /** -20 (first) to 19; absent = as started. */
  readonly niceValue?: number;
  /** SCHED_RR, 1 to 99; absent = SCHED_OTHER. */
  readonly realTimePriority?: number;
  /** CPU time without a pause that a real-time priority allows (RLIMIT_RTTIME); absent = what suits the process. */
  readonly realTimeLimit?: Micros;
  /** CPU numbers, ascending; absent = all. */
  readonly cpus?: readonly number[];
  /** The memory is never swapped out (mlockall). */
  readonly lockMemory: boolean;
}
