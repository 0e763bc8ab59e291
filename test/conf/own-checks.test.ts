/** holdfast's own words for checks, from a file to what the machine is told. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Check } from '../../src/health/config-check.js';
import { load } from './support.js';

/** The lines of the checker begin on line 6. */
function text(server: string): string {
  return `virtual_server 192.0.2.1 443 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 192.0.2.10 443 {\n${server}\n}\n}\n`;
}

function checkOf(server: string): Check {
  const check = load(text(server)).model?.pool.virtualServers[0]?.realServers[0]?.checkers[0]?.check;
  assert.ok(check !== undefined, server);
  return check;
}

/** What is found besides that the words are our own. */
function findings(server: string): readonly string[] {
  return load(text(server)).diagnostics.filter(({ code }) => code !== 'HF-623').map(({ code, at }) => `${code} ${at.line}`);
}

test('tls_verify, tls_ca and tls_expiry_warning: the host is that of sni_name or virtualhost, else the address', () => {
  const certificate = (body: string): unknown => {
    const check = checkOf(`SSL_GET {\nurl {\npath /\n}\n${body}\n}`);
    return check.type === 'SSL_GET' ? [check.certificate, check.certificateNames, check.serverNames] : undefined;
  };
  assert.deepEqual(certificate(''), [undefined, undefined, [undefined]]);
  assert.deepEqual(certificate('tls_verify none'), [undefined, undefined, [undefined]]);
  assert.deepEqual(certificate('tls_verify name'), [{ verify: 'name' }, ['192.0.2.10'], [undefined]]);
  assert.deepEqual(certificate('tls_verify chain\ntls_ca /etc/ca.pem\nvirtualhost a.example'), [
    { verify: 'chain', authorityFile: '/etc/ca.pem' }, ['a.example'], [undefined],
  ]);
  assert.deepEqual(certificate('tls_expiry_warning 14\nsni_name b.example\nenable_sni'), [{ verify: 'none', warnBelow: 14 }, ['b.example'], ['b.example']]);
  assert.deepEqual(findings('SSL_GET {\ntls_ca /etc/ca.pem\nurl {\npath /\n}\n}'), ['HF-322 7']);
  assert.deepEqual(findings('HTTP_GET {\ntls_verify chain\nurl {\npath /\n}\n}'), ['HF-301 7']);
});

test('what is asked: method, header fields, body, HTTP/2, and the member of a JSON text', () => {
  const urlOf = (body: string): unknown => {
    const check = checkOf(`HTTP_GET {\nhttp2\nurl {\npath /\n${body}\n}\n}`);
    return check.type === 'HTTP_GET' ? [check.http2, check.urls[0]] : undefined;
  };
  const plain = { path: '/', statusCodes: [] };
  assert.deepEqual(urlOf(''), [true, plain]);
  assert.deepEqual(urlOf('request_method POST\nrequest_header "X-A: 1 2"\nrequest_header X-B:3\nrequest_body "{\\"a\\": 1}\\n"'), [
    true,
    { ...plain, method: 'POST', headers: [{ name: 'X-A', value: '1 2' }, { name: 'X-B', value: '3' }], content: '{"a": 1}\n' },
  ]);
  assert.deepEqual(urlOf('json_path a.b[0][1].c\njson_value up'), [true, { ...plain, json: { path: ['a', 'b', 0, 1, 'c'], value: 'up' } }]);
  assert.deepEqual(urlOf('json_path [2]'), [true, { ...plain, json: { path: [2] } }]);
  const wrong = ['request_method connect', 'request_method CONNECT', 'request_header "Host: a"', 'request_header nothing', 'json_path a..b', 'json_path', 'json_value up'];
  for (const line of wrong) assert.equal(findings(`HTTP_GET {\nurl {\npath /\n${line}\n}\n}`).length, 1, line);
});

test('GRPC_CHECK asks its own connection for a service', () => {
  const { connection, ...rest } = checkOf('GRPC_CHECK {\nservice a.B\ntls\nhost api.example\ntls_verify name\nconnect_port 50051\n}') as Extract<Check, { type: 'GRPC_CHECK' }>;
  assert.equal(connection.port, 50_051);
  assert.deepEqual(rest, { type: 'GRPC_CHECK', service: 'a.B', tls: true, host: 'api.example', certificate: { verify: 'name' } });
  const bare = checkOf('GRPC_CHECK {\n}') as Extract<Check, { type: 'GRPC_CHECK' }>;
  assert.deepEqual([bare.service, bare.tls, bare.certificate], ['', false, undefined]);
});

test('databases, and a TCP_CHECK with something to say', () => {
  const own = (server: string): unknown => {
    const { connection, ...rest } = checkOf(server) as Extract<Check, { type: 'TCP_CHECK' | 'MYSQL_CHECK' | 'PGSQL_CHECK' | 'REDIS_CHECK' }>;
    assert.equal(connection.port, 443);
    return rest;
  };
  assert.deepEqual(own('TCP_CHECK {\n}'), { type: 'TCP_CHECK' });
  assert.deepEqual(own('TCP_CHECK {\nsend "PING\\r\\n"\nexpect +PONG\n}'), { type: 'TCP_CHECK', exchange: { send: 'PING\r\n', expect: '+PONG' } });
  assert.deepEqual(own('MYSQL_CHECK {\nuser probe\n}'), { type: 'MYSQL_CHECK', user: 'probe' });
  assert.deepEqual(own('PGSQL_CHECK {\nuser probe\ndatabase shop\n}'), { type: 'PGSQL_CHECK', user: 'probe', database: 'shop' });
  assert.deepEqual(own('REDIS_CHECK {\npassword "a b"\n}'), { type: 'REDIS_CHECK', password: 'a b' });
  assert.deepEqual(findings('PGSQL_CHECK {\ndatabase shop\n}'), ['HF-322 7']);
});

test('misc_worker: the program of a MISC_CHECK stays', () => {
  const check = (body: string): unknown => {
    const built = checkOf(`MISC_CHECK {\nmisc_path "/bin/worker 192.0.2.10 80"\n${body}\n}`);
    return built.type === 'MISC_CHECK' ? [built.command.argv, built.worker] : undefined;
  };
  assert.deepEqual(check('misc_worker'), [['/bin/worker', '192.0.2.10', '80'], true]);
  assert.deepEqual(check(''), [['/bin/worker', '192.0.2.10', '80'], undefined]);
});
