/** SMTP_CHECK, DNS_CHECK and UDP_CHECK against servers that people run: Postfix and dnsmasq, each in a directory of the test's own. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import test, { type TestContext } from 'node:test';

import { after, seconds } from '../../src/base/time.js';
import type { DnsQueryType, ProbeSpec } from '../../src/health/config-check.js';
import { questionOf } from '../../src/health/check-kinds.js';
import { encodeDnsQuery } from '../../src/io/probes/dns-message.js';
import { openProbes } from '../../src/io/probes/probes.js';
import { listening, openFolder, startDaemon } from './support/daemons.js';
import { closedPort } from './support/servers.js';
import { clock, loopback, verdictSink } from './support/sinks.js';

/** With patience for machines that have other things to do. */
async function ask(t: TestContext, spec: ProbeSpec): Promise<string> {
  const sink = verdictSink();
  const probes = openProbes(clock, sink.onVerdict);
  t.after(probes.close);
  probes.start(1, spec, after(clock.now(), seconds(12)));
  const verdict = await sink.verdictOf(1);
  if (verdict.type !== 'failed') return verdict.type;
  return verdict.failure.type === 'dnsError' ? `rcode ${verdict.failure.responseCode}` : verdict.failure.type;
}

/** Postfix with one service a row, each with options of its own; answers their ports. */
async function startPostfix(t: TestContext, services: readonly string[]): Promise<readonly number[]> {
  const file = openFolder(t);
  const ports: number[] = [];
  while (ports.length < services.length) ports.push(await closedPort());
  for (const name of ['queue', 'data']) mkdirSync(file(name));
  execFileSync('chown', ['postfix', file('data')]);
  writeFileSync(file('main.cf'), `compatibility_level = 3.6\nqueue_directory = ${file('queue')}\ndata_directory = ${file('data')}
mail_owner = postfix\nsetgid_group = postdrop\nmyhostname = mx.example.org\nmynetworks = 127.0.0.0/8\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4
alias_maps =\nalias_database =\nlocal_recipient_maps =\nmaillog_file = ${file('data/log')}\nmaillog_file_prefixes = ${file('data')}\nsmtpd_helo_required = yes\nsmtpd_delay_reject = no
smtpd_client_event_limit_exceptions =\npostscreen_access_list =\npostscreen_greet_wait = 1s\npostscreen_greet_banner = one moment please\n`);
  const own = services.map((service, i) => `127.0.0.1:${ports[i] ?? 0} inet n - n - ${service}`);
  writeFileSync(file('master.cf'), `postlog unix-dgram n - n - 1 postlogd\nanvil unix - - n - 1 anvil\nrewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup\nsmtpd pass - - n - - smtpd\ndnsblog unix - - n - 0 dnsblog\ntlsproxy unix - - n - 0 tlsproxy\n${own.join('\n')}\n`);
  // Makes the queue's directories; with -d the master stays in the group of processes that ends with the test.
  execFileSync('/usr/sbin/postfix', ['-c', file('.'), 'check'], { stdio: 'ignore' });
  startDaemon(t, ['/usr/lib/postfix/sbin/master', '-c', file('.'), '-d']);
  for (const port of ports) await listening(port);
  return ports;
}

test('SMTP_CHECK: Postfix passes, also with a greeting of two lines, and what it refuses fails', { timeout: 600_000 }, async (t) => {
  const [good = 0, greeting = 0, helo = 0, client = 0, busy = 0] = await startPostfix(t, [
    '- smtpd',
    '1 postscreen',
    '- smtpd -o smtpd_helo_restrictions=reject',
    '- smtpd -o smtpd_client_restrictions=reject',
    '- smtpd -o smtpd_client_connection_count_limit=1',
  ]);
  const mail = (port: number): Promise<string> =>
    ask(t, questionOf({ type: 'SMTP_CHECK', connection: loopback(port, { connectTimeout: seconds(10) }), heloName: 'director.example.org' }, 0));
  assert.equal(await mail(good), 'passed');
  assert.equal(await mail(greeting), 'passed', 'postscreen greets with a line of its own first');
  assert.equal(await mail(helo), 'badHelo', '554 to HELO');
  assert.equal(await mail(client), 'badBanner', '554 to the connection');
  const other = connect(busy, '127.0.0.1');
  t.after(() => other.destroy());
  await once(other, 'data');
  assert.equal(await mail(busy), 'badBanner', '421, too many connections');
});

test('DNS_CHECK: dnsmasq answers each type, says no in its ways, and truncates; UDP_CHECK asks it by bytes', { timeout: 600_000 }, async (t) => {
  const port = await closedPort();
  const zone = [
    '--local=/example.test/', '--host-record=www.example.test,192.0.2.1,2001:db8::1', '--mx-host=example.test,www.example.test,10', '--cname=alias.example.test,www.example.test',
    '--txt-record=text.example.test,hello', ...Array.from({ length: 12 }, (_, i) => `--txt-record=long.example.test,${String(i).padEnd(100, 'x')}`),
  ];
  startDaemon(t, ['/usr/sbin/dnsmasq', '-k', '-C', '/dev/null', '-p', String(port), '-a', '127.0.0.1', '-z', '-R', '-h', '-u', 'root', '--pid-file=', ...zone]);
  await listening(port);
  const connection = loopback(port, { connectTimeout: seconds(10) });
  const dns = (queryType: DnsQueryType, name: string): Promise<string> => ask(t, { type: 'dns', connection, name, queryType });
  const asked: readonly (readonly [DnsQueryType, string, string])[] = [
    ['A', 'www.example.test', 'passed'], ['AAAA', 'www.example.test', 'passed'], ['MX', 'example.test', 'passed'], ['CNAME', 'alias.example.test', 'passed'],
    ['TXT', 'text.example.test', 'passed'], ['NS', 'www.example.test', 'passed'], ['TXT', 'long.example.test', 'passed'],
    ['A', 'nobody.example.test', 'rcode 3'], ['A', 'www.elsewhere.invalid', 'rcode 5'], ['SOA', '', 'rcode 5'],
  ];
  for (const [type, name, outcome] of asked) assert.equal(await dns(type, name), outcome, `${type} ${name}`);
  const payload = Buffer.from(encodeDnsQuery(0x1234, 'www.example.test', 'A')).toString('hex');
  const udp = (pattern: string): Promise<string> => ask(t, { type: 'udp', connection, payload, reply: { pattern, minLength: 12, maxLength: 512 } });
  assert.equal(await udp('12348xx0'), 'passed');
  assert.equal(await udp('12348xx3'), 'otherReply');
});
