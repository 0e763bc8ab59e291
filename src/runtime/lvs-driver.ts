/** Runs the checkers' machine against the world: probes, commands and the kernel's tables. It decides nothing. */

import type { Micros } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { describePool } from '../health/describe.js';
import type { PoolDescription } from '../health/describe.js';
import type { HealthNote } from '../health/notes.js';
import type { Counted } from '../ipvs/counts.js';
import { describeReconciler } from '../ipvs/reconciler.js';
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
  readonly snapshot: () => LvsDescription;
  /** Everything there is; read it at once, the pool changes in place. */
  readonly state: () => LvsState;
}

export function createLvsDriver(ports: LvsPorts, options: LvsDriverOptions): LvsDriver {
  const limit = createPoolNoteLimit();
  const driver = createDriver({
    machine: options.machine ?? createLvsMachine({ lvsFlush: options.lvsFlush }),
    seed: options.seed,
    clock: ports.clock,
    alarm: ports.alarm,
    record: options.record,
    perform: (effect) => perform(ports, effect, options.onStopped),
    tell: (note) => tell(ports, limit, note),
  });
  return {
    deliver: driver.deliver,
    onAlarm: () => driver.expire({ type: 'timeout' }),
    state: driver.state,
    snapshot: () => {
      const { pool, reconciler } = driver.state();
      return { pool: describePool(pool, options.counted?.()), reconciler: describeReconciler(reconciler) };
    },
  };
}

function perform(ports: LvsPorts, effect: LvsEffect, onStopped: (() => void) | undefined): void {
  switch (effect.type) {
    case 'startProbe':
      ports.probes.start(effect.id, effect.spec, effect.deadline);
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

function tell(ports: LvsPorts, limit: NoteLimit<HealthNote>, note: LvsNote | DriverNote): void {
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
      const { admitted, before } = limit.admit(note, 1, ports.clock.now());
      for (const entry of before) ports.logger.log(entry);
      if (admitted) ports.logger.log(narrateHealth(note));
    }
  }
}
