/**
 * How the kernel runs this process: nice value, SCHED_RR, CPUs, locked memory, and the CPU time a real-time priority may
 * take. What was found at start is put back when a configuration no longer asks for anything else.
 */

import { readFileSync, readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

import type { ProcessScheduling } from '../../base/scheduling.js';
import { errorCodeOf } from '../files/files.js';
import { errorCode } from '../kernel-error.js';
import { loadAddon } from '../native.js';

interface SchedulingAddon {
  setRealTimePriority(priority: number): number;
  affinityOf(mask: Uint8Array): number;
  setAffinity(thread: number, mask: Uint8Array): number;
  lockMemory(lock: 0 | 1): number;
  setRealTimeLimit(microseconds: number): number;
  watchRealTimeLimit(listener: () => void): object | number;
}

export interface SchedulingProblem {
  readonly setting: 'nice value' | 'real-time priority' | 'real-time limit' | 'CPU affinity' | 'memory lock';
  /** `EPERM` and the like. */
  readonly code: string;
}

export interface ProcessScheduler {
  /** Puts `wanted` into force as far as the system lets it; returns what it refused. */
  readonly apply: (wanted: ProcessScheduling) => readonly SchedulingProblem[];
  /** One real-time priority more, up to `highest`. Undefined when that is reached or refused. */
  readonly raise: (highest: number) => number | undefined;
}

/** The kernel's cpu_set_t. */
const MASK_BYTES = 128;

/**
 * µs a real-time priority may compute without a pause where nothing is configured. keepalived's 10 ms are meant for a
 * program that never collects garbage.
 */
const REAL_TIME_LIMIT = 100_000;

/**
 * `onLimit` hears that the process computed longer than its real-time limit: it had lost its priority since, and has it again
 * when `onLimit` is called.
 */
export function openProcessScheduler(onLimit: () => void): ProcessScheduler {
  const addon = loadAddon() as SchedulingAddon;
  const found = { niceValue: getPriority(), mask: affinityNow(addon) };
  let wanted: ProcessScheduling = { lockMemory: false };
  let locked = false;
  let raised = 0;
  /** Held so that the limit is heard of. */
  let watch: object | number | undefined;

  const useRealTime = (): number => {
    const priority = Math.max(raised, wanted.realTimePriority ?? 0);
    if (priority > 0) watch ??= addon.watchRealTimeLimit(() => {
      useRealTime();
      onLimit();
    });
    return addon.setRealTimePriority(priority);
  };
  return {
    apply: (next) => {
      wanted = next;
      const problems: SchedulingProblem[] = [];
      const check = (setting: SchedulingProblem['setting'], status: number | string): void => {
        if (typeof status === 'string') problems.push({ setting, code: status });
        else if (status < 0) problems.push({ setting, code: errorCode(status) });
      };
      check('nice value', setNice(next.niceValue ?? found.niceValue));
      check('CPU affinity', setCpus(addon, next.cpus === undefined ? found.mask : maskOf(next.cpus)));
      if (next.lockMemory !== locked) {
        const refusal = next.lockMemory && !mayLockMemory() ? 'EPERM' : addon.lockMemory(next.lockMemory ? 1 : 0);
        check('memory lock', refusal);
        if (refusal === 0) locked = next.lockMemory;
      }
      // As with keepalived, half of what is configured is the limit in force.
      check('real-time limit', addon.setRealTimeLimit(Math.floor((next.realTimeLimit ?? REAL_TIME_LIMIT) / 2)));
      check('real-time priority', useRealTime());
      return problems;
    },
    raise: (highest) => {
      const before = Math.max(raised, wanted.realTimePriority ?? 0);
      if (before >= highest) return undefined;
      const previous = raised;
      raised = before + 1;
      if (useRealTime() === 0) return raised;
      raised = previous;
      return undefined;
    },
  };
}

/** Every thread: the collector's helpers must keep up with the thread that waits for them. */
function threads(): readonly number[] {
  return readdirSync('/proc/self/task').map(Number);
}

/** Of this process with all its threads: 0, or the code of what was refused. */
export function setNice(value: number): 0 | string {
  try {
    for (const thread of threads()) setPriority(thread, value);
    return 0;
  } catch (error) {
    return errorCodeOf(error);
  }
}

function setCpus(addon: SchedulingAddon, mask: Uint8Array): number {
  return Math.min(...threads().map((thread) => addon.setAffinity(thread, mask)));
}

function affinityNow(addon: SchedulingAddon): Uint8Array {
  const mask = new Uint8Array(MASK_BYTES);
  const length = addon.affinityOf(mask);
  return mask.subarray(0, Math.max(0, length));
}

function maskOf(cpus: readonly number[]): Uint8Array {
  const mask = new Uint8Array(MASK_BYTES);
  for (const cpu of cpus) mask[cpu >> 3] = (mask[cpu >> 3] ?? 0) | (1 << (cpu & 7));
  return mask;
}

/** CAP_IPC_LOCK. Without it a finite limit on locked memory would end the process at some later allocation. */
function mayLockMemory(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${effective}`) >> 14n) % 2n === 1n;
}
