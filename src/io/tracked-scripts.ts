/** Runs of track scripts by their numbers: started without waiting, ended when they take too long. */

import type { AccountName, Command } from '../base/command.js';
import type { Micros } from '../base/time.js';
import type { TrackerEvent } from '../vrrp/events.js';
import { createAccounts, type FindAccount } from './accounts.js';
import { startLimitedScript, type LimitedScript } from './limited-script.js';

export interface TrackedScripts {
  readonly run: (run: number, command: Command, limit: Micros) => void;
  /** Ends a run; no answer follows. */
  readonly stop: (run: number) => void;
  /** Whom scripts without an account of their own run as. */
  readonly configure: (scriptUser: AccountName | undefined, find: FindAccount) => void;
  /** Ends all of them. */
  readonly close: () => void;
}

export function openTrackedScripts(deliver: (event: TrackerEvent) => void): TrackedScripts {
  let accountFor = createAccounts(undefined, () => ({ code: 'ENOENT' }));
  const running = new Map<number, LimitedScript>();
  const stop = (run: number): void => {
    running.get(run)?.cancel();
    running.delete(run);
  };
  return {
    run: (run, command, limit) => {
      const script = startLimitedScript(command, accountFor(command), limit, (ending) => {
        running.delete(run);
        deliver({ type: 'scriptEnded', run, ending });
      });
      running.set(run, script);
    },
    stop,
    configure: (scriptUser, find) => {
      accountFor = createAccounts(scriptUser, find);
    },
    close: () => {
      for (const run of [...running.keys()]) stop(run);
    },
  };
}
