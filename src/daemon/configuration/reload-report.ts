/**
 * What a reload leaves for programs that wait for its end: reload_file, which is there while one is under way, and what came of
 * it beside the pid file, for `holdfast reload`.
 */

import { rmSync } from 'node:fs';

import type { LogEntry } from '../../base/log.js';
import { writeFileSafely } from '../../io/files/files.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

export interface ReloadOutcome {
  /** When the reading of the files began, milliseconds since 1970. */
  readonly at: number;
  /** The number of the configuration that is in force by this reload; absent = it was refused. */
  readonly inForce?: number;
  /** What was told as an error meanwhile, the first of many. */
  readonly errors: readonly string[];
}

export interface ReloadReport {
  /** The files are read next. `marker`: reload_file, undefined = nobody wants it. */
  readonly begin: (marker: string | undefined) => void;
  /** All that is logged, at any time. */
  readonly told: (entry: LogEntry) => void;
  /** It is over, and this is in force by it, if anything. Does nothing when none has begun. */
  readonly end: (outcomePath: string, inForce: number | undefined) => void;
  /** The daemon ends: nothing of it stays. */
  readonly withdraw: () => void;
}

const MOST_ERRORS = 20;

export function createReloadReport(tell: (note: LifecycleNote) => void): ReloadReport {
  let current: { readonly at: number; readonly errors: string[] } | undefined;
  let raised: string | undefined;
  let written: string | undefined;
  const lower = (): void => {
    if (raised !== undefined) rmSync(raised, { force: true });
    raised = undefined;
  };
  return {
    begin: (marker) => {
      current = { at: Date.now(), errors: [] };
      if (marker === undefined) return;
      const problem = writeFileSafely(marker, '');
      if (problem === undefined) raised = marker;
      else tell({ type: 'unwritable', path: marker, reason: problem });
    },
    told: ({ level, text }) => {
      if (level === 'error' && current !== undefined && current.errors.length < MOST_ERRORS) current.errors.push(text);
    },
    end: (outcomePath, inForce) => {
      lower();
      if (current === undefined) return;
      const outcome: ReloadOutcome = { ...current, ...(inForce === undefined ? {} : { inForce }) };
      current = undefined;
      // Its reader is the operator's command, and a missing one costs that its patience.
      if (writeFileSafely(outcomePath, `${JSON.stringify(outcome)}\n`) === undefined) written = outcomePath;
    },
    withdraw: () => {
      lower();
      if (written !== undefined) rmSync(written, { force: true });
    },
  };
}
