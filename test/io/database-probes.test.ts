/** Checks of databases and of TCP with something to say, against MariaDB, PostgreSQL and Redis as Debian has them. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync } from 'node:fs';
import test, { type TestContext } from 'node:test';

import { after, milliseconds } from '../../src/base/time.js';
import { questionOf } from '../../src/health/check-kinds.js';
import type { TalkCheck } from '../../src/health/config-check.js';
import { openProbes } from '../../src/io/probes/probes.js';
import { listening, openFolder, startDaemon } from './support/daemons.js';
import { closedPort, listen } from './support/servers.js';
import { clock, loopback, verdictSink } from './support/sinks.js';

type Asked = TalkCheck extends infer C ? (C extends TalkCheck ? Omit<C, 'connection'> : never) : never;

/** `passed`, or the failure and its detail. */
async function ask(t: TestContext, port: number, check: Asked): Promise<string> {
  const sink = verdictSink();
  const probes = openProbes(clock, sink.onVerdict);
  t.after(probes.close);
  const connection = loopback(port);
  probes.start(1, questionOf({ ...check, connection }, 0), after(clock.now(), milliseconds(8_000)));
  const verdict = await sink.verdictOf(1);
  if (verdict.type !== 'failed') return verdict.type;
  return 'detail' in verdict.failure ? verdict.failure.detail : verdict.failure.type;
}

test('MYSQL_CHECK: MariaDB answers strangers, lets an account in, and never shuts the director out', { timeout: 600_000 }, async (t) => {
  const file = openFolder(t);
  const port = await closedPort();
  execFileSync('mariadb-install-db', ['--no-defaults', `--datadir=${file('data')}`, '--user=root', '--skip-test-db', '--auth-root-authentication-method=normal'], { stdio: 'ignore' });
  const place = [`--datadir=${file('data')}`, `--socket=${file('socket')}`, `--pid-file=${file('pid')}`];
  startDaemon(t, ['mariadbd', '--no-defaults', ...place, '--user=root', '--bind-address=127.0.0.1', `--port=${port}`, '--max-connect-errors=3']);
  await listening(port);
  for (let round = 0; round < 6; round += 1) assert.equal(await ask(t, port, { type: 'MYSQL_CHECK' }), 'passed');
  assert.equal(await ask(t, port, { type: 'MYSQL_CHECK', user: 'root' }), 'passed');
  assert.match(await ask(t, port, { type: 'MYSQL_CHECK', user: 'nobody' }), /^error 1(045|698) Access denied for user 'nobody'/);
});

test('PGSQL_CHECK: PostgreSQL answers strangers, knows a role and a database', { timeout: 600_000 }, async (t) => {
  const file = openFolder(t);
  const port = await closedPort();
  const [version = ''] = readdirSync('/usr/lib/postgresql');
  const program = (name: string): string => `/usr/lib/postgresql/${version}/bin/${name}`;
  const asPostgres = ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];
  const [uid, gid] = ['-u', '-g'].map((what) => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' })));
  mkdirSync(file('data'));
  chownSync(file('data'), uid ?? 0, gid ?? 0);
  execFileSync(asPostgres[0] ?? '', [...asPostgres.slice(1), program('initdb'), '-D', file('data'), '-A', 'trust', '-N', '--locale=C'], { stdio: 'ignore' });
  startDaemon(t, [...asPostgres, program('postgres'), '-D', file('data'), '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=']);
  await listening(port);
  // It listens before it has recovered, and says so.
  for (let tries = 0; tries < 100 && (await ask(t, port, { type: 'PGSQL_CHECK' })) !== 'passed'; tries += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await ask(t, port, { type: 'PGSQL_CHECK' }), 'passed');
  assert.equal(await ask(t, port, { type: 'PGSQL_CHECK', user: 'postgres' }), 'passed');
  assert.equal(await ask(t, port, { type: 'PGSQL_CHECK', user: 'nobody' }), 'error 28000 role "nobody" does not exist');
  assert.equal(await ask(t, port, { type: 'PGSQL_CHECK', user: 'postgres', database: 'shop' }), 'error 3D000 database "shop" does not exist');
});

test('REDIS_CHECK and TCP_CHECK with send and expect: Redis with and without a password', { timeout: 600_000 }, async (t) => {
  const file = openFolder(t);
  const [open, locked] = [await closedPort(), await closedPort()];
  const start = (port: number, ...more: readonly string[]): unknown =>
    startDaemon(t, ['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', file('.'), ...more]);
  start(open);
  start(locked, '--requirepass', 'secret');
  await listening(open);
  await listening(locked);
  assert.equal(await ask(t, open, { type: 'REDIS_CHECK' }), 'passed');
  assert.equal(await ask(t, locked, { type: 'REDIS_CHECK' }), 'passed');
  assert.equal(await ask(t, locked, { type: 'REDIS_CHECK', password: 'secret' }), 'passed');
  assert.match(await ask(t, locked, { type: 'REDIS_CHECK', password: 'guess' }), /^-WRONGPASS /);
  assert.match(await ask(t, open, { type: 'REDIS_CHECK', password: 'secret' }), /^-ERR AUTH /);
  assert.equal(await ask(t, open, { type: 'TCP_CHECK', exchange: { send: 'PING\r\n', expect: '+PONG' } }), 'passed');
  assert.equal(await ask(t, locked, { type: 'TCP_CHECK', exchange: { send: 'PING\r\n', expect: '+PONG' } }), 'readTimeout');
});

test('servers that are none, that greet by bytes, that fall silent, that talk for ever', { timeout: 600_000 }, async (t) => {
  const saying = (text: string): Promise<number> => listen(t, (socket) => socket.write(text, 'latin1'));
  const web = await saying('HTTP/1.1 400 Bad Request\r\n\r\n');
  assert.equal(await ask(t, web, { type: 'MYSQL_CHECK' }), 'readTimeout');
  assert.equal(await ask(t, web, { type: 'PGSQL_CHECK' }), 'no answer of PostgreSQL');
  assert.equal(await ask(t, web, { type: 'REDIS_CHECK' }), 'HTTP/1.1 400 Bad Request');
  const full = await saying('\x17\0\0\0\xff\x10\x04Too many connections');
  assert.equal(await ask(t, full, { type: 'MYSQL_CHECK' }), 'error 1040 Too many connections');
  const dripping = await listen(t, (socket) => Array.from('hello').forEach((letter, index) => setTimeout(() => socket.write(letter), 20 * index)));
  assert.equal(await ask(t, dripping, { type: 'TCP_CHECK', exchange: { expect: 'ello' } }), 'passed');
  const endless = await saying('x'.repeat(100_000));
  assert.equal(await ask(t, endless, { type: 'TCP_CHECK', exchange: { expect: 'y' } }), 'an answer without end');
  let heard = '';
  const listener = await listen(t, (socket) => socket.on('data', (bytes) => (heard += String(bytes))));
  assert.equal(await ask(t, listener, { type: 'TCP_CHECK', exchange: { send: 'hello' } }), 'passed');
  for (let tries = 0; tries < 100 && heard === ''; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(heard, 'hello');
  assert.equal(await ask(t, await closedPort(), { type: 'REDIS_CHECK' }), 'refused');
});
