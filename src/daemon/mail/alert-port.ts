/** The alert port of a child process: alerts go up to the supervisor, which has them mailed. */

import type { MailConfig } from '../../conf/model.js';
import type { AlertPort } from '../../runtime/ports.js';
import type { UpMessage } from '../children/ipc.js';

/** Without a server or recipients there is nobody to tell. */
export function sendsMails(mail: MailConfig | undefined): mail is MailConfig {
  return mail?.server !== undefined && mail.recipients.length > 0;
}

export interface AlertReporter extends AlertPort {
  /** Until the first configuration nothing is sent. */
  readonly configure: (mail: MailConfig | undefined) => void;
}

export function createAlertReporter(report: (message: UpMessage) => void): AlertReporter {
  let enabled = false;
  return {
    configure: (mail) => {
      enabled = sendsMails(mail);
    },
    send: (alert) => {
      if (enabled) report({ type: 'alert', alert });
    },
  };
}
