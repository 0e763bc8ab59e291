/** The supervisor's alphabet: what can happen to child processes and what the supervisor can ask for. */

import type { Micros } from '../base/time.js';

/** In the order in which they are started (keepalived's order). */
export const CHILDREN = ['checkers', 'vrrp', 'bfd'] as const;
export type Child = (typeof CHILDREN)[number];

export interface ChildrenConfig {
  /** False with --dont-respawn: the first child that dies ends everything. */
  readonly respawn: boolean;
  /** From the order to leave to KILL (child_wait_time, 5 s unless configured). */
  readonly childWaitTime: Micros;
  /** A child silent for this long after it reported ready is killed and respawned. Undefined = not watched. */
  readonly aliveTimeout: Readonly<Record<Child, Micros | undefined>>;
}

/** How a process ended: exactly one of the two. */
export type Ending =
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'signal'; readonly signal: string };

export type ChildrenEvent =
  /** First event: start by loading the configuration. */
  | { readonly type: 'started' }
  /** SIGHUP. One may wait while a load or a start is under way; more are the same one. */
  | { readonly type: 'reloadRequested' }
  /** Answers `load`: the configuration is good and these children have work. */
  | {
      readonly type: 'loaded';
      readonly generation: number;
      readonly children: readonly Child[];
      readonly childWaitTime: Micros;
      readonly aliveTimeout: ChildrenConfig['aliveTimeout'];
      /** The program before a restart in place has services in the kernel's tables. */
      readonly inheritsServices?: boolean;
    }
  /** Answers `load`: the old configuration stays; at start, everything ends with this status. */
  | { readonly type: 'loadFailed'; readonly status: number }
  | { readonly type: 'childStarted'; readonly child: Child; readonly pid: number }
  | { readonly type: 'childReady'; readonly child: Child; readonly pid: number }
  | { readonly type: 'childConfigured'; readonly child: Child; readonly pid: number; readonly generation: number }
  | { readonly type: 'childAlive'; readonly child: Child; readonly pid: number }
  /** `pid` absent when it could not be started at all. */
  | { readonly type: 'childExited'; readonly child: Child; readonly pid?: number; readonly ending: Ending }
  | { readonly type: 'timeout' }
  | { readonly type: 'stopRequested' }
  /** A restart in place: another program takes over this process, and has been found able to. As a stop: another process does. */
  | { readonly type: 'replacementRequested'; readonly way?: 'inPlace' | 'asStop' }
  /** Answers `replace`: this program goes on after all. */
  | { readonly type: 'replacementFailed' };

export type ChildrenEffect =
  /** Answered by loaded or loadFailed. */
  | { readonly type: 'load' }
  /** Answered by childStarted, or childExited without pid. */
  | { readonly type: 'spawn'; readonly child: Child }
  /** Answered by childConfigured with the same generation. */
  | { readonly type: 'configure'; readonly child: Child; readonly pid: number; readonly generation: number }
  | { readonly type: 'terminate' | 'kill'; readonly child: Child; readonly pid: number }
  /** Leave, and leave everything as it is; VRRP goes on by itself until its successor is there. */
  | { readonly type: 'relieve'; readonly child: Child; readonly pid: number }
  /** There will be no successor: go on as before. */
  | { readonly type: 'retain'; readonly child: Child; readonly pid: number }
  /** All but VRRP have left, or VRRP has, too: become the other program, or end. Returns only as replacementFailed. */
  | { readonly type: 'replace' }
  /** Nothing runs any more: remove pid files and leave with this status. */
  | { readonly type: 'exit'; readonly status: number };

export type ChildrenNote =
  | { readonly type: 'childStarted' | 'childDiedRespawning' | 'childDiedExiting'; readonly child: Child; readonly pid: number }
  | { readonly type: 'childExited'; readonly child: Child; readonly pid: number; readonly ending: Ending }
  | { readonly type: 'childExitedPermanently'; readonly child: Child; readonly pid: number; readonly status: 1 | 2 | 4 }
  | { readonly type: 'childNotStarted'; readonly child: Child; readonly ending: Ending }
  | { readonly type: 'childStartedToTidy'; readonly child: Child }
  | { readonly type: 'restartDelayed'; readonly child: Child; readonly delay: Micros }
  | { readonly type: 'childSilent'; readonly child: Child; readonly pid: number; readonly silence: Micros }
  | { readonly type: 'childKilled'; readonly child: Child; readonly pid: number }
  | { readonly type: 'reloading' | 'reloadQueued' | 'reloadFailed' | 'nothingToRun' | 'stopping' | 'replacing' | 'leaving' | 'replacementRefused' }
  | { readonly type: 'configurationComplete'; readonly reload: boolean; readonly generation: number };
