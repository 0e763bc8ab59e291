/** What web checks ask and verify beyond keepalived, against nginx. */

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { after, milliseconds } from '../../src/base/time.js';
import type { CertificateDemand } from '../../src/health/config-check.js';
import type { Verdict } from '../../src/health/events.js';
import type { HttpQuestion } from '../../src/io/probes/http-transport.js';
import { openProbes } from '../../src/io/probes/probes.js';
import { makeAuthority, makeCertificate, openFolder, startNginx } from './support/daemons.js';
import { question } from './support/http.js';
import type { Asked } from './support/http.js';
import { closedPort } from './support/servers.js';
import { clock, verdictSink } from './support/sinks.js';

type More = Partial<Pick<HttpQuestion, 'http2' | 'certificate'>>;

async function verdictOf(t: TestContext, port: number, asked: Asked, more: More = {}): Promise<Verdict> {
  const sink = verdictSink();
  const probes = openProbes(clock, sink.onVerdict);
  t.after(probes.close);
  probes.start(1, { ...question(port, asked), ...more }, after(clock.now(), milliseconds(5_000)));
  return sink.verdictOf(1);
}

/** `passed`, or the failure and its detail. */
async function ask(t: TestContext, port: number, asked: Asked, more: More = {}): Promise<string> {
  const verdict = await verdictOf(t, port, asked, more);
  if (verdict.type === 'passed') return 'passed';
  if (verdict.type === 'local') return `local ${verdict.code}`;
  const { failure } = verdict;
  if (failure.type === 'statusCode') return `status ${failure.status}`;
  return 'detail' in failure ? `${failure.type}: ${failure.detail}` : failure.type;
}

test('tls_verify: chain takes what an authority vouches for in its days, name also its host, none everything', async (t) => {
  const file = openFolder(t);
  makeAuthority(file, 'ca');
  makeAuthority(file, 'other');
  const [good, expired] = [await closedPort(), await closedPort()];
  makeCertificate(file, 'good', 'ca', 'www.example.com', 5);
  makeCertificate(file, 'expired', 'ca', 'www.example.com', -1);
  const server = (port: number, name: string): string =>
    `server { listen 127.0.0.1:${port} ssl; ssl_certificate ${file(`${name}.pem`)}; ssl_certificate_key ${file(`${name}.key`)}; location / { return 200 'well'; } }`;
  await startNginx(t, file, good, server(good, 'good') + server(expired, 'expired'));
  const judged = (port: number, verify: CertificateDemand['verify'], authority: string, name = 'www.example.com'): Promise<string> =>
    ask(t, port, { tls: true }, { certificate: { verify, authorityFile: file(authority), name } });

  assert.equal(await judged(good, 'chain', 'ca.pem', 'elsewhere.example.com'), 'passed');
  assert.equal(await judged(good, 'name', 'ca.pem'), 'passed');
  assert.equal(await judged(good, 'name', 'ca.pem', 'elsewhere.example.com'), 'tlsFailed: ERR_TLS_CERT_ALTNAME_INVALID');
  assert.equal(await judged(good, 'chain', 'other.pem'), 'tlsFailed: UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  assert.equal(await judged(expired, 'chain', 'ca.pem'), 'tlsFailed: CERT_HAS_EXPIRED');
  assert.equal(await judged(expired, 'none', 'other.pem'), 'passed');
  assert.equal(await judged(good, 'chain', 'nothing.pem'), 'local ENOENT');

  const daysLeft = async (port: number, more: More = {}): Promise<number | undefined> => {
    const verdict = await verdictOf(t, port, { tls: true }, more);
    return verdict.type === 'passed' ? verdict.certificateDays : undefined;
  };
  assert.equal(await daysLeft(good), 4, 'by undici');
  assert.equal(await daysLeft(good, { certificate: { verify: 'none', name: '' } }), 4, 'by bytes');
  assert.equal(await daysLeft(expired), -2);
});

const ECHO = 'location / { return 200 \'{"method":"$request_method","probe":"$http_x_probe","length":"$content_length","protocol":"$server_protocol","list":[1,{"up":true}]}\'; }';

test('request_method, request_header, request_body and json_path by every version of the protocol', async (t) => {
  const file = openFolder(t);
  makeAuthority(file, 'ca');
  makeCertificate(file, 'good', 'ca', 'www.example.com', 5);
  const [plain, h2, h2tls] = [await closedPort(), await closedPort(), await closedPort()];
  const secured = `ssl_certificate ${file('good.pem')}; ssl_certificate_key ${file('good.key')};`;
  await startNginx(t, file, plain, [
    `server { listen 127.0.0.1:${plain}; ${ECHO} }`,
    `server { listen 127.0.0.1:${h2} http2; ${ECHO} location /missing { return 404; } }`,
    `server { listen 127.0.0.1:${h2tls} ssl http2; ${secured} ${ECHO} }`,
  ].join('\n'));
  const url = { method: 'POST', headers: [{ name: 'X-Probe', value: 'one two' }], content: 'grüß' };
  const lookedAt = (path: readonly (string | number)[], value?: string): Asked['url'] => ({ ...url, json: { path, ...(value === undefined ? {} : { value }) } });
  const ways: readonly [name: string, port: number, asked: Asked, more: More][] = [
    ['HTTP/1.0', plain, { protocol: '1.0' }, {}],
    ['HTTP/1.1', plain, { protocol: '1.1' }, {}],
    ['HTTP/2.0', h2, {}, { http2: true }],
    ['HTTP/2.0', h2tls, { tls: true, serverName: 'www.example.com' }, { http2: true, certificate: { verify: 'name', authorityFile: file('ca.pem'), name: 'www.example.com' } }],
  ];
  for (const [protocol, port, asked, more] of ways) {
    const judged = (path: readonly (string | number)[], value?: string): Promise<string> => ask(t, port, { ...asked, url: lookedAt(path, value) ?? {} }, more);
    assert.equal(await judged(['protocol'], protocol), 'passed', protocol);
    assert.equal(await judged(['method'], 'POST'), 'passed', protocol);
    assert.equal(await judged(['probe'], 'one two'), 'passed', protocol);
    assert.equal(await judged(['length'], '6'), 'passed', protocol);
    assert.equal(await judged(['list', 1, 'up']), 'passed', protocol);
    assert.equal(await judged(['list', 0], '2'), 'unexpected: list[0] is 1', protocol);
    assert.equal(await judged(['nothing']), 'unexpected: the JSON has no nothing', protocol);
  }
  assert.equal(await ask(t, h2, { url: { path: '/missing' } }, { http2: true }), 'status 404');
  assert.equal(await ask(t, h2, { url: { body: { pattern: 'up', source: '"up":true', flags: '', mustNotMatch: false, minOffset: 0, firstLine: false } } }, { http2: true }), 'passed');
  // A server that does not speak it.
  assert.equal(await ask(t, plain, {}, { http2: true }), 'readFailed');
});
