/**
 * Root of the mail process: it exists only while there are alerts to mail, so that no mail server, name lookup or mail
 * library is ever near the processes that hold addresses and tables.
 */

import { hostname, userInfo } from 'node:os';

import type { MailConfig } from '../conf/model.js';
import { openLogger } from '../io/logs/logger.js';
import type { LogSettings } from '../io/logs/logger.js';
import { openMailer } from '../io/mail.js';
import type { Alert } from '../runtime/alert-text.js';
import { narrateMail } from '../runtime/narrate/mail.js';
import { AlertQueue } from './alert-queue.js';
import { dropPrivileges } from './privileges.js';

/** How long the process waits for another alert before it ends, milliseconds. */
const IDLE = 10_000;

/** What the process knows from its command line. */
export interface MailerSettings {
  readonly log: LogSettings;
  readonly mail: MailConfig;
  /** Stands in brackets before every subject. */
  readonly routerId: string;
}

/** Runs until nothing has come for a while; when its parent is gone, until everything is sent or given up. */
export function runMailer(settingsText: string | undefined): void {
  const settings = JSON.parse(settingsText ?? '') as MailerSettings;
  const { mail, routerId } = settings;
  const log = openLogger(settings.log);
  const sender = mail.sender ?? `${userInfo().username}@${hostname()}`;
  dropPrivileges();
  const server = mail.server ?? { host: '127.0.0.1', port: 25 };
  const mailer = openMailer({ ...server, heloName: mail.heloName ?? hostname(), timeout: mail.timeout * 1_000 });
  const queue = new AlertQueue();
  let busy = false;
  const leave = (): void => {
    mailer.close();
    log.finish(() => process.exit(0));
  };
  const idle = setTimeout(() => {
    if (!busy) leave();
  }, IDLE);
  const work = async (): Promise<void> => {
    busy = true;
    for (let alert = queue.next(); alert !== undefined; alert = queue.next()) {
      const outcome = await mailer.send({
        from: sender,
        to: mail.recipients,
        subject: `[${routerId}] ${alert.subject}`,
        text: `${alert.body}\n`,
      });
      log.log(narrateMail(outcome, `[${server.host}]:${server.port}`, `[${routerId}] ${alert.subject}`));
    }
    busy = false;
    idle.refresh();
    if (!process.connected) leave();
  };
  // The supervisor ends this process when it is time, whoever else sends signals to all.
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('message', (message) => {
    queue.add(message as Alert);
    if (!busy) void work();
  });
  process.on('disconnect', () => {
    if (!busy && queue.isEmpty) leave();
  });
}
