/**
 * Root of the mail process: it exists only while there are alerts to mail, so that no mail server, name lookup or mail
 * library is ever near the processes that hold addresses and tables.
 */

import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';

import { given } from '../base/given.js';
import type { MailConfig } from '../conf/model.js';
import { errorCodeOf } from '../io/files/files.js';
import { openLogger } from '../io/logs/logger.js';
import type { LogSettings } from '../io/logs/logger.js';
import { isPassing, openMailer } from '../io/mail.js';
import { makeExpendable } from '../io/processes/expendable.js';
import type { MailEncryption, MailServerOptions } from '../io/mail.js';
import type { Alert } from '../runtime/alert-text.js';
import { narrateMail, narrateRetry } from '../runtime/narrate/mail.js';
import { createMailDelivery } from './mail/mail-delivery.js';
import { dropPrivileges } from './children/privileges.js';

/** How long the process waits for another alert before it ends, milliseconds. */
const IDLE = 10_000;

/** What the process knows from its command line. */
export interface MailerSettings {
  readonly log: LogSettings;
  readonly mail: MailConfig;
  /** Stands in brackets before every subject. */
  readonly routerId: string;
}

/** Points: a mail comes late or not at all, an address must not. */
const EXPENDABLE = 300;

/** Runs until nothing has come for a while; when its parent is gone, until everything is sent or given up. */
export function runMailer(settingsText: string | undefined): void {
  makeExpendable(EXPENDABLE);
  const settings = JSON.parse(settingsText ?? '') as MailerSettings;
  const { mail, routerId } = settings;
  const log = openLogger(settings.log);
  const sender = mail.sender ?? `${userInfo().username}@${hostname()}`;
  const server = mail.server ?? { host: '127.0.0.1', port: 25 };
  const named = `[${server.host}]:${server.port}`;
  const secrets = readSecrets(mail);
  dropPrivileges();
  const missing = typeof secrets === 'string' ? secrets : undefined;
  const mailer =
    typeof secrets === 'string' ? undefined : openMailer({ ...server, heloName: mail.heloName ?? hostname(), timeout: mail.timeout * 1_000, ...secrets });
  const leave = (): void => {
    mailer?.close();
    log.finish(() => process.exit(0));
  };
  const titled = (subject: string): string => `[${routerId}] ${subject}`;
  const idle = setTimeout(() => {
    if (delivery.isIdle()) leave();
  }, IDLE);
  const delivery = createMailDelivery({
    digest: mail.digest,
    retry: mail.retry,
    send: async ({ subject, body }) => {
      const outcome =
        mailer === undefined
          ? ({ type: 'failed', code: 'EAUTH', reason: missing ?? '' } as const)
          : await mailer.send({ from: sender, to: mail.recipients, subject: titled(subject), text: `${body}\n` });
      log.log(narrateMail(outcome, named, titled(subject)));
      if (outcome.type === 'sent') return 'sent';
      return isPassing(outcome) ? 'passing' : 'failed';
    },
    onDelayed: ({ subject }, after) => log.log(narrateRetry(titled(subject), after)),
    onIdle: () => {
      idle.refresh();
      if (!process.connected) leave();
    },
    now: () => performance.now(),
    after: (delay, due) => {
      const timer = setTimeout(due, delay);
      return () => clearTimeout(timer);
    },
  });
  // The supervisor ends this process when it is time, whoever else sends signals to all.
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('message', (message) => delivery.add(message as Alert));
  process.on('disconnect', () => {
    if (delivery.isIdle()) leave();
    else delivery.finish();
  });
}

/** What root alone may read, read before root is given up; the reason when that fails. */
function readSecrets({ tls, login }: MailConfig): Pick<MailServerOptions, 'encryption' | 'login'> | string {
  let path = '';
  const contentOf = (file: string): string => {
    path = file;
    return readFileSync(file, 'utf8');
  };
  try {
    const password = login === undefined ? undefined : /^.*/.exec(contentOf(login.passwordFile))?.[0] ?? '';
    return {
      encryption: encryptionOf(tls, contentOf),
      ...(login === undefined || password === undefined ? {} : { login: { user: login.user, password } }),
    };
  } catch (error) {
    return `${path} cannot be read (${errorCodeOf(error)})`;
  }
}

function encryptionOf(tls: MailConfig['tls'], contentOf: (path: string) => string): MailEncryption {
  if (tls === undefined) return { mode: 'whatever' };
  const { mode, authorities, name } = tls;
  if (mode === 'off') return { mode };
  return { mode, ...given({ authorities: authorities === undefined ? undefined : contentOf(authorities), name }) };
}
