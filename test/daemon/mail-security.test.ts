/** Alert mails of the daemon to a real mail server that demands encryption and a login. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { until } from '../lab/process.js';
import { MAIL_HOST, MAIL_USER, startPostfix } from '../support/postfix.js';
import { instance, openNetwork } from './network.js';

const PASSWORD = 'cAn4ryMailPassword';

test('alerts go encrypted and with a login; smtp_digest makes one mail of many, smtp_retry waits for the server', async (t) => {
  const network = openNetwork();
  const { left } = network;
  left.run('chmod', '755', join(left.folder, '..'), left.folder);
  left.write('password', `${PASSWORD}\n`);
  left.run('chmod', '600', join(left.folder, 'password'));
  mkdirSync(join(left.folder, 'postfix'));
  const postfix = await startPostfix(join(left.folder, 'postfix'), PASSWORD, (words) => left.start(words));
  t.after(async () => {
    await postfix.close();
    await network.close();
  });
  const configuration = (...lines: readonly string[]): string =>
    `global_defs {
  router_id lb1
  notification_email {
    a@example.com
  }
  notification_email_from lb1@example.com
  smtp_tls_ca ${postfix.authority}
  smtp_tls_name ${MAIL_HOST}
  smtp_user ${MAIL_USER}
  ${lines.join('\n  ')}
}
${instance({ lines: ['smtp_alert'] })}`;
  const password = `smtp_password_file ${join(left.folder, 'password')}`;
  const daemon = left.daemon(configuration('smtp_server 127.0.0.1', `smtp_password_file ${left.folder}/none`));
  await daemon.line(/SMTP connection ERROR to \[127\.0\.0\.1\]:25: .*none cannot be read \(ENOENT\)\./, 30);
  left.write('keepalived.conf', configuration('smtp_server 127.0.0.1 2525', password, 'smtp_retry 600'));
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 30);
  left.run('ip', 'link', 'set', 'eth0', 'down');
  await daemon.line(/SMTP alert not delivered, trying again in 5 s: \[lb1\] VRRP Instance V1 - Entering FAULT state/, 30);
  // Behind the other port is the server that takes it.
  left.run('nft', 'add table ip t; add chain ip t o { type nat hook output priority -100; }; add rule ip t o tcp dport 2525 redirect to :25');
  await until('the mail is there', 60, () => postfix.mails().length > 0 || undefined);
  assert.match(postfix.mails()[0] ?? '', /with ESMTPSA[^]*^Subject: \[lb1\] VRRP Instance V1 - Entering FAULT state$/m);

  const before = daemon.lines.length;
  left.write('keepalived.conf', configuration('smtp_server 127.0.0.1', password, 'smtp_digest 3600'));
  daemon.signal('SIGHUP');
  await daemon.line(/Reload complete/, 30, before);
  left.run('ip', 'link', 'set', 'eth0', 'up');
  await daemon.line(/Entering MASTER STATE/, 30, before);
  daemon.signal('SIGTERM');
  await daemon.exited;
  // The end of the daemon does not wait for the hour.
  await until('the digest is there', 30, () => postfix.mails().length > 1 || undefined);
  assert.match(postfix.mails()[1] ?? '', /^Subject: \[lb1\] \d alerts, the last: VRRP Instance V1 - Stopping$[^]*Entering MASTER state/m);
  assert.equal(postfix.mails().length, 2);
  assert.ok(!daemon.text().includes(PASSWORD));
});
