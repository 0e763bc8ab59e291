/** What is remembered of tracked scripts, files, processes and BFD sessions: plain data, survives structured clone. */

import type { Micros } from '../../base/time.js';
import type { TrackProcessConfig, TrackScriptConfig } from '../config/track.js';

/** Of a script: what outlives a reload, and the process. */
export interface ScriptMemory {
  /** 0 to rise + fall - 1; up from `rise` on. */
  readonly count: number;
  /** Undefined until the first result. */
  readonly up: boolean | undefined;
  /** Last exit status. */
  readonly status: number;
}

export interface ScriptTracker extends ScriptMemory {
  readonly config: TrackScriptConfig;
  readonly runAt: Micros;
  /** The run that is going on. */
  readonly run: { readonly id: number; readonly since: Micros } | undefined;
}

export interface FileTracker {
  readonly path: string;
  /** Undefined until it has been read. */
  readonly value: number | undefined;
}

export interface ProcessTracker {
  readonly config: TrackProcessConfig;
  /** How many were found last; absent until the first count. */
  readonly count?: number;
  /** What counts for those who track it; undefined until the first count. */
  readonly up: boolean | undefined;
  /** The opposite of `up` counts from then on. */
  readonly changeAt: Micros | undefined;
}

/** By name: everything the configuration has. */
export interface Trackers {
  readonly scripts: ReadonlyMap<string, ScriptTracker>;
  readonly files: ReadonlyMap<string, FileTracker>;
  readonly processes: ReadonlyMap<string, ProcessTracker>;
  /** Of the BFD process; absent counts as down. */
  readonly sessions: ReadonlyMap<string, boolean>;
  /** Whether they have their quorum, as the checkers process says; absent counts as yes. */
  readonly virtualServers: ReadonlyMap<string, boolean>;
}

export const NO_TRACKERS: Trackers = { scripts: new Map(), files: new Map(), processes: new Map(), sessions: new Map(), virtualServers: new Map() };
