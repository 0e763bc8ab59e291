/** The control API over HTTP: who is admitted, and what strangers get. */

import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { createEventStreams } from '../../src/control/event-streams.js';
import { createGuard } from '../../src/control/http-guard.js';
import type { Tokens } from '../../src/control/http-guard.js';
import { readToken } from '../../src/control/http-token.js';
import { createControlServer } from '../../src/control/server.js';
import { createControlState } from '../../src/control/state.js';

const READING = 'r'.repeat(40);
const COMMANDS = 'c'.repeat(40);

type Headers = Readonly<Record<string, string>>;

interface Reply {
  readonly code: number | undefined;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

async function openHttp(t: TestContext, tokens: Tokens): Promise<(path: string, headers?: Headers, body?: string) => Promise<Reply>> {
  const streams = createEventStreams();
  const state = createControlState(streams.send);
  const commands = { send: (_command: unknown, done: (answer: { readonly done: true; readonly changed: readonly string[] }) => void) => done({ done: true, changed: ['V1'] }) };
  const { server, close } = createControlServer(state, streams, () => Promise.resolve('metric 1\n'), { commands, guard: createGuard(tokens) });
  t.after(close);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return (path, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const question = request({ host: '127.0.0.1', port, path, method: body === undefined ? 'GET' : 'POST', headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve({ code: response.statusCode, text: Buffer.concat(parts).toString(), headers: response.headers }));
      });
      question.on('error', reject);
      question.end(body);
    });
}

const bearer = (token: string): Headers => ({ Authorization: `Bearer ${token}` });
const YIELD = JSON.stringify({ action: 'yield', instance: 'V1' });

test('without the token there are the page, the probes and nothing else', async (t) => {
  const ask = await openHttp(t, { reading: READING });
  for (const path of ['/v1', '/v1/status', '/v1/status.txt', '/v1/events', '/v1/schema', '/metrics', '/v1/command', '/v1/configuration', '/etc/passwd']) {
    const { code, text, headers } = await ask(path);
    assert.deepEqual([path, code, text, headers['www-authenticate']], [path, 401, '{"error":"a token is needed"}\n', 'Bearer realm="holdfast"']);
  }
  assert.deepEqual([(await ask('/livez')).code, (await ask('/livez')).text], [503, '1 reason against it\n']);
  assert.equal((await ask('/readyz')).code, 503);
  const page = await ask('/');
  assert.equal(page.code, 200);
  assert.match(page.text, /^<!doctype html>/);
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
});

test('with the token everything can be read; commands want the other one', async (t) => {
  const ask = await openHttp(t, { reading: READING, commands: COMMANDS });
  assert.equal((await ask('/v1/status', bearer(READING))).code, 200);
  assert.equal((await ask('/metrics', bearer(READING))).text, 'metric 1\n');
  assert.equal((await ask('/livez', bearer(READING))).text, 'the supervisor has said nothing yet\n');
  assert.deepEqual(await ask('/v1/command', bearer(READING), YIELD).then(({ code, text }) => [code, text]), [403, '{"error":"this token may not command"}\n']);
  assert.doesNotMatch((await ask('/v1', bearer(READING))).text, /command/);
  assert.match((await ask('/v1', bearer(COMMANDS))).text, /command/);
  assert.deepEqual(await ask('/v1/command', bearer(COMMANDS), YIELD).then(({ code, text }) => [code, text]), [200, '{"done":true,"changed":["V1"]}\n']);
  assert.equal((await ask('/v1/status', bearer(COMMANDS))).code, 200);
});

test('where no token for commands is configured nobody commands', async (t) => {
  const ask = await openHttp(t, { reading: READING });
  assert.equal((await ask('/v1/command', bearer(READING), YIELD)).code, 403);
});

test('a foreign name for this address, and pages of other sites, are turned away even with the token', async (t) => {
  const ask = await openHttp(t, { reading: READING });
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '192.0.2.1']) {
    assert.deepEqual([host, (await ask('/', { ...bearer(READING), Host: host })).code], [host, 421]);
  }
  for (const host of ['localhost', 'LOCALHOST:8080', '127.0.0.1:1', '[::1]:9650']) assert.equal((await ask('/v1/status', { ...bearer(READING), Host: host })).code, 200);
  assert.equal((await ask('/v1/status', { ...bearer(READING), Origin: 'http://evil.example' })).code, 403);
  assert.equal((await ask('/v1/status', { ...bearer(READING), 'Sec-Fetch-Site': 'cross-site' })).code, 403);
  assert.equal((await ask('/v1/status', { ...bearer(READING), 'Sec-Fetch-Site': 'same-origin', Host: 'localhost:1', Origin: 'http://localhost:1' })).code, 200);
});

test('whoever guesses is answered later and later no faster, a good token at once', () => {
  let now = 0;
  const guard = createGuard({ reading: READING }, () => now);
  const delayOf = (token: string): number | string => {
    const admission = guard({ headers: { host: 'localhost', authorization: `Bearer ${token}` } }, '/v1/status');
    return admission.type === 'refused' ? admission.delay : admission.type;
  };
  assert.deepEqual(Array.from({ length: 7 }, () => delayOf('wrong')), [0, 0, 0, 0, 0, 1_000, 1_000]);
  assert.equal(delayOf(READING), 'admitted');
  now = 5_000;
  assert.equal(delayOf('wrong'), 0);
});

test('a token is one long word in a file that only root and its group can read', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-token-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'token');
  const read = (text: string, mode: number, [uid, gid]: readonly [number, number] = [0, 0]): unknown => {
    writeFileSync(path, text);
    chownSync(path, uid, gid);
    chmodSync(path, mode);
    return readToken(path, 77);
  };
  assert.deepEqual(read(`${READING}\n`, 0o600), { token: READING });
  assert.deepEqual(read(`${READING}\n`, 0o640, [0, 77]), { token: READING });
  const others = { trouble: `${path} can be read or written by others than root and its group: chmod 0640 or less` };
  for (const [mode, owner] of [[0o644, [0, 0]], [0o640, [0, 78]], [0o660, [0, 77]], [0o602, [0, 0]]] as const) assert.deepEqual(read(READING, mode, owner), others);
  assert.deepEqual(read(READING, 0o600, [77, 0]), { trouble: `${path} does not belong to root` });
  for (const text of ['short', `${READING} ${READING}`, '']) {
    assert.deepEqual(read(text, 0o600), { trouble: `${path} must hold one word of at least 32 characters: openssl rand -hex 32` });
  }
  symlinkSync('/dev/zero', join(folder, 'zero'));
  assert.deepEqual(readToken(join(folder, 'zero'), 0), { trouble: `${join(folder, 'zero')} is no file` });
  assert.deepEqual(readToken(join(folder, 'none'), 0), { trouble: `${join(folder, 'none')}: ENOENT` });
});
