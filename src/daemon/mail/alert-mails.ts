/** The supervisor's end of the mail process: started for the first alert, fed, and given a moment at the end. */

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

import type { Alert } from '../../runtime/alert-text.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { MailerSettings } from '../mailer.js';

/** Alerts on their way to the mail process, which may be stopped; what comes beyond is lost, and counted. */
const MOST_ON_THEIR_WAY = 1_000;

/** How long the daemon's own end waits for mails on their way, milliseconds. */
const LAST_MAILS = 2_000;

export interface AlertMails {
  /** Does nothing while `settings` says that no mails are wanted. */
  readonly send: (alert: Alert) => void;
  /** Calls back once: nothing is on its way any more, or it took too long. */
  readonly finish: (done: () => void) => void;
}

/** `settings` is asked for whenever a process is started: undefined = no mails. `tell` hears why none could be. */
export function createAlertMails(
  settings: () => MailerSettings | undefined,
  tell: (note: LifecycleNote) => void,
): AlertMails {
  const onFailure = (reason: string): void => tell({ type: 'mailProcessFailed', reason });
  let running: ChildProcess | undefined;
  let told = '';
  let onTheirWay = 0;
  let lost = 0;
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
    onTheirWay = 0;
    told = JSON.stringify(wanted);
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
  /** Other settings hold: what it has it still mails, and another process does what comes. */
  const letGo = (): void => {
    if (running?.connected === true) running.disconnect();
    running = undefined;
  };
  return {
    send: (alert) => {
      if (running !== undefined && JSON.stringify(settings()) !== told) letGo();
      running ??= start();
      if (onTheirWay >= MOST_ON_THEIR_WAY) {
        lost += 1;
        return;
      }
      const to = running;
      onTheirWay += 1;
      to?.send(alert, () => {
        if (to !== running) return;
        onTheirWay -= 1;
        if (lost > 0) tell({ type: 'mailsLost', count: lost });
        lost = 0;
      });
    },
    finish: (done) => {
      if (running === undefined) done();
      else awaitLastMails(running, done);
    },
  };
}

/** Calls back once: it has mailed what it had, or has taken too long. */
function awaitLastMails(mailer: ChildProcess, done: () => void): void {
  let finished = false;
  const end = (): void => {
    if (finished) return;
    finished = true;
    clearTimeout(timer);
    done();
  };
  const timer = setTimeout(end, LAST_MAILS);
  mailer.once('exit', end);
  if (mailer.connected) mailer.disconnect();
}
