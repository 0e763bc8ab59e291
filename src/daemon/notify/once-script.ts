/** startup_script and shutdown_script: run once, waited for, ended when they take too long. */

import type { TimedCommand } from '../../conf/model.js';
import type { FoundAccount } from '../../io/processes/accounts.js';
import { startScript } from '../../io/processes/script.js';
import type { OnceScriptName } from '../../runtime/narrate/process.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

/** From TERM to KILL of the script's process group, milliseconds, as with keepalived. */
const KILL_DELAY = 2_000;

export interface OnceScript {
  /** Ends it now; it still calls back when it has ended. */
  readonly cancel: () => void;
}

/** Calls back once, when the script has ended or could not be started: how it went changes nothing. */
export function runOnceScript(
  name: OnceScriptName,
  { command, limit }: TimedCommand,
  account: FoundAccount | undefined,
  tell: (note: LifecycleNote) => void,
  done: () => void,
): OnceScript {
  const program = command.argv[0] ?? '';
  let killer: NodeJS.Timeout | undefined;
  let ending: 'itself' | 'late' | 'cancelled' = 'itself';
  const started =
    account !== undefined && 'code' in account
      ? account
      : startScript(command.argv, account, (result) => {
          clearTimeout(timeout);
          clearTimeout(killer);
          const reason = result.type === 'exited' ? `status ${result.status}` : `signal ${result.signal}`;
          if (ending === 'itself' && reason === 'status 0') tell({ type: 'onceScriptSucceeded', name });
          else if (ending === 'itself') tell({ type: 'onceScriptFailed', name, reason });
          done();
        });
  if ('code' in started) {
    tell({ type: 'commandNotRun', subject: `${name} script`, program, reason: started.code });
    setImmediate(done);
    return { cancel: () => undefined };
  }
  tell({ type: 'onceScriptRunning', name, program });
  const end = (how: typeof ending): void => {
    if (ending !== 'itself') return;
    ending = how;
    started.kill('SIGTERM');
    killer = setTimeout(() => started.kill('SIGKILL'), KILL_DELAY);
  };
  const timeout = setTimeout(() => {
    tell({ type: 'onceScriptTimedOut', name });
    end('late');
  }, limit * 1_000);
  return { cancel: () => end('cancelled') };
}
