/** MISC_CHECK: runs a program, or asks one that stays, and makes a verdict of how that ended. */

import type { Clock } from '../../base/time.js';
import { micros } from '../../base/time.js';
import type { ProbeSpec } from '../../health/config-check.js';
import type { Verdict } from '../../health/events.js';
import { judgeProgram } from '../../health/verdict.js';
import { openNumberedScripts, type NumberedScripts } from '../processes/numbered-scripts.js';
import { openCheckWorkers } from './check-worker.js';

export interface ProgramProber {
  readonly start: (id: number, spec: Extract<ProbeSpec, { type: 'misc' }>) => void;
  readonly cancel: (id: number) => void;
  /** Whom programs without an account of their own run as. */
  readonly configure: NumberedScripts['configure'];
  readonly close: () => void;
}

export function openProgramProber(clock: Clock, onVerdict: (id: number, verdict: Verdict) => void): ProgramProber {
  const scripts = openNumberedScripts();
  const workers = openCheckWorkers();
  return {
    start: (id, { command, timeout, dynamic, worker }) => {
      const since = clock.now();
      const ask = worker === true ? workers.ask : scripts.run;
      ask(id, command, timeout, (ending) => onVerdict(id, judgeProgram(ending, dynamic, micros(clock.now() - since))));
    },
    cancel: (id) => {
      scripts.stop(id);
      workers.forget(id);
    },
    configure: (scriptUser, find) => {
      scripts.configure(scriptUser, find);
      workers.configure(scriptUser, find);
    },
    close: () => {
      scripts.close();
      workers.close();
    },
  };
}
