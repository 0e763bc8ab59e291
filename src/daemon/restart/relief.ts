/**
 * How a VRRP process is relieved by a program that takes over: it speaks until its successor is ready, though its supervisor is
 * another program by then or has ended, and leaves what its successor needs to know in a file. Should none come, it ends in order
 * by itself. Instances that the successor will not have leave at once.
 */

import { keepBequest } from './bequest.js';

/** What the supervisor says to a child that shall leave everything as it is. */
export interface Relief {
  /** Where VRRP writes what it leaves, when its successor is ready. */
  readonly path: string;
  /** The supervisor ends before another one comes. Otherwise it becomes the other one, and its end is that of the restart. */
  readonly outlivesSupervisor: boolean;
  /** Instances (routeKey) that the next configuration has; undefined = as many as now. */
  readonly remaining: readonly string[] | undefined;
}

/** Milliseconds for a successor to come: the new program starts, on a busy machine too. */
export const SUCCESSOR_PATIENCE = 30_000;
/** Between two looks for the supervisor. */
const LOOK = 100;
/** For notify scripts that run, and instances that leave, to end, at the most. */
const LAST_PATIENCE = 1_500;
const LAST_LOOK = 10;

export interface Relieved {
  readonly relieve: (relief: Relief) => void;
  readonly retain: () => void;
  readonly isOutliving: () => boolean;
  /** The successor is ready. */
  readonly succeeded: () => void;
}

export interface RelievedPorts {
  /** All the successor needs to know. */
  readonly legacy: () => unknown;
  /** No script of ours runs, which would be ended with this process, and no instance is on its way out. */
  readonly isIdle: () => boolean;
  /** Instances other than these leave; undefined = all are back, as far as the configuration has them. */
  readonly limitTo: (remaining: readonly string[] | undefined) => void;
  /** An orderly end of its own. */
  readonly stop: () => void;
  /** The end of this process, at once. */
  readonly quit: () => void;
}

export function createRelieved({ legacy, isIdle, limitTo, stop, quit }: RelievedPorts): Relieved {
  let path: string | undefined;
  let looking: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  const settle = (): void => {
    path = undefined;
    clearInterval(looking);
    clearTimeout(patience);
  };
  const forsaken = (): void => {
    if (path === undefined) return;
    settle();
    stop();
  };
  const leave = (to: string, by: number): void => {
    if (!isIdle() && performance.now() < by) {
      setTimeout(() => leave(to, by), LAST_LOOK);
      return;
    }
    // Whoever cannot leave word is no predecessor: the next one begins as if there had been none.
    keepBequest(to, legacy());
    quit();
  };
  const succeeded = (): void => {
    if (path === undefined) return;
    const to = path;
    settle();
    leave(to, performance.now() + LAST_PATIENCE);
  };
  return {
    relieve: (relief) => {
      ({ path } = relief);
      if (relief.remaining !== undefined) limitTo(relief.remaining);
      patience = setTimeout(forsaken, SUCCESSOR_PATIENCE);
      if (relief.outlivesSupervisor) return;
      const supervisor = process.ppid;
      // The next program is the same process; anybody else is nobody's successor.
      looking = setInterval(() => {
        if (process.ppid !== supervisor) forsaken();
      }, LOOK);
    },
    retain: () => {
      settle();
      limitTo(undefined);
    },
    isOutliving: () => path !== undefined,
    succeeded,
  };
}
