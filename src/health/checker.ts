/**
 * One checker's life: when it asks, how often it asks again, and when its answers make it up or down. It does not know
 * what a server or a pool is, and it asks through effects only.
 */

import type { Step } from '../base/step.js';
import { nextRandom } from '../base/random.js';
import { after, isDue, micros, milliseconds, seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { isSilent, isWeb, limitOf, namesLastFailure, namesSuccess, askedBy, questionOf, questionsOf, retriesAlways, silenceOf } from './check-kinds.js';
import type { CheckerConfig, HttpUrl } from './config-check.js';
import type { PoolEffect, ProbeFailure, Verdict } from './events.js';
import type { CheckerFinding } from './notes.js';

type Run =
  | { readonly kind: 'waiting'; readonly at: Micros }
  | {
      readonly kind: 'probing';
      readonly id: number;
      readonly since: Micros;
      readonly deadline: Micros;
      /** Its question is asked again and again until that does not pass. */
      readonly isSeries: boolean;
      /** Set once the deadline passed unanswered: the answer may be waiting behind the timer that woke us. */
      readonly secondLookAt?: Micros;
    };

export interface CheckerState {
  readonly up: boolean;
  /** False until the first probe told something about the server. */
  readonly hasRun: boolean;
  /** Attempts used up since the last success, or counted as used up at the start. */
  readonly retries: number;
  readonly run: Run;
  /** The question asked next is the one that failed; it is repeated until it passes. */
  readonly failing: boolean;
  /** Index of the url asked next; 0 for checks without urls. */
  readonly url: number;
  /** Questions that must still be answered well, in sequence, before the whole check counts as passed. */
  readonly questionsLeft: number;
  /** What its last success says the server's weight shall be; undefined = as configured. */
  readonly weight: number | undefined;
  /** Whole days that the server's certificate was valid when it passed last; undefined without TLS. */
  readonly certificateDays?: number;
}

export type CheckerEvent =
  /** `probeId` is for the probe that may start, up to `slack` before its time if it may go along with others. */
  | { readonly type: 'timeout'; readonly probeId: number; readonly foresight?: Micros; readonly slack?: Micros }
  | { readonly type: 'probeAnswered'; readonly id: number; readonly verdict: Verdict };

export type CheckerEffect = Extract<PoolEffect, { type: 'startProbe' | 'cancelProbe' }>;
export type CheckerStep = Step<CheckerState, CheckerEffect, CheckerFinding>;

type AttemptFields = Pick<Extract<CheckerFinding, { type: 'probeFailed' }>, 'url' | 'program' | 'target' | 'retry'>;

const FIRST_RUN_AFTER = seconds(1);
const SECOND_LOOK_AFTER = milliseconds(100);
/**
 * A process that slept longer than this finds many checkers due at once. Starting them all would keep them in step for
 * ever, so each waits a part of this span that follows from when it was due.
 */
const LATE_AFTER = seconds(1);
/** The part of a foresight that lies between handing over and the first question. */
const HANDOVER = 4;
/** So many foresights must fit between two questions of a checker that looks ahead. */
const LEAST_SPANS = 5;
/** So many slacks must fit between two questions of a checker that may be asked before its time. */
const LEAST_SLACKS = 10;
/**
 * Questions within this time are handed over as one series. Every pass costs as little as asking does; what should be answered and
 * is not, which only a bug can bring about, is noticed at its end.
 */
const SERIES_SPAN = seconds(30);
/**
 * The first run comes after one second and a random part of `warmup`, so that checkers do not march in step. At the
 * daemon's start the first failure counts at once, as if all retries had been used; a checker that a reload brings has them.
 */
export function initialChecker(
  config: CheckerConfig,
  { up, atStart }: { readonly up: boolean; readonly atStart: boolean },
  seed: number,
  now: Micros,
): { readonly state: CheckerState; readonly seed: number } {
  const first = firstRun(config, seed, now);
  const state: CheckerState = {
    up,
    hasRun: false,
    retries: atStart && !retriesAlways(config.check) ? config.retry : 0,
    run: first.run,
    failing: false,
    url: 0,
    questionsLeft: questionsOf(config.check),
    weight: undefined,
  };
  return { state, seed: first.seed };
}

/** The same checker under a new schedule: what it knows stays, used attempts are capped, its timer starts afresh. */
export function rescheduledChecker(
  config: CheckerConfig,
  state: CheckerState,
  seed: number,
  now: Micros,
): { readonly state: CheckerState; readonly seed: number } {
  const first = firstRun(config, seed, now);
  return {
    state: { ...state, retries: Math.min(state.retries, config.retry), run: first.run },
    seed: first.seed,
  };
}

/**
 * When `timeout` is next worth delivering. With a `foresight` other than 0 questions whose pass would change nothing are asked
 * ahead: all that are due within one such span of time are handed over together, shortly before it begins.
 */
export function checkerDeadline(config: CheckerConfig, state: CheckerState, foresight = micros(0)): Micros {
  const { run } = state;
  if (run.kind === 'probing') return run.secondLookAt ?? run.deadline;
  if (!looksAhead(config, state, foresight)) return run.at;
  return micros(Math.floor(run.at / foresight) * foresight - foresight / HANDOVER);
}

/** Whether a pass is nothing but the beginning of the next wait, and whoever asks can hold a question until its time comes. */
export function isCalm({ check }: CheckerConfig, state: CheckerState): boolean {
  return check.type === 'TCP_CHECK' && check.exchange === undefined && isWell(state);
}

function isWell({ up, hasRun, retries, failing, questionsLeft }: CheckerState): boolean {
  return up && hasRun && retries === 0 && !failing && questionsLeft === 0;
}

/**
 * Whether its question may be asked now because others are: a wake-up costs more than a question. Programs are not started
 * together for that.
 */
export function goesAlong(config: CheckerConfig, state: CheckerState, slack: Micros, now: Micros): boolean {
  const { run } = state;
  if (run.kind !== 'waiting' || config.check.type === 'MISC_CHECK' || config.delayLoop < slack * LEAST_SLACKS) return false;
  return isDue(run.at, after(now, slack)) && isWell(state);
}

/** Only where there is time enough between two questions to hear of the first before the second is handed over. */
function looksAhead(config: CheckerConfig, state: CheckerState, foresight: Micros): boolean {
  return foresight > 0 && config.delayLoop >= foresight * LEAST_SPANS && isCalm(config, state);
}

/** Total: an answer to another probe than the running one changes nothing. */
export function stepChecker(config: CheckerConfig, state: CheckerState, event: CheckerEvent, now: Micros): CheckerStep {
  const { run } = state;
  switch (event.type) {
    case 'timeout':
      if (!isDue(checkerDeadline(config, state, event.foresight), now) && !goesAlong(config, state, event.slack ?? micros(0), now)) return { state, effects: [], notes: [] };
      if (run.kind === 'probing') return overdue(config, state, run, now);
      if (now - run.at > LATE_AFTER) return postponed(config, state, run.at, now);
      if (looksAhead(config, state, event.foresight ?? micros(0))) return startSeries(config, state, event.probeId, micros(Math.max(now, run.at)));
      return start(config, state, event.probeId, now);
    case 'probeAnswered':
      if (run.kind !== 'probing' || run.id !== event.id) return { state, effects: [], notes: [] };
      return answered(config, state, event.verdict, now);
    default:
      return unreachable(event);
  }
}

/** An answer is due: not while a question is only kept being asked. */
export function isAsking({ run }: CheckerState): boolean {
  return run.kind === 'probing' && !run.isSeries;
}

/** Waiting for its next regular question, not for a retry. */
export function isBetweenChecks({ run, up, hasRun, retries }: CheckerState): boolean {
  return run.kind === 'waiting' && !(hasRun && up && retries > 0);
}

/** From its start until it asks for the first time at the latest. */
export function longestFirstWait({ warmup }: CheckerConfig): Micros {
  return after(FIRST_RUN_AFTER, warmup);
}

function firstRun(config: CheckerConfig, seed: number, now: Micros): { readonly run: Run; readonly seed: number } {
  const draw = nextRandom(seed);
  const at = after(after(now, FIRST_RUN_AFTER), micros(draw.value * config.warmup));
  return { run: { kind: 'waiting', at }, seed: draw.seed };
}

function postponed({ delayLoop }: CheckerConfig, state: CheckerState, wasDue: Micros, now: Micros): CheckerStep {
  const pause = micros(wasDue % Math.min(LATE_AFTER, delayLoop));
  return { state: { ...state, run: wait(now, pause) }, effects: [], notes: [] };
}

function start({ check }: CheckerConfig, state: CheckerState, id: number, at: Micros): CheckerStep {
  const deadline = after(at, limitOf(check));
  const spec = questionOf(check, state.url);
  return {
    state: { ...state, run: { kind: 'probing', id, since: at, deadline, isSeries: false } },
    effects: [{ type: 'startProbe', id, spec, deadline }],
    notes: [],
  };
}

function startSeries({ check, delayLoop: every }: CheckerConfig, state: CheckerState, id: number, at: Micros): CheckerStep {
  const until = after(at, micros(Math.floor(SERIES_SPAN / every) * every));
  const deadline = after(until, limitOf(check));
  const spec = questionOf(check, state.url);
  return {
    state: { ...state, run: { kind: 'probing', id, since: at, deadline, isSeries: true } },
    effects: [{ type: 'startProbe', id, spec, deadline, series: { at, every, until } }],
    notes: [],
  };
}

/** Probes answer by their deadline; one that did not gets a moment more, for the process may have slept, then it failed. */
function overdue(config: CheckerConfig, state: CheckerState, run: Extract<Run, { kind: 'probing' }>, now: Micros): CheckerStep {
  if (run.secondLookAt === undefined) {
    return { state: { ...state, run: { ...run, secondLookAt: after(now, SECOND_LOOK_AFTER) } }, effects: [], notes: [] };
  }
  const step = failed(config, state, silenceOf(config.check), now);
  return { ...step, effects: [{ type: 'cancelProbe', id: run.id }] };
}

function answered(config: CheckerConfig, state: CheckerState, verdict: Verdict, now: Micros): CheckerStep {
  switch (verdict.type) {
    case 'passed':
      return warned(config, state, verdict.certificateDays, passed(config, { ...state, weight: verdict.weight }, now));
    case 'failed':
      return failed(config, state, verdict.failure, now);
    case 'local': {
      const { operation, code } = verdict;
      const note: CheckerFinding = { type: 'probeRescheduled', check: config.check.type, operation, code };
      return { state: { ...state, run: nextRun(config, state, now) }, effects: [], notes: [note] };
    }
    default:
      return unreachable(verdict);
  }
}

/** A certificate that is about to expire is told once for each number of days, where somebody wants to hear of it. */
function warned({ check }: CheckerConfig, before: CheckerState, days: number | undefined, step: CheckerStep): CheckerStep {
  if (days === undefined || days === before.certificateDays) return step;
  const { warnBelow = -Infinity } = ('certificate' in check ? check.certificate : undefined) ?? {};
  if (days >= warnBelow) return { ...step, state: { ...step.state, certificateDays: days } };
  const note: CheckerFinding = { type: 'certificateExpiring', check: check.type, days };
  return { ...step, state: { ...step.state, certificateDays: days }, notes: [...step.notes, note] };
}

function passed(config: CheckerConfig, state: CheckerState, now: Micros): CheckerStep {
  const { check } = config;
  const count = questionsOf(check);
  const notes: CheckerFinding[] = [];
  if (isWeb(check) && !state.up) {
    const asked = check.urls[state.url];
    notes.push({ type: 'urlPassed', check: check.type, url: state.url + 1, path: asked?.path ?? '', criterion: criterionOf(asked) });
  }
  // A web check whose failed url passes has earned no more than a new start: all urls, that one too, are asked again.
  const restart = state.failing && isWeb(check);
  const questionsLeft = restart ? count : Math.max(0, state.questionsLeft - 1);
  const url = restart ? 0 : (state.url + 1) % count;
  const next = { ...state, hasRun: true, retries: 0, failing: false, url, questionsLeft };
  const run = nextRun(config, state, now);
  if (questionsLeft > 0) {
    const hurry = isWeb(check) && check.fastRecovery;
    return { state: { ...next, run: hurry ? wait(now, micros(0)) : run }, effects: [], notes };
  }
  if (state.questionsLeft > 0 && namesSuccess(check)) notes.push({ type: 'checkSucceeded', check: check.type, ...askedBy(check) });
  return { state: { ...next, up: true, run }, effects: [], notes };
}

function failed(config: CheckerConfig, state: CheckerState, failure: ProbeFailure, now: Micros): CheckerStep {
  const { check } = config;
  const notes: CheckerFinding[] = [];
  const exhausted = state.retries >= config.retry;
  if (state.up && config.logAllFailures && !(exhausted && namesLastFailure(check)) && !isSilent(check, failure)) {
    notes.push({ type: 'probeFailed', check: check.type, failure, ...attemptOf(config, state) });
  }
  if (!exhausted && (state.up || retriesAlways(check))) {
    const run = wait(now, config.delayBeforeRetry);
    return { state: { ...state, hasRun: state.hasRun || state.up, retries: state.retries + 1, run }, effects: [], notes };
  }
  // A first run that fails is told even of a checker that starts down. It used no retries, but web checks claim them.
  const retries = state.hasRun || isWeb(check) || check.type === 'MISC_CHECK' ? config.retry : 0;
  if (exhausted && (state.up || !state.hasRun)) {
    notes.push({ type: 'checkFailed', check: check.type, retries, ...askedBy(check), ...(namesLastFailure(check) ? { failure } : {}) });
  }
  const webPause = micros(Math.max(config.delayBeforeRetry, config.delayLoop));
  return {
    state: {
      ...state,
      up: false,
      hasRun: true,
      retries: 0,
      failing: true,
      questionsLeft: questionsOf(config.check),
      weight: undefined,
      run: isWeb(check) ? wait(now, webPause) : nextRun(config, state, now),
    },
    effects: [],
    notes,
  };
}

/** The last thing that an answer is judged by. */
function criterionOf(url: HttpUrl | undefined): 'statusCode' | 'digest' | 'pattern' {
  if (url?.body !== undefined) return 'pattern';
  return url?.digest === undefined ? 'statusCode' : 'digest';
}

/** Which attempt has failed, where its sentence says so. */
function attemptOf({ check, retry }: CheckerConfig, { retries, url }: CheckerState): AttemptFields {
  if (isWeb(check)) return { url: url + 1 };
  return { ...askedBy(check), ...(check.type === 'MISC_CHECK' ? { retry: { number: retries, of: retry } } : {}) };
}

/** Checks wait from end to end; a program is run from start to start, at once when it has taken longer. */
function nextRun({ check, delayLoop }: CheckerConfig, { run }: CheckerState, now: Micros): Run {
  if (check.type !== 'MISC_CHECK' || run.kind !== 'probing') return wait(now, delayLoop);
  return { kind: 'waiting', at: micros(Math.max(now, run.since + delayLoop)) };
}

function wait(now: Micros, span: Micros): Run {
  return { kind: 'waiting', at: after(now, span) };
}
