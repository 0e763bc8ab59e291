/**
 * Which commands the kernel refused and when they may be tried again, so that one bad entry (a scheduler whose module is
 * missing, say) delays nothing but itself.
 */

import { after, milliseconds, seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import type { OpFailure } from './events.js';
import { opLabels } from './labels.js';
import type { IpvsNote } from './notes.js';
import type { Op } from './plan.js';
import type { ServiceKey } from './tables.js';

interface Refusal {
  readonly code: string;
  readonly pause: Micros;
  readonly until: Micros;
}

/** By the key of what was to be changed. */
export type Refusals = ReadonlyMap<string, Refusal>;

const FIRST_PAUSE = milliseconds(100);
const LONGEST_PAUSE = seconds(5);
/** Refusals told one by one in one answer. */
const TOLD = 20;

/** The ops that may be sent now. Destinations of a service that cannot be added yet wait with it. */
export function withoutRefused(ops: readonly Op[], refusals: Refusals, now: Micros): readonly Op[] {
  if (refusals.size === 0) return ops;
  const waits = (op: Op): boolean => (refusals.get(subject(op))?.until ?? 0) > now;
  const absent = new Set<ServiceKey>();
  for (const op of ops) if (op.type === 'addService' && waits(op)) absent.add(op.key);
  return ops.filter((op) => !waits(op) && !absent.has(op.key));
}

/** Only refusals of ops that are still wanted are remembered. */
export function stillRefused(refusals: Refusals, wanted: readonly Op[]): Refusals {
  if (refusals.size === 0) return refusals;
  const subjects = new Set(wanted.map(subject));
  return new Map([...refusals].filter(([key]) => subjects.has(key)));
}

/**
 * What is remembered and told after an answer: refused ops wait twice as long each time (100 ms to 5 s), performed ones
 * are forgiven. Told is what is new. Failures below a service that could not be added follow from it and go untold.
 */
export function afterAnswer(
  before: Refusals,
  ops: readonly Op[],
  failures: readonly OpFailure[],
  now: Micros,
): { readonly refusals: Refusals; readonly notes: readonly IpvsNote[] } {
  if (before.size === 0 && failures.length === 0) return { refusals: before, notes: [] };
  const refusals = new Map(before);
  for (const op of ops) refusals.delete(subject(op));
  const notes: IpvsNote[] = [];
  const absent = new Set<ServiceKey>();
  let untold = 0;
  for (const { index, code, errno } of failures) {
    const op = ops[index];
    if (op === undefined || absent.has(op.key)) continue;
    if (op.type === 'addService') absent.add(op.key);
    const last = before.get(subject(op));
    const pause = last === undefined ? FIRST_PAUSE : (Math.min(last.pause * 2, LONGEST_PAUSE) as Micros);
    refusals.set(subject(op), { code, pause, until: after(now, pause) });
    if (last?.code === code) continue;
    if (notes.length < TOLD) notes.push({ type: 'commandFailed', operation: op.type, ...opLabels(op), code, errno });
    else untold += 1;
  }
  if (untold > 0) notes.push({ type: 'commandFailuresUntold', count: untold });
  return { refusals, notes };
}

function subject(op: Op): string {
  return 'destinationKey' in op ? `${op.key} -> ${op.destinationKey}` : op.key;
}
