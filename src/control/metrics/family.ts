/**
 * A metric family as data: its name, what it means and how its samples are read off the status. Which families there are
 * stand in the other files of this folder; exposition.ts turns them into text.
 */

import type { Status } from '../status.js';

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  /** Counters only ever grow while the process that counts lives. */
  readonly type: 'counter' | 'gauge';
  readonly labels: readonly string[];
  readonly samples: (status: Status) => readonly Sample[];
}

export interface Sample {
  /** In the order of the family's labels. */
  readonly labels: readonly string[];
  readonly value: number;
}

/** Seconds since 1970 of a time as the status writes it. */
export function timestamp(time: string): number {
  return Date.parse(time) / 1_000;
}

/** 1 or 0. */
export function flag(value: boolean): number {
  return value ? 1 : 0;
}

/** keepalived's numbers of the states of an instance, in its JSON, its MIBs and its exporters. */
export const STATE_NUMBERS = { INIT: 0, BACKUP: 1, MASTER: 2, FAULT: 3 } as const;
