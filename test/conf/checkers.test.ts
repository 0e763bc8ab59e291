/** The checkers that do not ask web servers: what each keyword makes of them, and what is refused with its place. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Check, CheckerConfig, FollowerConfig } from '../../src/health/config-check.js';
import { load } from './support.js';

const OUR_USE = 'HF-320';

function service(server: string, body = ''): string {
  return `virtual_server 192.0.2.1 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n${body}\nreal_server 192.0.2.10 80 {\n${server}\n}\n}\n`;
}

function checkersOf(text: string): readonly CheckerConfig[] {
  const server = load(text).model?.pool.virtualServers[0]?.realServers[0];
  assert.ok(server !== undefined, text);
  return server.checkers;
}

function checkOf(server: string): Check {
  const [checker] = checkersOf(service(server));
  assert.ok(checker !== undefined, server);
  return checker.check;
}

/** The body of the checker begins on line 8. */
function block(kind: string, body: string): string {
  return `${kind} {\n${body}\n}`;
}

function codes(text: string): readonly string[] {
  const { diagnostics } = load(text);
  return diagnostics.filter(({ code }) => code !== OUR_USE).map(({ code, at }) => `${code} ${at.line}:${at.column}`);
}

test('each kind of checker has its own default retries and delays', () => {
  const times = (server: string, body = ''): unknown =>
    checkersOf(service(server, body)).map(({ retry, delayBeforeRetry }) => [retry, delayBeforeRetry / 1e6]);
  assert.deepEqual(times('PING_CHECK {\n}'), [[1, 1]]);
  assert.deepEqual(times('DNS_CHECK {\n}', 'delay_loop 9'), [[3, 9]]);
  assert.deepEqual(times('DNS_CHECK {\n}', 'delay_loop 9\nretry 2\ndelay_before_retry 4'), [[2, 4]]);
  assert.deepEqual(times('MISC_CHECK {\nmisc_path /bin/x\n}'), [[0, 1]]);
  assert.deepEqual(times('UDP_CHECK {\nretry 5\n}'), [[5, 1]]);
});

test('UDP_CHECK: bytes are written as hex digits, wildcards only in what is to come', () => {
  const udp = (body: string): unknown => {
    const check = checkOf(block('UDP_CHECK', body));
    return check.type === 'UDP_CHECK' ? [check.payload, check.reply] : undefined;
  };
  const [text] = udp('') as [string];
  assert.equal(Buffer.from(text, 'hex').toString(), 'keepalived check - keepalived ch');
  assert.deepEqual(udp('payload 01 02FF'), ['0102ff', undefined]);
  assert.deepEqual(udp('payload 012'), ['0102', undefined]);
  assert.deepEqual(udp('payload 00\nrequire_reply'), ['00', { minLength: 0, maxLength: 255 }]);
  assert.deepEqual(udp('payload 00\nrequire_reply 0Xx1\nmin_reply_length 2\nmax_reply_length 9'), [
    '00',
    { minLength: 2, maxLength: 9, pattern: '0xx1' },
  ]);
  assert.deepEqual(codes(service(block('UDP_CHECK', 'payload 0x01'))), ['HF-311 8:9']);
  assert.deepEqual(codes(service(block('UDP_CHECK', 'require_reply\nmin_reply_length 9\nmax_reply_length 8'))), ['HF-515 9:18']);
  assert.deepEqual(codes(service(block('UDP_CHECK', 'min_reply_length 9'))), ['HF-322 8:18']);
});

test('DNS_CHECK: type in any case, name without its last dot, nothing that is no name', () => {
  const dns = (body: string): unknown => {
    const check = checkOf(block('DNS_CHECK', body));
    return check.type === 'DNS_CHECK' ? [check.queryType, check.name] : undefined;
  };
  assert.deepEqual(dns(''), ['SOA', '']);
  assert.deepEqual(dns('type aaaa\nname example.com.'), ['AAAA', 'example.com']);
  assert.deepEqual(dns('name .'), ['SOA', '']);
  assert.deepEqual(codes(service(block('DNS_CHECK', 'type ANY\nname a..b'))), ['HF-311 8:6', 'HF-311 9:6']);
  assert.deepEqual(codes(service(block('DNS_CHECK', `name ${'a'.repeat(64)}`))), ['HF-311 8:6']);
  assert.deepEqual(codes(service(block('DNS_CHECK', 'name a\nname b'))), ['HF-316 9:1']);
});

test('SMTP_CHECK: each host is a checker of its own, the first in place of a main one that names no connection', () => {
  const smtp = (body: string): unknown =>
    checkersOf(service(block('SMTP_CHECK', body))).map(({ check, retry }) =>
      check.type === 'SMTP_CHECK' ? [check.connection.address, check.connection.port, check.heloName, retry] : check.type,
    );
  assert.deepEqual(smtp(''), [['192.0.2.10', 80, 'smtpchecker.keepalived.org', 1]]);
  assert.deepEqual(smtp('helo_name mx\nretry 4\nhost {\nconnect_ip 192.0.2.8\n}\nhost {\nconnect_port 26\nretry 2\n}'), [
    ['192.0.2.8', 80, 'mx', 4],
    ['192.0.2.10', 26, 'mx', 2],
  ]);
  assert.deepEqual(smtp('connect_port 25\nhost {\nconnect_ip 192.0.2.8\n}'), [
    ['192.0.2.10', 25, 'smtpchecker.keepalived.org', 1],
    ['192.0.2.8', 80, 'smtpchecker.keepalived.org', 1],
  ]);
});

test('MISC_CHECK: the last path, the account of its own line or of script_user, a limit that is the delay loop by default', () => {
  const misc = (body: string, before = ''): unknown => {
    const [checker] = checkersOf(before + service(block('MISC_CHECK', body), 'delay_loop 7'));
    return checker?.check.type === 'MISC_CHECK' ? [checker.check.command, checker.check.timeout / 1e6, checker.check.dynamic] : undefined;
  };
  assert.deepEqual(misc('misc_path "/bin/b\u00a0c d"'), [{ argv: ['/bin/b\u00a0c', 'd'] }, 7, false], 'a no-break space is part of a word');
  assert.deepEqual(misc('misc_path /bin/a\nmisc_path "/bin/b \'c d\' e"'), [{ argv: ['/bin/b', 'c d', 'e'] }, 7, false]);
  assert.deepEqual(misc('misc_path /bin/a\nmisc_timeout 3\nmisc_dynamic\nuser nobody nogroup'), [
    { argv: ['/bin/a'], user: 'nobody', group: 'nogroup' },
    3,
    true,
  ]);
  assert.deepEqual(misc('misc_path /bin/a', 'global_defs {\nscript_user daemon\n}\n'), [{ argv: ['/bin/a'], user: 'daemon' }, 7, false]);
  assert.deepEqual(codes(service(block('MISC_CHECK', 'misc_timeout 4'))), ['HF-508 7:1']);
  assert.deepEqual(codes(service(block('MISC_CHECK', 'misc_path /bin/a\nmisc_timeout 4295'))), ['HF-312 9:14']);
});

test('a program that a check runs counts as a script for script security', () => {
  const { diagnostics } = load(service(block('MISC_CHECK', 'misc_path /bin/a')));
  assert.deepEqual(diagnostics.filter(({ code }) => code === 'HF-320').map(({ at }) => [at.line, at.column]), [[8, 11]]);
});

test('BFD_CHECK follows a session that stands above it, once', () => {
  const session = 'bfd_instance b {\nneighbor_ip 192.0.2.9\n}\n';
  const followers = (server: string, body = ''): readonly FollowerConfig[] | undefined =>
    load(session + service(server, body)).model?.pool.virtualServers[0]?.realServers[0]?.followers;
  assert.deepEqual(followers(block('BFD_CHECK', 'name b')), [{ check: { type: 'BFD_CHECK', session: 'b' }, alpha: false }]);
  assert.deepEqual(followers(block('BFD_CHECK', 'name b'), 'alpha'), [{ check: { type: 'BFD_CHECK', session: 'b' }, alpha: true }]);
  assert.deepEqual(codes(session + service(block('BFD_CHECK', 'name c'))), ['HF-417 11:6']);
  assert.deepEqual(codes(service(block('BFD_CHECK', 'name b')) + session).length, 1);
  assert.deepEqual(codes(session + service(`${block('BFD_CHECK', 'name b')}\n${block('BFD_CHECK', 'name b')}`)), ['HF-508 14:6']);
  assert.deepEqual(codes(session + service(block('BFD_CHECK', 'alpha'))), ['HF-508 10:1']);
});

test('FILE_CHECK follows a track_file that stands above it, with its own weight or that of the file', () => {
  const file = 'track_file f {\nfile /tmp/x\nweight 3 reverse\n}\n';
  const follower = (body: string): unknown =>
    load(file + service(block('FILE_CHECK', body))).model?.pool.virtualServers[0]?.realServers[0]?.followers?.[0]?.check;
  assert.deepEqual(follower('track_file f'), { type: 'FILE_CHECK', file: 'f', path: '/tmp/x', weight: 3, reverse: true });
  assert.deepEqual(follower('track_file f\nweight -70000'), { type: 'FILE_CHECK', file: 'f', path: '/tmp/x', weight: -70_000, reverse: false });
  assert.deepEqual(codes(file + service(block('FILE_CHECK', 'track_file g'))), ['HF-417 12:12']);
  assert.deepEqual(codes(file + service(block('FILE_CHECK', 'weight 1'))), ['HF-508 11:1']);
  assert.deepEqual(codes(service(block('FILE_CHECK', 'track_file f')) + file), ['HF-417 8:12']);
});

test('a check that cannot reach a port, and an address that leads nowhere, are named', () => {
  const mark = (server: string): string => `virtual_server fwmark 7 {\nlb_algo rr\nlb_kind DR\nreal_server 192.0.2.10 {\n${server}\n}\n}\n`;
  assert.deepEqual(codes(mark('TCP_CHECK {\n}')), ['HF-514 5:1']);
  assert.deepEqual(codes(mark('TCP_CHECK {\nconnect_port 80\n}')), []);
  assert.deepEqual(codes(mark('PING_CHECK {\n}')), []);
  assert.deepEqual(codes(service(block('TCP_CHECK', 'connect_ip fe80::1'))), ['HF-313 8:12']);
  assert.deepEqual(codes(service(block('TCP_CHECK', 'connect_ip fe80::1\nbind_if eth0'))), []);
});

test('mail, SNMP names and ha_suspend reach the pool', () => {
  const text = service('smtp_alert no\nsnmp_name a\nTCP_CHECK {\n}', 'ha_suspend\nsmtp_alert\nsnmp_name v');
  const [pool] = load(text).model?.pool.virtualServers ?? [];
  assert.deepEqual([pool?.haSuspend, pool?.smtpAlert, pool?.snmpName], [true, true, 'v']);
  assert.deepEqual([pool?.realServers[0]?.smtpAlert, pool?.realServers[0]?.snmpName], [false, 'a']);
  const [other] = load(`global_defs {\nsmtp_alert\nsmtp_alert_checker no\n}\n${service('')}`).model?.pool.virtualServers ?? [];
  assert.deepEqual([other?.smtpAlert, other?.realServers[0]?.smtpAlert], [false, false]);
  assert.deepEqual(codes(service('snmp_name', 'snmp_name a b')), ['HF-311 5:13', 'HF-311 7:1']);
});

test('every kind of check takes its rhythm from itself, else the real server, else the virtual server, else its own defaults', () => {
  const kinds: readonly (readonly [string, string, number, number])[] = [
    ['TCP_CHECK', '', 1, 1], ['TCP_CHECK', 'send "a"\nexpect "b"', 1, 1], ['HTTP_GET', 'url {\npath /\n}', 1, 3], ['SSL_GET', 'url {\npath /\n}', 1, 3],
    ['SMTP_CHECK', '', 1, 1], ['DNS_CHECK', '', 3, 60], ['UDP_CHECK', '', 1, 1], ['PING_CHECK', '', 1, 1], ['MISC_CHECK', 'misc_path /bin/x', 0, 1],
    ['MISC_CHECK', 'misc_path /bin/x\nmisc_worker', 0, 1], ['GRPC_CHECK', '', 1, 1], ['MYSQL_CHECK', '', 1, 1], ['PGSQL_CHECK', '', 1, 1], ['REDIS_CHECK', '', 1, 1],
  ];
  const rhythm = (n: number): string => `delay_loop ${n}\nretry ${n}\ndelay_before_retry ${n}\nwarmup ${n}`;
  for (const [kind, lines, retry, pause] of kinds) {
    const seen = (own: string, server: string, body: string): unknown => {
      const text = `${kind} {\n${lines}\n${own}\n}`;
      const [checker, ...others] = checkersOf(service(`${server}\n${text}`, body));
      assert.ok(checker !== undefined && others.length === 0, text);
      const { delayLoop, delayBeforeRetry, warmup, alpha, logAllFailures, check } = checker;
      const timeout = 'connection' in check ? check.connection.connectTimeout / 1e6 : 'none';
      return [delayLoop / 1e6, checker.retry, delayBeforeRetry / 1e6, warmup / 1e6, alpha, logAllFailures, timeout];
    };
    const connects = kind !== 'MISC_CHECK';
    const timeout = (n: number): number | string => (connects ? n : 'none');
    const own = connects ? 'connect_timeout 9\n' : '';
    assert.deepEqual(seen('', '', ''), [60, retry, pause, 60, false, false, timeout(5)], `${kind}: defaults`);
    assert.deepEqual(seen('', '', `${rhythm(7)}\nconnect_timeout 7\nalpha`), [7, 7, 7, 7, true, false, timeout(7)], `${kind}: of the virtual server`);
    assert.deepEqual(seen('', `${rhythm(8)}\nconnect_timeout 8\nalpha no`, `${rhythm(7)}\nalpha`), [8, 8, 8, 8, false, false, timeout(8)], `${kind}: of the real server`);
    assert.deepEqual(seen(`${rhythm(9)}\n${own}alpha\nlog_all_failures`, `${rhythm(8)}\nconnect_timeout 8\nalpha no`, ''), [9, 9, 9, 9, true, true, timeout(9)], `${kind}: its own`);
  }
});
