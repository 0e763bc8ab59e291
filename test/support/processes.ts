/** What /proc says of processes that may end at any moment: of one that has ended, nothing. */

import { readFileSync, readdirSync } from 'node:fs';

import { PATIENCE } from '../lab/process.js';

/** A file of its folder there; '' once it has ended. */
export function readProcess(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** Those that any of its threads has started. */
export function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) => readProcess(pid, `task/${thread}/children`).split(' ').filter((one) => one !== '').map(Number));
}

/** Its children and theirs, and so on, each behind who started it. */
export function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** The process id in a file that may not be there yet. Waits without giving way, so that what is asked for is of this moment. */
export function pidIn(path: string): number {
  for (const deadline = performance.now() + PATIENCE * 1_000; performance.now() < deadline; Atomics.wait(NEVER, 0, 0, 5)) {
    try {
      const pid = Number(readFileSync(path, 'utf8'));
      if (pid > 0) return pid;
    } catch {
      // Not there yet.
    }
  }
  throw new Error(`no process id in ${path}`);
}
