/**
 * Which commands the kernel refused and when they may be tried again, so that one bad entry (a scheduler whose module is
 * missing, say) delays nothing but itself. They are tried again a few at a time, so that ten thousand refused ones cost no more
 * than one; the first that is performed frees all that were refused for the same reason.
 */

import { after, micros } from '../base/time.js';
import type { Micros } from '../base/time.js';
import type { OpFailure } from './events.js';
import { opLabels } from './labels.js';
import type { IpvsNote } from './notes.js';
import { FIRST_PAUSE, longestPause } from './pauses.js';
import type { Op } from './plan.js';
import type { ServiceKey } from './tables.js';

interface Refusal {
  /** What was refused: a command of another kind for the same entry has not been. */
  readonly type: Op['type'];
  readonly code: string;
  readonly triedAt: Micros;
  /** Another one that was refused for the same reason was performed since. */
  readonly isFree: boolean;
}

export interface Refusals {
  /** By the key of what was to be changed. */
  readonly all: ReadonlyMap<string, Refusal>;
  /** When some may be tried again. */
  readonly tryAt: Micros;
  readonly pause: Micros;
}

export const NO_REFUSALS: Refusals = { all: new Map(), tryAt: micros(0), pause: FIRST_PAUSE };

/** Refused commands that are tried again together. The kernel may start a program (modprobe) for each, and we wait for it. */
const TRIED = 16;
/** Trying may take up to a tenth of the time. */
const TRIAL_SHARE = 10;
/** Refusals told one by one in one answer. */
const TOLD = 20;

/** The ops that may be sent now. Destinations of a service that cannot be added yet wait until it is. */
export function withoutRefused(ops: readonly Op[], refusals: Refusals, now: Micros): readonly Op[] {
  if (refusals.all.size === 0) return ops;
  const waiting = new Map<Op, Refusal>();
  const absent = new Set<ServiceKey>();
  for (const op of ops) {
    const refusal = refusals.all.get(subject(op));
    if (refusal === undefined || refusal.isFree || refusal.type !== op.type) continue;
    waiting.set(op, refusal);
    if (op.type === 'addService') absent.add(op.key);
  }
  const due = refusals.tryAt > now ? [] : [...waiting].sort(([, a], [, b]) => a.triedAt - b.triedAt).slice(0, TRIED);
  const tried = new Set(due.map(([op]) => op));
  return ops.filter((op) => tried.has(op) || (!waiting.has(op) && !absent.has(op.key)));
}

/** Only refusals of ops that are still wanted are remembered. */
export function stillRefused(refusals: Refusals, wanted: readonly Op[]): Refusals {
  if (refusals.all.size === 0) return refusals;
  const subjects = new Set(wanted.map(subject));
  return { ...refusals, all: new Map([...refusals.all].filter(([key]) => subjects.has(key))) };
}

export interface Answer {
  readonly performed: readonly Op[];
  readonly ops: readonly Op[];
  readonly failures: readonly OpFailure[];
  /** How long it took to come. */
  readonly took: Micros;
}

interface Remembered {
  readonly refusals: Refusals;
  /** Something was refused that had not been before, or for another reason. */
  readonly isNews: boolean;
  readonly notes: readonly IpvsNote[];
}

/**
 * What is remembered and told after an answer: refused ops wait, performed ones are forgiven. Told is what is new. Failures below
 * a service that could not be added follow from it: they go untold, and are no refusals.
 */
export function afterAnswer(before: Refusals, { performed, ops, failures, took }: Answer, now: Micros): Remembered {
  if (before.all.size === 0 && failures.length === 0) return { refusals: before, isNews: false, notes: [] };
  const all = new Map(before.all);
  const freed = new Set<string>();
  for (const op of performed) {
    const refusal = all.get(subject(op));
    if (refusal?.type === op.type) freed.add(refusal.code);
    all.delete(subject(op));
  }
  if (freed.size > 0) for (const [key, refusal] of all) if (freed.has(refusal.code)) all.set(key, { ...refusal, isFree: true });
  const notes: IpvsNote[] = [];
  const absent = new Set<ServiceKey>();
  let untold = 0;
  let isNews = false;
  for (const { index, code, errno } of failures) {
    const op = ops[index];
    if (op === undefined || absent.has(op.key)) continue;
    if (op.type === 'addService') absent.add(op.key);
    const last = before.all.get(subject(op));
    all.set(subject(op), { type: op.type, code, triedAt: now, isFree: false });
    isNews ||= last?.type !== op.type || last.code !== code || last.isFree;
    if (last?.code === code) continue;
    if (notes.length < TOLD) notes.push({ type: 'commandFailed', operation: op.type, ...opLabels(op), code, errno });
    else untold += 1;
  }
  if (untold > 0) notes.push({ type: 'commandFailuresUntold', count: untold });
  // Performed and refused ones that had nothing to do with those that wait change nothing for them.
  if (!isNews && freed.size === 0 && failures.length === 0) return { refusals: { ...before, all }, isNews, notes };
  const pause = isNews || freed.size > 0 ? FIRST_PAUSE : micros(Math.min(before.pause * 2, longestPause(took, TRIAL_SHARE)));
  return { refusals: { all, tryAt: after(now, pause), pause }, isNews, notes };
}

function subject(op: Op): string {
  return 'destinationKey' in op ? `${op.key} -> ${op.destinationKey}` : op.key;
}
