/** The control API as a client meets it, without a daemon behind it. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { micros } from '../../src/base/time.js';
import { createEventStreams } from '../../src/control/event-streams.js';
import type { NumberedEvent } from '../../src/control/feed.js';
import { createMetrics } from '../../src/control/metrics/metrics.js';
import { SCHEMA } from '../../src/control/schema.js';
import { createControlServer } from '../../src/control/server.js';
import type { Door } from '../../src/control/server.js';
import { listenOn } from '../../src/control/socket.js';
import type { Outcome } from '../../src/control/socket.js';
import type { Health } from '../../src/control/health.js';
import { createControlState } from '../../src/control/state.js';
import type { ControlState } from '../../src/control/state.js';
import type { ControlEvent, Status } from '../../src/control/status.js';
import { until } from '../lab/process.js';
import { complaints } from './conforms.js';

interface Api {
  readonly path: string;
  readonly state: ControlState;
  readonly outcome: Outcome;
  /** How many clients the server has. */
  readonly clients: () => Promise<number>;
}

async function openApi(t: TestContext, path = join(folder(t), 'run', 'control.sock'), door: Door = {}): Promise<Api> {
  const streams = createEventStreams();
  const state = createControlState(streams.send);
  const { server, close } = createControlServer(state, streams, createMetrics([], state.status), door);
  t.after(close);
  const outcome = await new Promise<Outcome>((resolve) => listenOn(server, path, 65_534, resolve));
  const clients = (): Promise<number> => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  return { path, state, outcome, clients };
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-control-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

interface Reply {
  readonly code: number | undefined;
  readonly text: string;
}

function ask(socketPath: string, path: string, method = 'GET', headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const question = request({ socketPath, path, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ code: response.statusCode, text: Buffer.concat(parts).toString() }));
    });
    question.on('error', reject);
    question.end();
  });
}

/** A client that sends `text` and keeps what it is answered. */
function raw(t: TestContext, path: string, text: string): { readonly socket: Socket; readonly heard: () => string } {
  let heard = '';
  const socket = connect(path, () => socket.write(text));
  socket.on('data', (part) => (heard += String(part)));
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  return { socket, heard: () => heard };
}

const event = (id: number, name: string, text = ''): NumberedEvent => ({ id, from: 'vrrp', time: 0, level: 'info', event: name, text, fields: {} });

const SESSION = { takenAt: micros(5_000_000), wallTime: 1_795_252_005_000, shown: { sessions: [{ name: 'peer', neighbour: '192.0.2.1', phase: 'up' }] } };

test('the socket is for root and its group, and a directory that had to be made too', async (t) => {
  const { path, outcome } = await openApi(t);
  assert.deepEqual(outcome, { type: 'listening' });
  const { mode, uid, gid } = statSync(path);
  assert.deepEqual([mode & 0o777, uid, gid], [0o660, 0, 65_534]);
  const directory = statSync(join(path, '..'));
  assert.deepEqual([directory.mode & 0o777, directory.gid], [0o750, 65_534]);
});

test('a socket that somebody listens on stays theirs, and a file is no socket', async (t) => {
  const { path } = await openApi(t);
  assert.deepEqual((await openApi(t, path)).outcome, { type: 'refused', reason: 'another process listens there' });
  assert.equal((await ask(path, '/v1/status')).code, 200);
  const file = join(folder(t), 'file');
  writeFileSync(file, 'mine');
  assert.deepEqual((await openApi(t, file)).outcome, { type: 'refused', reason: 'something else than a socket is there' });
});

test('the status holds what was shown last, until its process is gone', async (t) => {
  const { path, state } = await openApi(t);
  const status = async (): Promise<Status> => JSON.parse((await ask(path, '/v1/status')).text) as Status;
  assert.deepEqual(await status(), { version: 1 });
  state.hear({ type: 'picture', of: 'bfd', text: JSON.stringify(SESSION) });
  assert.deepEqual(await status(), {
    version: 1,
    bfd: { asOf: new Date(1_795_252_005_000).toISOString(), sessions: [{ name: 'peer', neighbour: '192.0.2.1', phase: 'up' }] },
  });
  state.hear({ type: 'gone', of: 'bfd' });
  assert.deepEqual(await status(), { version: 1 });
});

test('what is no question is refused in few words', async (t) => {
  const { path } = await openApi(t);
  assert.deepEqual(await ask(path, '/etc/passwd'), { code: 404, text: '{"error":"there is no such path"}\n' });
  assert.deepEqual(await ask(path, '/v1/status', 'POST'), { code: 405, text: '{"error":"this path can only be read"}\n' });
  assert.equal((await ask(path, '/v1/events?after=x')).code, 400);
  const rubbish = raw(t, path, 'rubbish\r\n\r\n');
  await until('the connection is closed', 5, () => rubbish.socket.destroyed || undefined);
  const long = raw(t, path, `GET /v1/status HTTP/1.1\r\nHost: x\r\nLong: ${'x'.repeat(20_000)}\r\n\r\n`);
  await until('the connection is closed', 5, () => long.socket.destroyed || undefined);
  assert.equal(long.heard(), '');
});

test('events are numbered, kept, streamed as they come, and found again after a break', async (t) => {
  const { path, state } = await openApi(t);
  state.hear({ type: 'events', events: [event(1, 'first'), event(2, 'second', 'two\nlines')] });
  const kept = JSON.parse((await ask(path, '/v1/events?follow=no')).text) as readonly ControlEvent[];
  assert.deepEqual(kept.map(({ id, process: from, event: name }) => [id, from, name]), [[1, 'vrrp', 'first'], [2, 'vrrp', 'second']]);
  const live = raw(t, path, 'GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
  const back = raw(t, path, 'GET /v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 1\r\n\r\n');
  await until('both listen', 5, () => (live.heard().includes('text/event-stream') && back.heard().includes('id: 2')) || undefined);
  state.hear({ type: 'events', events: [event(3, 'third'), event(4, 'fourth')] });
  await until('both hear', 5, () => (live.heard().includes('id: 4') && back.heard().includes('id: 4')) || undefined);
  assert.match(live.heard(), /id: 3\nevent: third\ndata: \{.*\}\n\n/);
  assert.doesNotMatch(live.heard(), /second/);
  assert.doesNotMatch(back.heard(), /first/);
});

test('a reader who does not read is let go; one who does hears everything', async (t) => {
  const { path, state } = await openApi(t);
  const good = raw(t, path, 'GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
  const slow = raw(t, path, 'GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('both listen', 5, () => (good.heard().includes('event-stream') && slow.heard().includes('event-stream')) || undefined);
  slow.socket.pause();
  const closed = new Promise<void>((resolve) => slow.socket.on('close', () => resolve()));
  const long = 'x'.repeat(100_000);
  for (let i = 1; i <= 30; i += 1) {
    state.hear({ type: 'events', events: [event(i, 'long', long)] });
    await until(`event ${i} is heard`, 5, () => good.heard().includes(`"id":${i},`) || undefined);
  }
  slow.socket.resume();
  await closed;
  assert.ok(slow.heard().length < 20 * long.length, 'it was cut off');
});

test('whoever does not read an answer to its end is let go after ten seconds, and nobody else notices', { timeout: 600_000 }, async (t) => {
  const { path, state, clients } = await openApi(t);
  // More than the kernel takes for a reader that does not read.
  const sessions = Array.from({ length: 40_000 }, (_, i) => ({ name: `peer-${i}`, neighbour: '192.0.2.1', phase: 'up' }));
  state.hear({ type: 'picture', of: 'bfd', text: JSON.stringify({ ...SESSION, shown: { sessions } }) });
  const begun = performance.now();
  const slow = raw(t, path, 'GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n');
  slow.socket.once('data', () => slow.socket.pause());
  await until('its answer begins', 10, () => slow.heard().length > 0 || undefined);
  const whole = (await ask(path, '/v1/status')).text.length;
  assert.ok(whole > 2_000_000, `${whole}`);
  await until('nobody is connected any more', 40, async () => ((await clients()) === 0 ? true : undefined));
  assert.ok(performance.now() - begun > 8_000, 'not before its time');
  const closed = new Promise<void>((resolve) => slow.socket.on('close', () => resolve()));
  slow.socket.resume();
  await closed;
  assert.ok(slow.heard().length < whole, 'it was cut off');
  assert.equal((await ask(path, '/v1/status')).text.length, whole);
});

test('whoever takes too long over a question is let go: five seconds for its head, ten for all of it', { timeout: 600_000 }, async (t) => {
  const given: unknown[] = [];
  const { path, clients } = await openApi(t, undefined, { commands: { send: (command) => given.push(command) } });
  const begun = performance.now();
  const left = (text: string): Promise<number> => {
    const { socket } = raw(t, path, text);
    // A byte now and then is no progress.
    const drip = setInterval(() => socket.write('x'), 500);
    return new Promise((resolve) =>
      socket.once('close', () => {
        clearInterval(drip);
        resolve(performance.now() - begun);
      }),
    );
  };
  const [head, body] = await Promise.all([left('GET /v1/status HTTP/1.1\r\nX: '), left('POST /v1/command HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n')]);
  assert.ok(head > 4_500 && body > 9_500 && head < body, `${head} ${body}`);
  assert.equal(await clients(), 0);
  assert.deepEqual(given, []);
});

test('a thousand who connect and say nothing keep nobody from asking', async (t) => {
  const { path } = await openApi(t);
  const silent = Array.from({ length: 1_000 }, () => raw(t, path, 'GET /v1/st'));
  await until('all have connected or been let go', 20, () => silent.every(({ socket }) => socket.destroyed || !socket.connecting) || undefined);
  assert.equal((await ask(path, '/v1/status')).code, 200);
});

test('however many ask between two changes, they are sent the same bytes', () => {
  const state = createControlState(() => undefined);
  state.hear({ type: 'picture', of: 'bfd', text: JSON.stringify(SESSION) });
  const first = state.statusText();
  assert.equal(state.statusText(), first);
  state.hear({ type: 'picture', of: 'bfd', text: JSON.stringify({ ...SESSION, shown: { sessions: [] } }) });
  assert.notEqual(state.statusText(), first);
  assert.deepEqual((JSON.parse(state.statusText().toString()) as Status).bfd?.sessions, []);
});

test('a socket that a killed daemon has left is replaced', async (t) => {
  const path = join(folder(t), 'control.sock');
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(path, resolve));
  linkSync(path, `${path}.kept`);
  await new Promise((resolve) => dead.close(resolve));
  renameSync(`${path}.kept`, path);
  assert.deepEqual((await openApi(t, path)).outcome, { type: 'listening' });
  assert.equal((await ask(path, '/v1/status')).code, 200);
});

test('a member of the group may ask, another user may not', async (t) => {
  const { path } = await openApi(t);
  for (const each of [join(path, '../..'), join(path, '..')]) chmodSync(each, 0o755);
  const script = `require('net').connect(process.argv[1]).on('connect', () => process.exit(0)).on('error', (error) => { console.log(error.code); process.exit(1); })`;
  const asks = (gid: number): string => {
    const { status, stdout } = spawnSync(process.execPath, ['-e', script, path], { uid: 12_345, gid, encoding: 'utf8' });
    return status === 0 ? 'may' : stdout.trim();
  };
  assert.deepEqual([asks(65_534), asks(12_345)], ['may', 'EACCES']);
});

test('paths carry their version, and each takes the method that is its own', async (t) => {
  const { path } = await openApi(t);
  for (const unknown of ['/status', '/v2/status', '/v1/status/x', '/v1/../v1/nothing']) assert.equal((await ask(path, unknown)).code, 404, unknown);
  const { version, paths } = JSON.parse((await ask(path, '/v1')).text) as { readonly version: number; readonly paths: readonly string[] };
  assert.equal(version, 1);
  for (const each of paths.filter((one) => one !== '/v1/events')) assert.notEqual((await ask(path, each)).code, 404, each);
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) assert.equal((await ask(path, '/v1/status', method)).code, 405, method);
  assert.equal((await ask(path, '/v1/command', 'POST')).code, 404, 'commands are for another socket');
});

test('the schema is published, and events are as it says', async (t) => {
  const { path, state } = await openApi(t);
  assert.deepEqual(JSON.parse((await ask(path, '/v1/schema')).text), JSON.parse(JSON.stringify(SCHEMA)));
  state.hear({ type: 'events', events: [event(1, 'first'), { ...event(2, 'stateChanged', '(V1) Entering MASTER STATE'), fields: { instance: 'V1', from: 'BACKUP', state: 'MASTER' } }] });
  const events = JSON.parse((await ask(path, '/v1/events?follow=no')).text) as readonly unknown[];
  assert.deepEqual(events.flatMap((each) => complaints(each, SCHEMA.$defs.event)), []);
  assert.deepEqual(complaints(JSON.parse((await ask(path, '/v1/status')).text), SCHEMA.$defs.status), []);
  const health = JSON.parse((await ask(path, '/v1/health')).text) as Health;
  assert.deepEqual(complaints(health, SCHEMA.$defs.health), []);
  assert.deepEqual([health.live, health.ready, health.problems[0]], [false, false, { kind: 'daemon', text: 'the supervisor has said nothing yet' }]);
});

test('a command of more than 64 KiB is not read to its end', async (t) => {
  const path = join(folder(t), 'admin.sock');
  const streams = createEventStreams();
  let commands = 0;
  const { server, close } = createControlServer(createControlState(streams.send), streams, () => Promise.resolve(''), {
    commands: {
      send: (_command, done) => {
        commands += 1;
        done({ done: true, changed: [] });
      },
    },
  });
  t.after(close);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const send = (body: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const question = request({ socketPath: path, path: '/v1/command', method: 'POST' }, (response) => response.resume().on('end', () => resolve(response.statusCode)));
      question.on('error', reject);
      question.end(body);
    });
  const command = { action: 'yield', instance: 'V1' };
  assert.deepEqual([await send(JSON.stringify(command)), await send(JSON.stringify({ ...command, more: 'x'.repeat(70_000) })), await send('{"action":'), commands], [200, 400, 400, 1]);
  assert.equal((await ask(path, '/v1/command')).code, 405);
});
