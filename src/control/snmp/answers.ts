/** What a master's questions are answered with: objects of the view, and sets in their four steps (RFC 2741 section 7.2). */

import type { SearchRange, VarBind } from './agentx-pdu.js';
import type { Answer, Question } from './session.js';
import { startsWith } from './values.js';
import type { Oid, SnmpValue } from './values.js';
import type { View } from './view.js';

/** RFC 3416 section 3: errorStatus. */
export const ERRORS = {
  none: 0,
  genErr: 5,
  noAccess: 6,
  wrongType: 7,
  wrongValue: 10,
  resourceUnavailable: 13,
  commitFailed: 14,
  undoFailed: 15,
  notWritable: 17,
} as const;

type ErrorStatus = (typeof ERRORS)[keyof typeof ERRORS];

/** What is carried out when a set is committed; calls back with whether that worked. */
export type Change = (done: (worked: boolean) => void) => void;

/** One writable column. */
export interface Writable<W> {
  readonly oid: Oid;
  /** The change and what takes it back, or why there is none. */
  readonly plan: (world: W, index: Oid, value: SnmpValue) => Plan | ErrorStatus;
}

export interface Plan {
  readonly commit: Change;
  readonly undo: Change;
}

/** Sets under way at the same time, and variables of an answer to GETBULK. */
const MOST_SETS = 32;
const MOST_VARIABLES = 1_000;

const DONE: Answer = { error: ERRORS.none, index: 0, varBinds: [] };

export interface AnswererOptions<W> {
  readonly view: View<W>;
  readonly world: () => W;
  readonly writables: readonly Writable<W>[];
}

export function createAnswerer<W>({ view, world, writables }: AnswererOptions<W>): (question: Question, reply: (answer: Answer) => void) => void {
  const sets = new Map<number, readonly Plan[]>();
  const next = (range: SearchRange): VarBind =>
    view.next(world(), range.start, range.include, range.end) ?? { oid: range.start, value: { type: 'endOfMibView' } };
  const test = (transactionId: number, varBinds: readonly VarBind[]): Answer => {
    const plans: Plan[] = [];
    for (const [i, varBind] of varBinds.entries()) {
      const plan = planOf(varBind, writables, world(), view);
      if (typeof plan === 'number') return { error: plan, index: i + 1, varBinds: [] };
      plans.push(plan);
    }
    if (sets.size >= MOST_SETS) return { error: ERRORS.resourceUnavailable, index: 1, varBinds: [] };
    sets.set(transactionId, plans);
    return DONE;
  };
  return (question, reply) => {
    switch (question.type) {
      case 'get':
        reply({ ...DONE, varBinds: question.ranges.map(({ start }) => ({ oid: start, value: view.get(world(), start) ?? { type: 'noSuchInstance' } })) });
        return;
      case 'getNext':
        reply({ ...DONE, varBinds: question.ranges.map(next) });
        return;
      case 'getBulk':
        reply({ ...DONE, varBinds: bulk(question, next) });
        return;
      case 'testSet':
        reply(test(question.transactionId, question.varBinds));
        return;
      case 'commitSet':
        inTurn((sets.get(question.transactionId) ?? []).map(({ commit }) => commit), ERRORS.commitFailed, reply);
        return;
      case 'undoSet':
        inTurn((sets.get(question.transactionId) ?? []).map(({ undo }) => undo), ERRORS.undoFailed, reply);
        sets.delete(question.transactionId);
        return;
      default:
        sets.delete(question.transactionId);
        reply(DONE);
    }
  };
}

function bulk(question: Extract<Question, { type: 'getBulk' }>, next: (range: SearchRange) => VarBind): readonly VarBind[] {
  const once = question.ranges.slice(0, question.nonRepeaters).map(next);
  let repeated = question.ranges.slice(question.nonRepeaters);
  const found: VarBind[] = [...once];
  for (let i = 0; i < question.maxRepetitions && repeated.length > 0 && found.length + repeated.length <= MOST_VARIABLES; i += 1) {
    const round = repeated.map(next);
    found.push(...round);
    if (round.every(({ value }) => value.type === 'endOfMibView')) break;
    repeated = repeated.map((range, place) => ({ ...range, start: round[place]?.oid ?? range.start, include: false }));
  }
  return found;
}

function planOf<W>({ oid, value }: VarBind, writables: readonly Writable<W>[], world: W, view: View<W>): Plan | ErrorStatus {
  const writable = writables.find((each) => startsWith(oid, each.oid));
  if (writable === undefined || view.get(world, oid) === undefined) return ERRORS.notWritable;
  if (!('value' in value)) return ERRORS.wrongType;
  return writable.plan(world, oid.slice(writable.oid.length), value);
}

/** One after the other, until one fails. */
function inTurn(changes: readonly Change[], failure: ErrorStatus, reply: (answer: Answer) => void): void {
  const work = (i: number): void => {
    const change = changes[i];
    if (change === undefined) {
      reply(DONE);
      return;
    }
    change((worked) => {
      if (worked) work(i + 1);
      else reply({ error: failure, index: i + 1, varBinds: [] });
    });
  };
  work(0);
}
