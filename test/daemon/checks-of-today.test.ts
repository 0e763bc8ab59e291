/**
 * Checks that keepalived does not have, through the built command: a worker of MISC_CHECK that dies, hangs and talks rubbish,
 * and gRPC, HTTP/2 and Redis servers that say no, are gone and come back. Told by log lines and by `holdfast status`.
 */

import assert from 'node:assert/strict';
import { chmodSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import type { Status } from '../../src/control/status.js';
import { holdfast } from '../cli/command.js';
import { until } from '../lab/process.js';
import { type Host, openNetwork } from './network.js';

/** Answers as its file `mode` says at the moment. */
const WORKER = `#!${process.execPath}
const { readFileSync, appendFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
appendFileSync(__dirname + '/starts', 'started\\n');
createInterface({ input: process.stdin }).on('line', (line) => {
  const mode = readFileSync(__dirname + '/mode', 'utf8').trim();
  const { id, arguments: [word] } = JSON.parse(line);
  if (mode === 'die') process.exit(3);
  if (mode === 'rubbish') process.stdout.write('rubbish\\n{"id":"x"}\\n{"id":' + id + ',"status":"0"}\\n[]\\n');
  if (mode === 'good') process.stdout.write(JSON.stringify({ id, status: word === 'bad' ? 1 : 0 }) + '\\n');
});
`;

/** gRPC on 50051, HTTP/2 on 8080, and as much of Redis as is asked on 6379; \`no\` on standard input makes them say no. */
const SERVERS = `
  const { createServer } = require('node:http2');
  const net = require('node:net');
  let good = true;
  createServer().on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, good ? 1 : 2]));
  }).listen(50051);
  createServer().on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': good ? 200 : 503 });
    stream.end('ok');
  }).listen(8080);
  net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(good ? '+PONG\\r\\n' : '-LOADING Redis is loading the dataset in memory\\r\\n'));
  }).listen(6379);
  process.on('SIGUSR2', () => { good = !good; process.stdout.write('turned\\n'); });
  process.stdout.write('ready\\n');`;

function service(number: number, port: number, check: string): string {
  return `virtual_server 10.9.9.${200 + number} ${port} {\ndelay_loop 1\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 10.9.9.2 ${port} {\n${check}\n}\n}\n`;
}

/** Waits until the servers on all of these ports are in that state; answers their reasons. */
async function reasonsOf(left: Host, ports: readonly number[], state: 'up' | 'down'): Promise<string> {
  return until(`${ports.join(', ')} ${state}`, 15, () => {
    const { status, output } = holdfast(['status', '--json', '--socket', join(left.folder, 'control.sock')]);
    if (status !== 0) return undefined;
    const servers = (JSON.parse(output) as Status).lvs?.virtualServers.flatMap(({ realServers }) => realServers) ?? [];
    const found = servers.filter((server) => server.state === state && ports.some((port) => server.name.endsWith(`:${port}`)));
    return found.length === ports.length ? found.map(({ reason }) => reason ?? '').join('\n') : undefined;
  });
}

const globals = (left: Host): string => `global_defs {\ncontrol_socket ${join(left.folder, 'control.sock')}\nscript_user root\n}\n`;

test('a worker that dies, hangs or talks rubbish fails its servers in time, and serves them again once it is well', async (t) => {
  const { left, close } = openNetwork();
  t.after(close);
  const worker = left.write('worker', WORKER);
  chmodSync(worker, 0o755);
  const say = (mode: string): void => renameSync(left.write('mode.next', mode), join(left.folder, 'mode'));
  say('good');
  // Time for a worker to be started in, twice, on a busy machine too.
  const check = (word: string): string => `MISC_CHECK {\nmisc_path "${worker} ${word}"\nmisc_worker\nmisc_timeout 4\nwarmup 0\n}`;
  const daemon = left.daemon(globals(left) + service(1, 81, check('fine')) + service(2, 82, check('bad')), { options: ['-C', '-n', '-l', '-D'] });
  const subject = (port: number): string => `Misc check for \\[\\[10\\.9\\.9\\.2\\]:tcp:${port} VS \\[10\\.9\\.9\\.20\\d\\]:tcp:${port}\\] by \\[\\S*worker \\w+\\]`;
  await daemon.line(new RegExp(`${subject(81)} succeeded\\.`), 10);
  await daemon.line(new RegExp(`${subject(82)} failed with retry disabled \\(exited with status 1\\)\\.`), 10);
  const modes = [
    ['die', 'failed with retry disabled \\(cannot be run: the worker ended twice before it answered\\)\\.'],
    ['hang', 'timed out with retry disabled\\.'],
    ['rubbish', 'timed out with retry disabled\\.'],
  ] as const;
  for (const [mode, failure] of modes) {
    const since = daemon.lines.length;
    say(mode);
    await daemon.line(new RegExp(`${subject(81)} ${failure}`), 15, since);
    assert.match(await reasonsOf(left, [81], 'down'), /MISC_CHECK/);
    say('good');
    await daemon.line(new RegExp(`${subject(81)} succeeded\\.`), 15, since);
  }
  await reasonsOf(left, [81], 'up');
  const starts = left.read('starts').split('\n').length - 1;
  assert.ok(starts >= 3, `one process, another after it died, another after it hung: ${starts}`);
  assert.doesNotMatch(daemon.text(), /Internal error|died/);
});

test('gRPC, HTTP/2 and Redis servers that say no, are gone and come back', async (t) => {
  const { left, right, close } = openNetwork();
  t.after(close);
  const start = async (): Promise<ReturnType<Host['start']>> => {
    const servers = right.start([process.execPath, '-e', SERVERS]);
    await servers.line(/ready/, 10);
    return servers;
  };
  const first = await start();
  const rhythm = 'connect_timeout 2\nretry 0\nwarmup 0';
  const configuration = service(1, 50051, `GRPC_CHECK {\n${rhythm}\n}`)
    + service(2, 8080, `HTTP_GET {\nhttp2\n${rhythm}\nurl {\npath /\nstatus_code 200\n}\n}`)
    + service(3, 6379, `REDIS_CHECK {\n${rhythm}\n}`);
  const daemon = left.daemon(globals(left) + configuration, { options: ['-C', '-n', '-l', '-D'] });
  const ports = [
    { port: 50051, up: 'gRPC connection to .* success\\.', no: 'GRPC_CHECK on service .* failed: gRPC: NOT_SERVING\\.', gone: 'GRPC_CHECK on service .* failed: connection refused\\.' },
    { port: 8080, up: 'Remote Web server .* succeed on service\\.', no: 'HTTP_CHECK on service .* failed\\.', gone: 'HTTP_CHECK on service .* failed\\.' },
    { port: 6379, up: 'Redis connection to .* success\\.', no: 'REDIS_CHECK on service .* failed: .*LOADING', gone: 'REDIS_CHECK on service .* failed: connection refused\\.' },
  ] as const;
  let since = 0;
  /** Of each of them the line comes after those that came before. */
  const told = async (which: 'up' | 'no' | 'gone', state: 'up' | 'down'): Promise<void> => {
    for (const { [which]: text } of ports) await daemon.line(new RegExp(text), 15, since);
    since = daemon.lines.length;
    await reasonsOf(left, ports.map(({ port }) => port), state);
  };
  await told('up', 'up');
  first.signal('SIGUSR2');
  await told('no', 'down');
  first.signal('SIGUSR2');
  await told('up', 'up');
  first.signal('SIGKILL');
  await told('gone', 'down');
  await start();
  await told('up', 'up');
  assert.doesNotMatch(daemon.text(), /Internal error|died/);
});
