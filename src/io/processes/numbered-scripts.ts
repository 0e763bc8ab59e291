/** Runs of bounded programs by their numbers: started without waiting, ended when they take too long or are called off. */

import type { AccountName, Command } from '../../base/command.js';
import type { ProgramEnding } from '../../base/program-ending.js';
import type { Micros } from '../../base/time.js';
import { createAccounts, type FindAccount } from './accounts.js';
import { startLimitedScript, type LimitedScript } from './limited-script.js';

export interface NumberedScripts {
  /** `onEnd` is called once, after this has returned. */
  readonly run: (number: number, command: Command, limit: Micros, onEnd: (ending: ProgramEnding) => void) => void;
  /** Ends a run; no answer follows. */
  readonly stop: (number: number) => void;
  /** Whom programs without an account of their own run as. */
  readonly configure: (scriptUser: AccountName | undefined, find: FindAccount) => void;
  /** Ends all of them. */
  readonly close: () => void;
}

export function openNumberedScripts(): NumberedScripts {
  let accountFor = createAccounts(undefined, () => ({ code: 'ENOENT' }));
  const running = new Map<number, LimitedScript>();
  const stop = (number: number): void => {
    running.get(number)?.cancel();
    running.delete(number);
  };
  return {
    run: (number, command, limit, onEnd) => {
      const script = startLimitedScript(command, accountFor(command), limit, (ending) => {
        running.delete(number);
        onEnd(ending);
      });
      running.set(number, script);
    },
    stop,
    configure: (scriptUser, find) => {
      accountFor = createAccounts(scriptUser, find);
    },
    close: () => {
      for (const number of [...running.keys()]) stop(number);
    },
  };
}
