/** The SSL block and tls_compliant against openssl's own server. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { after, milliseconds, seconds } from '../../src/base/time.js';
import type { HttpUrl } from '../../src/health/config-check.js';
import type { TlsClientConfig } from '../../src/health/config.js';
import { openProbes } from '../../src/io/probes/probes.js';
import { closedPort, listen } from './support/servers.js';
import { clock, loopback, verdictSink } from './support/sinks.js';
import { startProgram } from '../lab/process.js';

interface Authority {
  readonly folder: string;
  readonly file: (name: string) => string;
}

/** An authority, a server and a client that it vouches for, and another authority. The client's key has a password. */
function openAuthority(t: TestContext): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'hf-ssl-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string): string => join(folder, name);
  const openssl = (...words: readonly string[]): unknown => execFileSync('openssl', words, { stdio: 'ignore', cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  for (const name of ['ca', 'other']) {
    openssl('req', '-x509', '-nodes', '-days', '1', '-subj', `/CN=${name}`, ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`);
  }
  for (const name of ['server', 'client']) {
    const secret = name === 'client' ? ['-passout', 'pass:secret'] : ['-nodes'];
    openssl('req', '-new', '-subj', `/CN=${name}`, ...key, ...secret, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    openssl('x509', '-req', '-days', '1', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', `${name}.pem`);
  }
  writeFileSync(file('index.html'), 'all is well\n');
  return { folder, file };
}

/** openssl s_server that serves files of the folder; its port. */
async function serve(t: TestContext, { folder, file }: Authority, ...words: readonly string[]): Promise<number> {
  const port = await closedPort();
  const program = startProgram(
    ['sh', '-c', 'cd "$0" && exec openssl s_server "$@"', folder, '-accept', `127.0.0.1:${port}`, '-cert', file('server.pem'), '-key', file('server.key'), '-WWW', ...words],
    {},
  );
  t.after(async () => {
    program.signal('SIGKILL');
    await program.exited;
  });
  await program.line(/ACCEPT/, 10);
  return port;
}

interface Asked {
  readonly tls?: TlsClientConfig;
  readonly url?: Partial<HttpUrl>;
}

/** The verdict on /index.html in a word, and what was said of the files. */
async function ask(t: TestContext, port: number, { tls, url }: Asked = {}): Promise<string> {
  const sink = verdictSink();
  const probes = openProbes(clock, sink.onVerdict);
  t.after(probes.close);
  const unusable: string[] = [];
  probes.configureTls(tls, ({ code }) => unusable.push(code));
  const wanted = { path: '/index.html', statusCodes: [], ...url };
  const connection = loopback(port, { connectTimeout: seconds(3) });
  probes.start(1, { type: 'http', connection, tls: true, url: wanted, protocol: '1.0' }, after(clock.now(), milliseconds(5_000)));
  const verdict = await sink.verdictOf(1);
  const said = unusable.map((code) => ` (${code})`).join('');
  if (verdict.type === 'failed') return `${verdict.failure.type}${said}`;
  return verdict.type === 'local' ? `local ${verdict.code}${said}` : `passed${said}`;
}

test('ca verifies nothing, as in keepalived: a server of another authority passes', async (t) => {
  const authority = openAuthority(t);
  const port = await serve(t, authority);
  assert.equal(await ask(t, port), 'passed');
  assert.equal(await ask(t, port, { tls: { authorityFile: authority.file('ca.pem') } }), 'passed');
  assert.equal(await ask(t, port, { tls: { authorityFile: authority.file('other.pem') } }), 'passed');
});

test('certificate, key and password: a server that asks who we are is shown', async (t) => {
  const authority = openAuthority(t);
  const { file } = authority;
  const port = await serve(t, authority, '-Verify', '1', '-verify_return_error', '-CAfile', file('ca.pem'), '-tls1_2');
  assert.equal(await ask(t, port), 'tlsFailed');
  const tls = { certificateFile: file('client.pem'), keyFile: file('client.key'), password: 'secret' };
  assert.equal(await ask(t, port, { tls }), 'passed');
});

test('files that cannot be used say nothing about the server: the check is put off and the reason told', async (t) => {
  const authority = openAuthority(t);
  const { file } = authority;
  const port = await serve(t, authority);
  assert.equal(await ask(t, port, { tls: { authorityFile: file('nothing.pem') } }), 'local ENOENT (ENOENT)');
  const wrong = { certificateFile: file('client.pem'), keyFile: file('client.key'), password: 'guess' };
  assert.match(await ask(t, port, { tls: wrong }), /^local ERR_\w+ \(ERR_\w+\)$/);
});

test('tls_compliant: the session ends with close_notify, otherwise without', async (t) => {
  const authority = openAuthority(t);
  const server = await serve(t, authority, '-tls1_2', '-no_ticket');
  for (const closeNotify of [true, false]) {
    const sent: Buffer[] = [];
    let closed = (): void => undefined;
    const over = new Promise<void>((resolve) => (closed = resolve));
    const port = await listen(t, (socket: Socket) => {
      const upstream = connect(server, '127.0.0.1');
      upstream.on('error', () => upstream.destroy());
      socket.on('data', (chunk) => sent.push(chunk)).on('close', closed);
      socket.pipe(upstream).pipe(socket, { end: false });
      t.after(() => upstream.destroy());
    });
    // A page far longer than what is searched: the verdict comes while the server still has the session open.
    writeFileSync(authority.file('index.html'), 'x'.repeat(2_000_000));
    const body = { pattern: 'x', source: 'x', flags: '', mustNotMatch: false, minOffset: 0, firstLine: false };
    assert.equal(await ask(t, port, { url: { body, ...(closeNotify ? { closeNotify } : {}) } }), 'passed');
    await over;
    const kinds = recordKinds(Buffer.concat(sent));
    assert.equal(kinds.at(-1) === ALERT, closeNotify, kinds.join(' '));
  }
});

/** RFC 5246 6.2.1. */
const ALERT = 21;

/** The content type of each TLS record. */
function recordKinds(bytes: Buffer): readonly number[] {
  const kinds: number[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) kinds.push(bytes.readUInt8(at));
  return kinds;
}
