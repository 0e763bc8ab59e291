/**
 * A reconciler at a model kernel in virtual time. The kernel keeps its own copies, refuses as the real one does and can be
 * made to fail; every answer takes a millisecond unless told otherwise.
 */

import { micros, milliseconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { OpFailure, ReconcilerEffect, ReconcilerEvent } from '../../src/ipvs/events.js';
import type { IpvsNote } from '../../src/ipvs/notes.js';
import { applyOps, planOps } from '../../src/ipvs/plan.js';
import type { Op } from '../../src/ipvs/plan.js';
import { initialReconciler, reconcilerDeadline, stepReconciler } from '../../src/ipvs/reconciler.js';
import type { ReconcilerState } from '../../src/ipvs/reconciler.js';
import type { Tables } from '../../src/ipvs/tables.js';
import { destination, service, tables } from './samples.js';


export class Bench {
  now: Micros = micros(0);
  state: ReconcilerState;
  kernel: Tables = new Map();
  /** Every op the kernel performed or refused, as text. */
  readonly ops: string[] = [];
  readonly notes: IpvsNote[] = [];
  snapshots = 0;
  stopped = false;
  /** Errno name with which looks and applies fail as a whole; undefined = they work. */
  broken: string | undefined;
  answerAfter = milliseconds(1);
  /** Answers are lost instead. */
  silent = false;
  /** Looks and applies since the start. */
  exchanges = 0;
  /** Breaks an exchange by its number, from 1, with this code; an apply has performed the first half of its ops by then. */
  breaks: (exchange: number) => string | undefined = () => undefined;
  /** Refuses an op with this code and number. */
  refuse: (op: Op) => { readonly code: string; readonly errno: number } | undefined = () => undefined;
  #answers: { readonly at: Micros; readonly event: () => ReconcilerEvent }[] = [];

  constructor(options?: { readonly lvsFlush: boolean }) {
    this.state = initialReconciler(options);
  }

  deliver(event: ReconcilerEvent): void {
    const step = stepReconciler(this.state, event, this.now);
    this.state = step.state;
    this.notes.push(...step.notes);
    for (const effect of step.effects) this.#perform(effect);
  }

  /** Lets virtual time pass, waking the reconciler only when it asked for it. */
  run(span: Micros): void {
    const end = this.now + span;
    for (;;) {
      const answer = this.#answers[0];
      const deadline = reconcilerDeadline(this.state);
      const next = Math.min(answer?.at ?? Infinity, deadline ?? Infinity);
      if (next > end) break;
      this.now = micros(Math.max(this.now, next));
      if (answer !== undefined && answer.at <= this.now) {
        this.#answers.shift();
        this.deliver(answer.event());
      } else this.deliver({ type: 'timeout' });
    }
    this.now = micros(end);
  }

  noteTypes(): string[] {
    return this.notes.map(({ type }) => type);
  }

  #perform(effect: ReconcilerEffect): void {
    if (effect.type === 'stopped') {
      this.stopped = true;
      return;
    }
    if (this.silent) return;
    const at = micros(this.now + this.answerAfter);
    const { id } = effect;
    this.exchanges += 1;
    const broken = this.breaks(this.exchanges);
    if (effect.type === 'snapshot') {
      this.snapshots += 1;
      this.#answers.push({
        at,
        event: () =>
          broken === undefined && this.broken === undefined
            ? { type: 'snapshotTaken', id, tables: structuredClone(this.kernel) }
            : { type: 'snapshotFailed', id, code: broken ?? this.broken ?? '' },
      });
    } else this.#answers.push({ at, event: () => (broken === undefined ? this.#applied(id, effect.ops) : this.#brokenOff(id, effect.ops, broken)) });
  }

  #brokenOff(id: number, ops: readonly Op[], code: string): ReconcilerEvent {
    this.#applied(id, ops.slice(0, Math.ceil(ops.length / 2)));
    return { type: 'opsFailed', id, code, failures: [] };
  }

  #applied(id: number, ops: readonly Op[]): ReconcilerEvent {
    if (this.broken !== undefined) return { type: 'opsFailed', id, code: this.broken, failures: [] };
    const failures: OpFailure[] = [];
    for (const [index, op] of ops.entries()) {
      const refusal = this.refuse(op) ?? this.#natural(op);
      const text = 'destinationKey' in op ? `${op.type} ${op.key} ${op.destinationKey}` : `${op.type} ${op.key}`;
      this.ops.push(refusal === undefined ? text : `${text} ${refusal.code}`);
      if (refusal === undefined) this.kernel = applyOps(this.kernel, [op]);
      else failures.push({ index, ...refusal });
    }
    return failures.length === 0
      ? { type: 'opsApplied', id }
      : { type: 'opsFailed', id, code: failures[0]?.code ?? '', failures };
  }

  /** What Linux answers: ESRCH for an unknown service, EEXIST and ENOENT for destinations. */
  #natural(op: Op): { readonly code: string; readonly errno: number } | undefined {
    const entry = this.kernel.get(op.key);
    if (op.type === 'addService') return entry === undefined ? undefined : { code: 'EEXIST', errno: 17 };
    if (entry === undefined) return { code: 'ESRCH', errno: 3 };
    if (!('destinationKey' in op)) return undefined;
    const there = entry.destinations.has(op.destinationKey);
    if (op.type === 'addDestination') return there ? { code: 'EEXIST', errno: 17 } : undefined;
    return there ? undefined : { code: 'ENOENT', errno: 2 };
  }
}

/** One service with two servers. */
export const WEB = tables([service(80), [destination(1), destination(2)]]);
export const WEB_KEY = 'tcp 192.0.2.1:80';

/** A bench on which this is desired and done. */
export function started(desired: Tables = WEB, bench = new Bench()): Bench {
  bench.deliver({ type: 'desiredChanged', desired });
  bench.run(milliseconds(10));
  return bench;
}

export function holds(bench: Bench, desired: Tables): boolean {
  return planOps(desired, bench.kernel, new Set(desired.keys())).length === 0;
}
