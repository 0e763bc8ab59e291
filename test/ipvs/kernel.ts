/**
 * A reconciler at a model kernel in virtual time. The kernel keeps its own copies, refuses as the real one does and can be
 * made to fail; every answer takes a millisecond unless told otherwise. A look lists the services when it begins and reads one
 * after the other until it is answered; an apply is performed when it is answered.
 */

import { micros, milliseconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { OpFailure, ReconcilerEffect, ReconcilerEvent } from '../../src/ipvs/events.js';
import type { IpvsNote } from '../../src/ipvs/notes.js';
import { applyOps, planOps } from '../../src/ipvs/plan.js';
import type { Op } from '../../src/ipvs/plan.js';
import { initialReconciler, reconcilerDeadline, stepReconciler } from '../../src/ipvs/reconciler.js';
import type { ReconcilerState } from '../../src/ipvs/reconciler.js';
import type { ServiceEntry, Tables } from '../../src/ipvs/tables.js';
import { destination, service, tables } from './samples.js';


export class Bench {
  now: Micros = micros(0);
  state: ReconcilerState;
  kernel: Tables = new Map();
  /** Every op the kernel performed or refused, as text. */
  readonly ops: string[] = [];
  /** Those that the kernel performed although it held already what they bring. */
  readonly needless: string[] = [];
  readonly notes: IpvsNote[] = [];
  snapshots = 0;
  stopped = false;
  /** Errno name with which looks and applies fail as a whole; undefined = they work. */
  broken: string | undefined;
  answerAfter = milliseconds(1);
  /** What looks take, if not as long as other answers. */
  lookTakes: Micros | undefined;
  /** Answers are lost instead. */
  silent = false;
  /** Looks and applies since the start. */
  exchanges = 0;
  /** Breaks an exchange by its number, from 1, with this code; an apply has performed the first half of its ops by then. */
  breaks: (exchange: number) => string | undefined = () => undefined;
  /** Of an apply, how many ops are answered for (all are performed); undefined: all. */
  breaksOff: (ops: readonly Op[]) => number | undefined = () => undefined;
  /** Refuses an op with this code and number. */
  refuse: (op: Op) => { readonly code: string; readonly errno: number } | undefined = () => undefined;
  /** In the order of their instants. */
  #agenda: { readonly at: Micros; readonly run: () => void }[] = [];

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
      const item = this.#agenda[0];
      const deadline = reconcilerDeadline(this.state);
      const next = Math.min(item?.at ?? Infinity, deadline ?? Infinity);
      if (next > end) break;
      this.now = micros(Math.max(this.now, next));
      if (item !== undefined && item.at <= this.now) {
        this.#agenda.shift();
        item.run();
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
    this.exchanges += 1;
    const broken = this.breaks(this.exchanges);
    if (effect.type === 'snapshot') this.#look(effect.id, broken);
    else {
      const { id, ops } = effect;
      this.#put(this.answerAfter, () => this.deliver(broken === undefined ? this.#applied(id, ops) : this.#brokenOff(id, ops, broken)));
    }
  }

  #look(id: number, broken: string | undefined): void {
    this.snapshots += 1;
    const span = this.lookTakes ?? this.answerAfter;
    const seen = new Map<string, ServiceEntry>();
    for (const [i, [key, { service: found }]] of [...this.kernel].entries()) {
      // The kernel answers for a service that has gone as for one without servers.
      const read = (): void => void seen.set(key, structuredClone({ service: found, destinations: this.kernel.get(key)?.destinations ?? new Map() }));
      this.#put(micros(Math.floor((span * (i + 1)) / (this.kernel.size + 1))), read);
    }
    this.#put(span, () => {
      const code = broken ?? this.broken;
      this.deliver(code === undefined ? { type: 'snapshotTaken', id, tables: seen } : { type: 'snapshotFailed', id, code });
    });
  }

  #put(span: Micros, run: () => void): void {
    const at = micros(this.now + span);
    const place = this.#agenda.findIndex((item) => item.at > at);
    this.#agenda.splice(place === -1 ? this.#agenda.length : place, 0, { at, run });
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
      if (refusal === undefined && this.#changesNothing(op)) this.needless.push(text);
      if (refusal === undefined) this.kernel = applyOps(this.kernel, [op]);
      else failures.push({ index, ...refusal });
    }
    const answered = this.breaksOff(ops);
    if (answered !== undefined) {
      return { type: 'opsFailed', id, code: 'ENOBUFS', failures: failures.filter(({ index }) => index < answered), othersUnknown: true };
    }
    return failures.length === 0
      ? { type: 'opsApplied', id }
      : { type: 'opsFailed', id, code: failures[0]?.code ?? '', failures };
  }

  #changesNothing(op: Op): boolean {
    const only = (tables: Tables): Tables => new Map([...tables].filter(([key]) => key === op.key));
    return planOps(only(applyOps(this.kernel, [op])), only(this.kernel), new Set([op.key])).length === 0;
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
