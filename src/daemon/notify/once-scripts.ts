/** Which of startup_script and shutdown_script runs, and what follows when it has ended: an end of the daemon goes before a start. */

import type { TimedCommand } from '../../conf/model.js';
import { createAccounts, tableFinder } from '../../io/processes/accounts.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { OnceScriptName } from '../../runtime/narrate/process.js';
import type { Loaded } from '../configuration/configuration-loader.js';
import type { OnceScript } from './once-script.js';
import { runOnceScript } from './once-script.js';

export interface OnceScripts {
  /** Runs it if there is one, then calls back unless an end has begun meanwhile. */
  readonly run: (name: OnceScriptName, script: TimedCommand | undefined, then: () => void) => void;
  /** Ends the script that runs; calls back when none does, instead of what was to follow. */
  readonly end: (then: () => void) => void;
}

/** `inForce` is asked when a script is started. */
export function createOnceScripts(inForce: () => Pick<Loaded, 'model' | 'accounts'>, tell: (note: LifecycleNote) => void): OnceScripts {
  let running: OnceScript | undefined;
  let onEnd: (() => void) | undefined;
  return {
    run: (name, script, then) => {
      if (script === undefined) {
        then();
        return;
      }
      const { model, accounts } = inForce();
      const account = createAccounts(model.global.scriptUser, tableFinder(accounts))(script.command);
      running = runOnceScript(name, script, account, tell, () => {
        running = undefined;
        (onEnd ?? then)();
      });
    },
    end: (then) => {
      const ended = (): void => {
        onEnd = undefined;
        then();
      };
      if (running === undefined) {
        ended();
        return;
      }
      onEnd = ended;
      running.cancel();
    },
  };
}
