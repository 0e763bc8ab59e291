/** MISC_CHECK: runs a program and makes a verdict of how it ended. */

import type { Clock } from '../../base/time.js';
import { micros } from '../../base/time.js';
import type { ProbeSpec } from '../../health/config-check.js';
import type { Verdict } from '../../health/events.js';
import { judgeProgram } from '../../health/verdict.js';
import { openNumberedScripts, type NumberedScripts } from '../numbered-scripts.js';

export interface ProgramProber {
  readonly start: (id: number, spec: Extract<ProbeSpec, { type: 'misc' }>) => void;
  readonly cancel: (id: number) => void;
  /** Whom programs without an account of their own run as. */
  readonly configure: NumberedScripts['configure'];
  readonly close: () => void;
}

export function openProgramProber(clock: Clock, onVerdict: (id: number, verdict: Verdict) => void): ProgramProber {
  const scripts = openNumberedScripts();
  return {
    start: (id, { command, timeout, dynamic }) => {
      const since = clock.now();
      scripts.run(id, command, timeout, (ending) => onVerdict(id, judgeProgram(ending, dynamic, micros(clock.now() - since))));
    },
    cancel: scripts.stop,
    configure: scripts.configure,
    close: scripts.close,
  };
}
