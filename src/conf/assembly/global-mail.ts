/** Alert mails: server, encryption, login, digest. */

import { given } from '../../base/given.js';
import type { Located } from '../keywords/schema.js';
import type { MailConfig, MailDefaults, MailLogin, MailTls } from '../model.js';
import type { Build } from './context.js';
import { judgeSecretFile } from './secret-file.js';

export function buildMail(build: Build): MailConfig {
  const { globals } = build;
  const login = buildLogin(build);
  return {
    recipients: globals.notification_email?.value.map(({ text }) => text) ?? [],
    timeout: globals.smtp_connect_timeout?.value ?? 30,
    ...given({
      server: globals.smtp_server?.value,
      sender: globals.notification_email_from?.value,
      heloName: globals.smtp_helo_name?.value,
      defaults: mailDefaults(globals),
      tls: buildTls(build, login),
      login,
      digest: positive(globals.smtp_digest),
      retry: positive(globals.smtp_retry),
    }),
  };
}

function positive(seconds: Located<number> | undefined): number | undefined {
  return seconds === undefined || seconds.value === 0 ? undefined : seconds.value;
}

/** A login is worth encryption, unless the operator says that it is not. */
function buildTls({ globals, findings }: Build, login: MailLogin | undefined): MailTls | undefined {
  const { smtp_tls: mode, smtp_tls_ca: authorities, smtp_tls_name: name } = globals;
  const chosen = mode?.value ?? (login === undefined ? undefined : 'starttls');
  if (chosen === undefined || chosen === 'off') {
    for (const line of [authorities, name]) {
      if (line !== undefined) findings.report('uselessLine', line.at, 'no certificate is verified without smtp_tls starttls or implicit', 'write: smtp_tls starttls');
    }
  }
  return chosen === undefined ? undefined : { mode: chosen, ...given({ authorities: authorities?.value, name: name?.value }) };
}

function buildLogin(build: Build): MailLogin | undefined {
  const { smtp_user: user, smtp_password_file: file } = build.globals;
  if (user === undefined || file === undefined) {
    const alone = user ?? file;
    if (alone !== undefined) build.findings.report('uselessLine', alone.at, 'smtp_user and smtp_password_file go together: there is no login without either', 'add the other one');
    return undefined;
  }
  judgeSecretFile(build, 'smtp_password_file', file);
  return { user: user.value, passwordFile: file.value };
}

function mailDefaults({ smtp_alert: all, smtp_alert_vrrp: vrrp, smtp_alert_checker: checkers, no_email_faults: noFaults }: Build['globals']): MailDefaults | undefined {
  const defaults: MailDefaults = given({ all: all?.value, vrrp: vrrp?.value, checkers: checkers?.value, noFaults: noFaults === undefined ? undefined : (true as const) });
  return Object.keys(defaults).length === 0 ? undefined : defaults;
}
