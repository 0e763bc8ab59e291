/** Mails to a real mail server that demands encryption and a login: what gets through, what must not, and why. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import test from 'node:test';

import { isPassing, openMailer } from '../../src/io/mail.js';
import type { MailServerOptions } from '../../src/io/mail.js';
import type { MailOutcome } from '../../src/runtime/ports.js';
import { MAIL_HOST, MAIL_USER, startPostfix } from '../support/postfix.js';
import { startProgram, until } from '../lab/process.js';
import { openFolder } from './support/daemons.js';

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

const PASSWORD = 'right-password';

test('a mail goes encrypted and with a login, and not at all where the server is not the one it should be', async (t) => {
  const ports = { smtp: await freePort(), smtps: await freePort() };
  const postfix = await startPostfix(dirname(openFolder(t)('any')), PASSWORD, (words) => startProgram(words, {}), ports);
  t.after(() => postfix.close());
  const authorities = readFileSync(postfix.authority, 'utf8');
  const send = async (options: Pick<MailServerOptions, 'encryption' | 'login'>, port = ports.smtp): Promise<MailOutcome> => {
    const mailer = openMailer({ host: '127.0.0.1', port, heloName: 'lb1', timeout: 20_000, ...options });
    const outcome = await mailer.send({ from: 'lb1@example.com', to: ['a@example.com'], subject: 'hello', text: 'body\n' });
    mailer.close();
    return outcome;
  };
  const login = { user: MAIL_USER, password: PASSWORD };
  const refused = async (options: Pick<MailServerOptions, 'encryption' | 'login'>, port?: number): Promise<string> => {
    const outcome = await send(options, port);
    assert.equal(outcome.type, 'failed');
    return `${outcome.code} ${outcome.command ?? ''} ${outcome.status ?? outcome.reason ?? ''}${isPassing(outcome) ? ' for now' : ''}`;
  };
  const trusted = { mode: 'starttls', authorities, name: MAIL_HOST } as const;
  assert.deepEqual(await send({ encryption: trusted, login }), { type: 'sent' });
  assert.deepEqual(await send({ encryption: { ...trusted, mode: 'implicit' }, login }, ports.smtps), { type: 'sent' });
  await until('both are there', 30, () => postfix.mails().length === 2 || undefined);
  for (const mail of postfix.mails()) assert.match(mail, /with ESMTPSA/);

  assert.match(await refused({ encryption: { mode: 'starttls', name: MAIL_HOST }, login }), /^ETLS .*unable to verify the first certificate/);
  assert.match(await refused({ encryption: { mode: 'implicit', name: MAIL_HOST }, login }, ports.smtps), /^ETLS .*unable to verify the first certificate/);
  assert.match(await refused({ encryption: { mode: 'starttls', authorities }, login }), /^ETLS .*not match certificate/);
  assert.match(await refused({ encryption: { ...trusted, name: 'other.example.com' }, login }), /^ETLS .*not match certificate/);
  assert.equal(await refused({ encryption: trusted, login: { ...login, password: 'wrong' } }), 'EAUTH AUTH PLAIN 535');
  assert.equal(await refused({ encryption: { mode: 'off' } }), 'EENVELOPE MAIL FROM 530');
  // A password goes to nobody who does not encrypt.
  assert.match(await refused({ encryption: { mode: 'off' }, login }), /^EAUTH AUTH PLAIN 5\d\d$/);
  assert.equal(await refused({ encryption: { mode: 'whatever' } }), 'EENVELOPE RCPT TO 554');
  assert.equal(await refused({ encryption: trusted, login }, await freePort()), 'ESOCKET CONN  for now');
  assert.equal(postfix.mails().length, 2);
});
