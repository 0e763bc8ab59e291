/** Alert mails, taken by a mail server, from holdfast and from the real keepalived. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { until } from '../lab/process.js';
import type { Program } from '../lab/process.js';
import { childrenOf, readProcess } from '../support/processes.js';
import type { Host } from './network.js';
import { instance, openNetwork } from './network.js';

interface Mail {
  readonly envelope: readonly string[];
  readonly data: readonly string[];
}

function host(t: TestContext): Host {
  const opened = openNetwork();
  t.after(() => opened.close());
  return opened.left;
}

async function mailServer(left: Host, manner = 'smtp'): Promise<Program> {
  const server = left.start([process.execPath, join(process.cwd(), 'dist', 'test', 'daemon', 'mail-server.js'), '25', manner]);
  await server.line(/^listening/, 10);
  return server;
}

const mails = (server: Program): readonly Mail[] =>
  server.lines.filter(({ text }) => text.startsWith('{')).map(({ text }) => JSON.parse(text) as Mail);

/** Subjects and bodies in the order of subjects: keepalived sends those of one moment side by side. */
const contents = (server: Program): readonly string[] =>
  mails(server).map(({ data }) => `${header(data, 'Subject')} | ${data.slice(data.indexOf('') + 1).join(' ').trim()}`);

const header = (data: readonly string[], name: string): string | undefined =>
  data.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);

const globals = (...lines: readonly string[]): string =>
  [
    'global_defs {',
    'router_id lb1',
    'notification_email {',
    'a@example.com',
    'b@example.com',
    '}',
    'notification_email_from "Balancer <lb1@example.com>"',
    'smtp_server 127.0.0.1',
    ...lines,
    '}',
    '',
  ].join('\n');

const GROUP = 'vrrp_sync_group G1 {\ngroup {\nV1\n}\nsmtp_alert\n}\n';

/** Waits for as many mails. */
const received = (server: Program, count: number): Promise<true> =>
  until(`${count} mails`, 15, () => (mails(server).length >= count ? true : undefined));

async function story(left: Host, command?: readonly string[]): Promise<{ readonly mails: readonly Mail[]; readonly contents: readonly string[] }> {
  const server = await mailServer(left);
  const configuration = `${globals()}${GROUP}${instance({ priority: 100, lines: ['smtp_alert'] })}`;
  const daemon = left.daemon(configuration, command === undefined ? {} : { command });
  await received(server, 4);
  left.run('ip', 'link', 'set', 'eth0', 'down');
  await received(server, 6);
  const seen = { mails: mails(server).slice(0, 6), contents: contents(server).slice(0, 6) };
  daemon.signal('SIGTERM');
  await daemon.exited;
  server.signalGroup('SIGTERM');
  await server.exited;
  left.run('ip', 'link', 'set', 'eth0', 'up');
  await until('the link is up', 5, () => (/state UP/.test(left.run('ip', 'link', 'show', 'eth0')) ? true : undefined));
  return seen;
}

test('instances and groups mail what keepalived mails', async (t) => {
  const left = host(t);
  const theirs = await story(left, ['keepalived']);
  const ours = await story(left);
  assert.equal(theirs.contents.length, 6);
  assert.deepEqual([...ours.contents].sort(), [...theirs.contents].sort());
  const [their] = theirs.mails;
  for (const { envelope, data } of ours.mails) {
    assert.deepEqual(envelope.map(bare), their?.envelope.map(bare));
    for (const name of ['From', 'To', 'X-Mailer']) assert.equal(header(data, name), header(their?.data ?? [], name), name);
    assert.ok(header(data, 'Date') !== undefined);
  }
});

/** keepalived puts the sender's name into the envelope too, which RFC 5321 4.1.2 does not allow. */
const bare = (line: string): string => line.replace(/:.*<([^<>]*)>.*$/, ':<$1>');

test('no_email_faults leaves out faults, and the end of the daemon is still mailed', async (t) => {
  const left = host(t);
  const server = await mailServer(left, 'esmtp');
  const daemon = left.daemon(`${globals('no_email_faults', 'smtp_alert_vrrp')}${instance({ priority: 100 })}`);
  await received(server, 2);
  left.run('ip', 'link', 'set', 'eth0', 'down');
  await daemon.line(/Entering FAULT STATE/, 10);
  left.run('ip', 'link', 'set', 'eth0', 'up');
  await received(server, 4);
  daemon.signal('SIGTERM');
  assert.equal(await daemon.exited, 0);
  await received(server, 5);
  assert.deepEqual(contents(server), [
    '[lb1] VRRP Instance V1 - Entering BACKUP state | => VRRP Instance is no longer owning VRRP VIPs <=',
    '[lb1] VRRP Instance V1 - Entering MASTER state | => VRRP Instance is now owning VRRP VIPs <=',
    '[lb1] VRRP Instance V1 - Entering BACKUP state | => VRRP Instance is no longer owning VRRP VIPs <=',
    '[lb1] VRRP Instance V1 - Entering MASTER state | => VRRP Instance is now owning VRRP VIPs <=',
    '[lb1] VRRP Instance V1 - Stopping | => VRRP Instance stopping <=',
  ]);
});

test('an instance that a reload removes is mailed, and told, as deleted when notify_deleted says so', async (t) => {
  const left = host(t);
  const server = await mailServer(left);
  const other = instance({ lines: ['garp_master_delay 1'] }).replace('V1', 'V0').replace('51', '52').replace('10.9.9.100', '10.9.9.101');
  const daemon = left.daemon(`${globals()}${other}${instance({ lines: ['smtp_alert', 'notify_deleted'] })}`);
  await received(server, 2);
  left.write('keepalived.conf', `${globals()}${other}`);
  daemon.signal('SIGHUP');
  await received(server, 3);
  assert.equal(contents(server).at(-1), '[lb1] VRRP Instance V1 - Deleted | => VRRP Deleted at reload <=');
});

test('a mail server that refuses or is not there is named in the log, and nothing waits for it', async (t) => {
  const left = host(t);
  const lines = instance({ lines: ['smtp_alert'] });
  const alone = left.daemon(`${globals()}${lines}`);
  await alone.line(/SMTP connection ERROR to \[127\.0\.0\.1\]:25\./, 15);
  alone.signal('SIGTERM');
  assert.equal(await alone.exited, 0);
  const server = await mailServer(left, 'refuse');
  const refused = left.daemon(`${globals()}${lines}`);
  await refused.line(/Error processing MAIL FROM cmd on SMTP server \[127\.0\.0\.1\]:25\. SMTP status code = 550/, 15);
  assert.equal(mails(server).length, 0);
});

test('the process that mails is nobody and has no part in the others', async (t) => {
  const left = host(t);
  const server = await mailServer(left);
  const daemon = left.daemon(`${globals()}${instance({ lines: ['smtp_alert'] })}`);
  await received(server, 2);
  const mailer = childrenOf(daemon.pid).find((pid) => readProcess(pid, 'cmdline').includes('\0mailer\0'));
  assert.ok(mailer !== undefined);
  assert.match(readProcess(mailer, 'status'), /^Uid:\t65534\t65534\t65534\t65534\nGid:\t65534\t65534\t65534\t65534$/m);
  assert.match(readProcess(mailer, 'status'), /^CapPrm:\t0+\nCapEff:\t0+$[^]*^NoNewPrivs:\t1$[^]*^Seccomp:\t2$/m);
  process.kill(mailer, 'SIGKILL');
  await daemon.line(/Mail process ended: signal SIGKILL/, 10);
  left.run('ip', 'link', 'set', 'eth0', 'down');
  await received(server, 3);
  assert.match(contents(server).at(-1) ?? '', /Entering FAULT state/);
});
