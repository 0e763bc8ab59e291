/** What keepalived lets an operator say about its processes and Node cannot: scheduling class, locked memory, parents. */

import { constants } from 'node:os';

import { checked } from './kernel-error.js';
import { loadAddon } from './native.js';

interface ControlAddon {
  setParentDeathSignal(signal: number): number;
  setRoundRobin(priority: number): number;
  lockMemory(): number;
}

/** The kernel sends `signal` to this process when its parent ends, however that happens. Throws KernelError. */
export function setParentDeathSignal(signal: 'SIGTERM' | 'SIGKILL'): void {
  checked('set parent-death signal', (loadAddon() as ControlAddon).setParentDeathSignal(constants.signals[signal]));
}

/**
 * SCHED_RR with `priority` 1-99 for the main thread, 0 = back to normal. V8's helper threads and scripts stay normal.
 * Throws KernelError (EPERM without CAP_SYS_NICE, EINVAL out of range).
 */
export function setRoundRobinPriority(priority: number): void {
  checked('set scheduling class', (loadAddon() as ControlAddon).setRoundRobin(priority));
}

/** Keeps every page that has been touched in memory. Throws KernelError (EPERM without CAP_IPC_LOCK). */
export function lockMemory(): void {
  checked('lock memory', (loadAddon() as ControlAddon).lockMemory());
}
