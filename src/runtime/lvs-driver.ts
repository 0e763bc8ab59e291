/** Runs the checkers' machine against the world: probes, commands and the kernel's tables. It decides nothing. */

import { milliseconds, seconds } from '../base/time.js';
import type { Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { describePool, drawPool } from '../health/describe.js';
import type { PoolDescription } from '../health/describe.js';
import type { HealthNote } from '../health/notes.js';
import type { Counted } from '../ipvs/counts.js';
import { describeReconciler, isAtWork } from '../ipvs/reconciler.js';
import { poolAlert } from './alert-text.js';
import { createDriver } from './driver.js';
import type { DriverNote } from './driver.js';
import { createLvsMachine } from './lvs-machine.js';
import type { LvsEffect, LvsEvent, LvsMachine, LvsNote, LvsState } from './lvs-machine.js';
import { narrateDriver } from './narrate/driver.js';
import { narrateHealth } from './narrate/health.js';
import { narrateIpvs } from './narrate/ipvs.js';
import { createPoolNoteLimit } from './note-limit.js';
import type { NoteLimit } from './note-limit.js';
import type { LvsPorts } from './ports.js';

export interface LvsDriverOptions {
  readonly seed: number;
  /** lvs_flush: what others left in the kernel's tables is removed at the first look. */
  readonly lvsFlush: boolean;
  /** How far questions that are expected to pass are handed over ahead; default: not at all. */
  readonly foresight?: Micros;
  /** How much before their time questions may be asked together with others; default: not at all. */
  readonly slack?: Micros;
  /** The machine to run; createLvsMachine's unless another implementation is compared with it. */
  readonly machine?: LvsMachine;
  /** Hears every event with its instant. */
  readonly record?: (event: LvsEvent, now: Micros) => void;
  /** By the kernel. */
  readonly counted?: () => Counted;
  /** After stopRequested: nothing more will be asked, so the process may end. */
  readonly onStopped?: () => void;
}

export interface LvsDescription {
  readonly pool: PoolDescription;
  readonly reconciler: ReturnType<typeof describeReconciler>;
}

export interface LvsDriver {
  readonly deliver: (event: LvsEvent) => void;
  /** The alarm fired. */
  readonly onAlarm: () => void;
  /** Calls back once when what the last configuration wants is in the kernel's table, or cannot be, and has been told. */
  readonly whenWritten: (done: () => void) => void;
  readonly snapshot: () => LvsDescription;
  /** The same as JSON, yielding after each real server: with ten thousand of them it takes a while. */
  readonly draw: () => Generator<undefined, string>;
  /** Everything there is; read it at once, the pool changes in place. */
  readonly state: () => LvsState;
}

export function createLvsDriver(ports: LvsPorts, options: LvsDriverOptions): LvsDriver {
  const limit = createPoolNoteLimit();
  /** What the last configuration wants is on its way to the kernel. */
  let isWriting = false;
  let callers: readonly (() => void)[] = [];
  const driver = createDriver({
    machine: options.machine ?? createLvsMachine(options),
    seed: options.seed,
    clock: ports.clock,
    alarm: ports.alarm,
    record: options.record,
    perform: (effect) => perform(ports, effect, options.onStopped),
    tell: (note, at) => tell(ports, limit, note, at),
    isUrgent,
    holdsBack: (state, event) => {
      if (event.type === 'reconfigured') isWriting = true;
      if (endsWriting(state, event)) isWriting = false;
      return isWriting ? WRITTEN_WITHIN : patience(state, event);
    },
    // Whoever waits for a configuration, or for the end, waits for all of it.
    lettingOut: ({ reconciler }) => (callers.length > 0 || reconciler.stopping !== undefined ? undefined : TELLING),
  });
  const callBack = (): void => {
    if (isWriting || driver.isTelling() || callers.length === 0) return;
    const called = callers;
    callers = [];
    for (const done of called) done();
  };
  const lookAtSeries = (): void => {
    const seen = ports.probes.seen();
    if (seen.length > 0) driver.deliver({ type: 'passesSeen', seen });
  };
  return {
    deliver: (event) => {
      driver.deliver(event);
      callBack();
    },
    onAlarm: () => {
      driver.expire({ type: 'timeout' }, ports.probes.drain);
      callBack();
    },
    whenWritten: (done) => {
      callers = [...callers, done];
      callBack();
    },
    state: driver.state,
    snapshot: () => {
      lookAtSeries();
      const { pool, reconciler } = driver.state();
      return { pool: describePool(pool, options.counted?.()), reconciler: describeReconciler(reconciler) };
    },
    draw: () => {
      lookAtSeries();
      return draw(driver.state, options.counted);
    },
  };
}

function* draw(state: () => LvsState, counted: LvsDriverOptions['counted']): Generator<undefined, string> {
  const pool = yield* drawPool(() => state().pool, counted?.());
  return `{"pool":${pool},"reconciler":${JSON.stringify(describeReconciler(state().reconciler))}}`;
}

/** Probes and the kernel come first; what programs, readers and people are told comes after. */
function isUrgent({ type }: LvsEffect): boolean {
  switch (type) {
    case 'startProbe':
    case 'attendProbe':
    case 'cancelProbe':
    case 'snapshot':
    case 'apply':
    case 'report':
    case 'servicesOwned':
      return true;
    case 'runCommand':
    case 'tellState':
    case 'mail':
    case 'stopped':
      return false;
    default:
      return unreachable(type);
  }
}

/** The table comes first: ten thousand new servers have as much to be told as to be written. */
const WRITTEN_WITHIN = seconds(10);

/** It is written or refused, there was nothing to write, or it is wanted no longer. */
function endsWriting({ reconciler }: LvsState, { type }: LvsEvent): boolean {
  return type === 'opsApplied' || type === 'opsFailed' || type === 'stopRequested' || !isAtWork(reconciler);
}

/** Nothing that is held back for checks that have failed waits longer than this. */
const HELD_BACK = milliseconds(250);

/** The telling of a thousand failures takes no longer at a time: checks go on, and more servers may fail meanwhile. */
const TELLING = milliseconds(5);

/**
 * Telling of a thousand failures takes longer than taking them out of the tables: it waits until the kernel has done that. What a
 * stop brings is told at once, because others go on when it is done.
 */
function patience({ tellAt, reconciler }: LvsState, { type }: LvsEvent): Micros | undefined {
  return type !== 'stopRequested' && (tellAt !== undefined || reconciler.phase.kind === 'applying') ? HELD_BACK : undefined;
}

function perform(ports: LvsPorts, effect: LvsEffect, onStopped: (() => void) | undefined): void {
  switch (effect.type) {
    case 'startProbe':
      ports.probes.start(effect.id, effect.spec, effect.deadline, effect.series);
      break;
    case 'attendProbe':
      ports.probes.attend(effect.id);
      break;
    case 'cancelProbe':
      ports.probes.cancel(effect.id);
      break;
    case 'runCommand':
      ports.commands.run(effect.key, effect.command);
      break;
    case 'tellState': {
      const { server, virtualServer, up } = effect;
      const subject = server === undefined ? 'VS' : `RS ${server}`;
      ports.fifo.write(`${subject} ${virtualServer} ${up ? 'UP' : 'DOWN'}`);
      break;
    }
    case 'report':
      ports.reports.send({ quorums: effect.quorums, holds: effect.holds });
      break;
    case 'servicesOwned':
      ports.reports.sendServices(effect.services);
      break;
    case 'mail':
      ports.alerts.send(poolAlert(effect));
      break;
    case 'snapshot':
      ports.ipvs.snapshot(effect.id);
      break;
    case 'apply':
      ports.ipvs.apply(effect.id, effect.ops);
      break;
    case 'stopped':
      onStopped?.();
      break;
    default:
      unreachable(effect);
  }
}

function tell(ports: LvsPorts, limit: NoteLimit<HealthNote>, note: LvsNote | DriverNote, at: Micros): void {
  switch (note.type) {
    case 'alarmLate':
    case 'mailboxOverflow':
      ports.logger.log(narrateDriver(note));
      break;
    case 'ipvsMissing':
    case 'ipvsAvailable':
    case 'tablesAdopted':
    case 'lookFailed':
    case 'applyFailed':
    case 'commandFailed':
    case 'commandFailuresUntold':
    case 'driftFound':
    case 'servicesReleased':
    case 'releaseFailed':
      for (const entry of narrateIpvs(note)) ports.logger.log(entry);
      break;
    default: {
      const { admitted, before } = limit.admit(note, 1, at);
      for (const entry of before) ports.logger.log(entry);
      if (admitted) ports.logger.log(narrateHealth(note));
    }
  }
}
