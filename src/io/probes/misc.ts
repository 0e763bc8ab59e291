/** MISC_CHECK: runs a program and makes a verdict of how it ended. */

import type { AccountName } from '../../base/command.js';
import type { Clock } from '../../base/time.js';
import { micros } from '../../base/time.js';
import type { ProbeSpec } from '../../health/config-check.js';
import type { Verdict } from '../../health/events.js';
import { judgeProgram } from '../../health/verdict.js';
import { createAccounts, type FindAccount } from '../accounts.js';
import { startLimitedScript, type LimitedScript } from '../limited-script.js';

export interface ProgramProber {
  readonly start: (id: number, spec: Extract<ProbeSpec, { type: 'misc' }>) => void;
  readonly cancel: (id: number) => void;
  /** Whom programs without an account of their own run as. */
  readonly configure: (scriptUser: AccountName | undefined, find: FindAccount) => void;
  readonly close: () => void;
}

export function openProgramProber(clock: Clock, onVerdict: (id: number, verdict: Verdict) => void): ProgramProber {
  let accountFor = createAccounts(undefined, () => ({ code: 'ENOENT' }));
  const running = new Map<number, LimitedScript>();
  const cancel = (id: number): void => {
    running.get(id)?.cancel();
    running.delete(id);
  };
  return {
    start: (id, { command, timeout, dynamic }) => {
      const since = clock.now();
      const script = startLimitedScript(command, accountFor(command), timeout, (ending) => {
        running.delete(id);
        onVerdict(id, judgeProgram(ending, dynamic, micros(clock.now() - since)));
      });
      running.set(id, script);
    },
    cancel,
    configure: (scriptUser, find) => {
      accountFor = createAccounts(scriptUser, find);
    },
    close: () => {
      for (const id of [...running.keys()]) cancel(id);
    },
  };
}
