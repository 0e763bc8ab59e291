/** The command port of a child process: notify scripts, with what went wrong told in the log. */

import type { Notifier } from '../../io/processes/notifier.js';
import { openNotifier } from '../../io/processes/notifier.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

/** Scripts of a stopping daemon have so long to end, in milliseconds (keepalived: 1 s). */
const LAST_SCRIPTS = 1_000;

export interface NotifyCommands extends Omit<Notifier, 'finish'> {
  /** Gives running scripts their time, then calls back once. */
  readonly finish: (done: () => void) => void;
}

export function createNotifyCommands(tell: (note: LifecycleNote) => void): NotifyCommands {
  const notifier = openNotifier({}, ({ key, command, code }) => {
    tell({ type: 'commandNotRun', subject: key, program: command.argv[0] ?? '', reason: code });
  });
  return { ...notifier, finish: (done) => notifier.finish(LAST_SCRIPTS, done) };
}
