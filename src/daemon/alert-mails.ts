/** The supervisor's end of the mail process: started for the first alert, fed, and given a moment at the end. */

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

import type { Alert } from '../runtime/alert-text.js';
import type { MailerSettings } from './mailer.js';

/** How long the daemon's own end waits for mails on their way, milliseconds. */
const LAST_MAILS = 2_000;

export interface AlertMails {
  /** Does nothing while `settings` says that no mails are wanted. */
  readonly send: (alert: Alert) => void;
  /** Calls back once: nothing is on its way any more, or it took too long. */
  readonly finish: (done: () => void) => void;
}

/** `settings` is asked for whenever a process is started: undefined = no mails. `onFailure` hears why none could be. */
export function createAlertMails(
  settings: () => MailerSettings | undefined,
  onFailure: (reason: string) => void,
): AlertMails {
  let running: ChildProcess | undefined;
  const start = (): ChildProcess | undefined => {
    const wanted = settings();
    if (wanted === undefined) return undefined;
    const forked = fork(process.argv[1] ?? '', ['mailer', JSON.stringify(wanted)], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const gone = (): void => {
      if (running === forked) running = undefined;
    };
    forked.on('error', ({ message }) => {
      gone();
      onFailure(message);
    });
    forked.on('exit', (status, signal) => {
      gone();
      if (status !== 0) onFailure(signal === null ? `status ${status}` : `signal ${signal}`);
    });
    return forked;
  };
  return {
    send: (alert) => {
      running ??= start();
      running?.send(alert, () => undefined);
    },
    finish: (done) => {
      const last = running;
      if (last === undefined) {
        done();
        return;
      }
      let finished = false;
      const end = (): void => {
        if (finished) return;
        finished = true;
        clearTimeout(timer);
        done();
      };
      const timer = setTimeout(end, LAST_MAILS);
      last.once('exit', end);
      if (last.connected) last.disconnect();
    },
  };
}
