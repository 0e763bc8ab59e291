/** Bugs a checkers process may have, planted around production's machine: the simulation must find each. */

import { milliseconds } from '../../src/base/time.js';
import type { Micros } from '../../src/base/time.js';
import type { Op } from '../../src/ipvs/plan.js';
import { createLvsMachine } from '../../src/runtime/lvs-machine.js';
import type { LvsEffect, LvsEvent, LvsMachine, LvsState } from '../../src/runtime/lvs-machine.js';
import type { LvsRunOptions } from './lvs-run.js';

export interface PlantedLvsFault {
  readonly name: string;
  readonly options: LvsRunOptions;
}

const PRODUCTION = createLvsMachine({ lvsFlush: false, foresight: milliseconds(200), slack: milliseconds(50) });

export const PLANTED_LVS_FAULTS: readonly PlantedLvsFault[] = [
  { name: 'every probe counts as passed', options: hearing(allPassed) },
  {
    name: 'a recovered server is not noticed',
    options: hearing((event) =>
      event.type === 'probeAnswered' && event.verdict.type === 'passed' ? { ...event, verdict: TROUBLE } : event,
    ),
  },
  { name: 'deletions come before additions', options: applying(deletionsFirst) },
  { name: 'the last edit of a plan is forgotten', options: applying((ops) => (ops.length > 1 ? ops.slice(0, -1) : ops)) },
  { name: 'every edit is made twice', options: applying((ops) => ops.flatMap((op) => [op, op])) },
  { name: 'weights are never changed', options: applying((ops) => ops.filter((op) => op.type !== 'editDestination')) },
  { name: 'services that are no longer configured stay', options: applying((ops) => ops.filter((op) => op.type !== 'deleteService')) },
  { name: 'a refused command counts as done', options: hearing(refusalsForgotten) },
  { name: 'the tables are never looked at again', options: machine({ deadline: deadlineOfPool }) },
  { name: 'a reload is ignored', options: machine({ step: deafToReloads }) },
  { name: 'foreign services are flushed', options: { machine: createLvsMachine({ lvsFlush: true }) } },
];

const TROUBLE = { type: 'local', operation: 'socket', code: 'EMFILE' } as const;

function machine(changes: Partial<LvsMachine>): LvsRunOptions {
  return { machine: { ...PRODUCTION, ...changes } };
}

function hearing(change: (event: LvsEvent) => LvsEvent): LvsRunOptions {
  return machine({ step: (state, event, now) => PRODUCTION.step(state, change(event), now) });
}

function applying(change: (ops: readonly Op[]) => readonly Op[]): LvsRunOptions {
  return machine({
    step: (state, event, now) => {
      const step = PRODUCTION.step(state, event, now);
      const effects = step.effects.map(
        (effect): LvsEffect => (effect.type === 'apply' ? { ...effect, ops: change(effect.ops) } : effect),
      );
      return { ...step, effects };
    },
  });
}

function allPassed(event: LvsEvent): LvsEvent {
  if (event.type !== 'probeAnswered' || event.verdict.type !== 'failed') return event;
  return { ...event, verdict: { type: 'passed', latency: event.verdict.latency } };
}

function deletionsFirst(ops: readonly Op[]): readonly Op[] {
  const isDeletion = (op: Op): boolean => op.type === 'deleteDestination';
  return [...ops.filter(isDeletion), ...ops.filter((op) => !isDeletion(op))];
}

function refusalsForgotten(event: LvsEvent): LvsEvent {
  return event.type === 'opsFailed' ? { type: 'opsApplied', id: event.id } : event;
}

/** Wakes for checks and answers, but not for the look of every second. */
function deadlineOfPool(state: LvsState): Micros | undefined {
  return state.reconciler.believed !== undefined
    ? (state.tellAt ?? state.pool.deadlines.first()?.wakeAt)
    : PRODUCTION.deadline(state);
}

function deafToReloads(state: LvsState, event: LvsEvent, now: Micros): ReturnType<LvsMachine['step']> {
  const isReload = event.type === 'reconfigured' && state.pool.virtualServers.length > 0;
  return isReload ? { state, effects: [], notes: [] } : PRODUCTION.step(state, event, now);
}
