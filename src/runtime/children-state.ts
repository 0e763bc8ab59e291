/** What the supervisor remembers of its child processes. The rules that change it are in children.ts. */

import type { Micros } from '../base/time.js';
import type { Child, ChildrenConfig } from './children-events.js';

/** One child process that exists, is being started or waits to be started again. */
export interface ChildState {
  /** Undefined while it is being started or waits. */
  readonly pid: number | undefined;
  readonly startedAt: Micros;
  readonly ready: boolean;
  /** The generation it acknowledged; 0 = none. */
  readonly configured: number;
  /** When silence becomes a fault. */
  readonly silentAt: Micros | undefined;
  /** When it is started again. */
  readonly respawnAt: Micros | undefined;
  /** The delay of its next restart; 0 = at once. */
  readonly nextDelay: Micros;
  /** It shall leave: KILL follows then. */
  readonly killAt: Micros | undefined;
  /** It was told so, by TERM or by KILL. */
  readonly leaving: boolean;
  /** Started while everything ends, to remove what the process before it left. */
  readonly tidying: boolean;
}

export type Loading = 'no' | 'start' | 'reload';

export interface ChildrenState {
  readonly config: ChildrenConfig;
  readonly children: ReadonlyMap<Child, ChildState>;
  /** The children that have work in this generation. */
  readonly wanted: readonly Child[];
  /** The configuration that all of them shall have; 0 = none yet. */
  readonly generation: number;
  /** A load effect is unanswered. */
  readonly loading: Loading;
  /** Not all have acknowledged `generation`; says what to announce once they have. */
  readonly settling: Loading;
  readonly reloadQueued: boolean;
  /** The status to leave with, once a stop has begun. */
  readonly stopStatus: number | undefined;
  /** Another program takes over: children leave and nobody is started. */
  readonly replacing: boolean;
  readonly exited: boolean;
}

export function initialChildren(config: ChildrenConfig): ChildrenState {
  return {
    config,
    children: new Map(),
    wanted: [],
    generation: 0,
    loading: 'no',
    settling: 'no',
    reloadQueued: false,
    stopStatus: undefined,
    replacing: false,
    exited: false,
  };
}

export function newChild(now: Micros, previousDelay: Micros): ChildState {
  return {
    pid: undefined,
    startedAt: now,
    ready: false,
    configured: 0,
    silentAt: undefined,
    respawnAt: undefined,
    nextDelay: previousDelay,
    killAt: undefined,
    leaving: false,
    tidying: false,
  };
}
