/** Processes as /proc shows them, read outside of the event loop's thread. */

import { readdir, readFile } from 'node:fs/promises';

import type { ProcessIdentity } from '../../vrrp/process-match.js';

/** A process that is alive; undefined when there is none, or only what is left of it. */
export async function readProcess(pid: number, withArguments: boolean): Promise<ProcessIdentity | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name stands in parentheses and may hold some itself.
    const end = stat.lastIndexOf(')');
    const state = stat.charAt(end + 2);
    if (state === 'Z' || state === 'X') return undefined;
    const comm = stat.slice(stat.indexOf('(') + 1, end);
    if (!withArguments) return { comm, argv: [] };
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return { comm, argv: line === '' ? [] : line.replace(/\0$/, '').split('\0') };
  } catch {
    return undefined;
  }
}

/** The ids of all processes. */
export async function listProcesses(): Promise<readonly number[]> {
  const names = await readdir('/proc');
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}
