/** What the kernel says a process cost: CPU from the scheduler's own accounting, memory from smaps. */

import { readFileSync, readdirSync } from 'node:fs';

/** Seconds on a CPU, user and system, of all threads of all `pids` since they started. */
export function cpuSeconds(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    }
  }
  return nanoseconds / 1e9;
}

export interface Memory {
  /** Resident set, MiB. */
  readonly resident: number;
  /** Resident and private to this process, MiB: what one more process really costs. */
  readonly anonymous: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN);
  return { resident: kib('VmRSS') / 1024, anonymous: kib('RssAnon') / 1024 };
}
