/** Keywords of global_defs about alert mails: where they go, through which server, and about what. */

import type { Statement } from '../cst.js';
import type { Findings } from '../findings.js';
import { readInteger, readPort } from './arguments.js';
import { argument, bool, choice, custom, flag, integer, word, words } from './kinds.js';

/** A mail server by address or name. Names are looked up when a mail is sent. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
}

const SMTP_PORT = 25;

/** A port that is none drops the line. */
function readMailServer(statement: Statement, findings: Findings): MailServer | undefined {
  const host = argument(statement, findings);
  const port = statement.words[2];
  if (host === undefined) return undefined;
  if (/^[\d.]+$/.test(host.text) && !isIpv4(host.text)) {
    findings.report('badAddress', host, `smtp_server: ${host.text} is not an IP address; the line is ignored`);
    return undefined;
  }
  const number = port === undefined ? SMTP_PORT : exactPort(statement, findings);
  return number === undefined ? undefined : { host: host.text, port: number };
}

function isIpv4(text: string): boolean {
  const numbers = text.split('.');
  return numbers.length === 4 && numbers.every((number) => /^\d{1,3}$/.test(number) && Number(number) <= 255);
}

function exactPort(statement: Statement, findings: Findings): number | undefined {
  const port = statement.words[2];
  if (port === undefined) return undefined;
  if (/^\d+$/.test(port.text)) return readPort(port, 'smtp_server', findings);
  findings.report('badPort', port, `smtp_server: '${port.text}' is not a port; the line is ignored`, 'ports are 1 to 65535');
  return undefined;
}

const TIMEOUT = { min: 0, max: 4_294 } as const;

/** keepalived makes 0 a second. */
function readTimeout(statement: Statement, findings: Findings): number | undefined {
  const word = argument(statement, findings);
  const seconds = word === undefined ? undefined : readInteger(word, 'smtp_connect_timeout', TIMEOUT, findings, 'exact');
  if (word === undefined || seconds !== 0) return seconds;
  findings.report('outOfRange', word, 'smtp_connect_timeout must be at least 1; 1 is used');
  return 1;
}

const alerts = (what: string, fallback: string): ReturnType<typeof bool> =>
  bool({ doc: `Whether ${what} send mails unless they say otherwise themselves.`, default: fallback });

export const mailDefinitions = {
  notification_email: words({
    line: 'ADDRESS...',
    doc: 'Who receives alert mails.',
    default: 'nobody',
    example: 'notification_email {\n  operations@example.com\n}',
  }),
  notification_email_from: custom({
    doc: 'Sender of alert mails.',
    default: 'USER@HOST of the running process',
    syntax: 'ADDRESS',
    read(statement, { findings }): string | undefined {
      const address = argument(statement, findings, 'ignored');
      const extra = statement.words[2];
      if (extra === undefined) return address?.text;
      findings.report('badValue', extra, 'notification_email_from takes one address; the line is ignored', 'quote a name with blanks');
      return undefined;
    },
  }),
  smtp_server: custom({
    doc: 'Mail server that alert mails are handed to, by address or name.',
    default: 'none: no mails',
    syntax: 'HOST [PORT]',
    example: 'smtp_server 192.0.2.25 25',
    read: (statement, { findings }) => readMailServer(statement, findings),
  }),
  smtp_tls: choice({
    doc: 'Encryption towards the mail server: off = none, starttls = demanded, implicit = from the first byte (port 465 as a rule; write it in smtp_server). The last two verify the certificate.',
    default: 'starttls with smtp_user; otherwise encrypted where the server offers it, whoever it is',
    of: ['off', 'starttls', 'implicit'],
    own: true,
  }),
  smtp_tls_ca: word({
    doc: 'PEM file with the authorities that may vouch for the mail server.',
    default: 'the public authorities that Node.js knows',
    syntax: 'PATH',
    example: 'smtp_tls starttls\nsmtp_tls_ca /etc/ssl/certs/internal.pem',
    own: true,
  }),
  smtp_tls_name: word({
    doc: "Name that the mail server's certificate must have.",
    default: 'the host of smtp_server',
    syntax: 'NAME',
    example: 'smtp_tls starttls\nsmtp_tls_name mail.example.com',
    own: true,
  }),
  smtp_user: word({
    doc: 'Name to log in to the mail server with, once the connection is encrypted.',
    default: 'none: no login',
    syntax: 'NAME',
    example: 'smtp_user director\nsmtp_password_file /etc/keepalived/smtp-password',
    own: true,
  }),
  smtp_password_file: word({
    doc: 'File whose first line is the password of smtp_user; root reads it whenever mails begin.',
    default: 'none',
    syntax: 'PATH',
    example: 'smtp_user director\nsmtp_password_file /etc/keepalived/smtp-password',
    own: true,
  }),
  smtp_digest: integer({
    doc: 'Alerts of so many seconds go as one mail; 0 = each at once.',
    default: '0',
    unit: 's',
    min: 0,
    max: 86_400,
    own: true,
  }),
  smtp_retry: integer({
    doc: 'A mail that the server does not take for now (no connection, a status of 4xx) is tried again for so many seconds; 0 = never.',
    default: '0',
    unit: 's',
    min: 0,
    max: 86_400,
    own: true,
  }),
  smtp_helo_name: custom({
    doc: 'Name this machine greets the mail server with.',
    default: 'host name',
    syntax: 'NAME',
    read: ({ words: [, name] }): string | undefined => name?.text,
  }),
  smtp_connect_timeout: custom({
    doc: 'Limit of every step of the conversation with the mail server.',
    default: '30',
    unit: 's',
    ...TIMEOUT,
    syntax: 'SECS',
    read: (statement, { findings }) => readTimeout(statement, findings),
  }),
  smtp_alert: alerts('all objects', 'unset: servers yes, the rest no'),
  smtp_alert_vrrp: alerts('VRRP instances and groups', 'smtp_alert'),
  smtp_alert_checker: alerts('virtual and real servers', 'smtp_alert'),
  no_email_faults: flag({ doc: 'No mail when an instance or group goes to FAULT.', default: 'off' }),
  router_id: word({ doc: 'Name of this director in mails and SNMP.', default: 'host name', syntax: 'STRING' }, 'ignored'),
} as const;
