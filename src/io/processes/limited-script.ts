/** A configured program that may take only so long: TERM for its process group then, KILL two seconds later, as keepalived. */

import type { Command } from '../../base/command.js';
import type { ProgramEnding } from '../../base/program-ending.js';
import type { Micros } from '../../base/time.js';
import type { FoundAccount } from './accounts.js';
import { startScript } from './script.js';

/** From TERM to KILL, milliseconds. */
const KILL_DELAY = 2_000;

export interface LimitedScript {
  /** Tells it to end now; `onEnd` is not called any more. */
  readonly cancel: () => void;
}

/**
 * Starts the program as `account` (undefined = the daemon's own) without waiting. `onEnd` is called once, after this has
 * returned, also when it cannot be started.
 */
export function startLimitedScript(
  { argv }: Command,
  account: FoundAccount | undefined,
  limit: Micros,
  onEnd: (ending: ProgramEnding) => void,
): LimitedScript {
  const refused = (reason: string): LimitedScript => {
    const told = setImmediate(() => onEnd({ type: 'notStarted', reason }));
    return { cancel: () => clearImmediate(told) };
  };
  if (account !== undefined && 'code' in account) return refused(account.code === 'ENOENT' ? 'no such user' : account.code);
  let state: 'running' | 'timedOut' | 'cancelled' = 'running';
  let killer: NodeJS.Timeout | undefined;
  const script = startScript(argv, account, (ending) => {
    clearTimeout(timeout);
    clearTimeout(killer);
    if (state !== 'cancelled') onEnd(state === 'timedOut' && ending.type === 'killed' ? { type: 'timedOut' } : ending);
  });
  if ('code' in script) return refused(script.code);
  const end = (why: 'timedOut' | 'cancelled'): void => {
    if (state === 'running') {
      script.kill('SIGTERM');
      killer = setTimeout(() => script.kill('SIGKILL'), KILL_DELAY);
    }
    state = why;
  };
  const timeout = setTimeout(() => end('timedOut'), limit / 1_000);
  return { cancel: () => end('cancelled') };
}
