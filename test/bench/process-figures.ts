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

/** Seconds on a CPU of the thread that runs the event loop, since the process started. */
export function loopSeconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
}

/** Hundredths of a second on a CPU, of all threads, also of those that have ended meanwhile; as seconds. */
export function allSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) / 100;
}

export interface Memory {
  /** Resident set, MiB. */
  readonly resident: number;
  /** Resident and private to this process, MiB: what one more process really costs. */
  readonly anonymous: number;
  /** Resident, with what several processes share divided among them, MiB. NaN where the kernel does not tell. */
  readonly proportional: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN);
  return { resident: kib('VmRSS') / 1024, anonymous: kib('RssAnon') / 1024, proportional: proportionalOf(pid) };
}

function proportionalOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}
