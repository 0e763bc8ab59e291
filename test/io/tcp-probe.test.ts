import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { IpAddress } from '../../src/base/address.js';
import { after, milliseconds, seconds } from '../../src/base/time.js';
import { openProbeSocket } from '../../src/io/probes/connect-engine.js';
import { endpointOf } from '../../src/io/probes/endpoint.js';
import { connectVerdict } from '../../src/io/probes/failure.js';
import { type TcpProber, openTcpProber } from '../../src/io/probes/tcp.js';
import { closedPort, listen, silentPort } from './support/servers.js';
import { type VerdictSink, clock, loopback, verdictSink } from './support/sinks.js';
import { until } from './support/until.js';

function openProber(t: TestContext): { prober: TcpProber; sink: VerdictSink } {
  const sink = verdictSink();
  const prober = openTcpProber(clock, sink.onVerdict);
  t.after(prober.close);
  return { prober, sink };
}

const soon = (): ReturnType<typeof after> => after(clock.now(), seconds(5));

test('a listening server passes, over IPv4 and IPv6, and hears no byte', async (t) => {
  const bytes: number[] = [];
  const count = (socket: Socket): void => void socket.on('data', (chunk) => bytes.push(chunk.length));
  const port4 = await listen(t, count);
  const port6 = await listen(t, count, '::1');
  const { prober, sink } = openProber(t);
  prober.start(1, loopback(port4), soon());
  prober.start(2, loopback(port6, { address: '::1' as IpAddress }), soon());
  assert.equal((await sink.verdictOf(1)).type, 'passed');
  assert.equal((await sink.verdictOf(2)).type, 'passed');
  assert.deepEqual(bytes, []);
});

test('a closed port is refused', async (t) => {
  const { prober, sink } = openProber(t);
  prober.start(1, loopback(await closedPort()), soon());
  const verdict = await sink.verdictOf(1);
  assert.ok(verdict.type === 'failed');
  assert.deepEqual(verdict.failure, { type: 'refused' });
});

test('what the network says about a server fails it, what this machine lacks does not', () => {
  const outcomes = ['EHOSTUNREACH', 'ENETUNREACH', 'EPERM', 'ECONNRESET', 'EADDRNOTAVAIL', 'ENOBUFS'].map((code) => {
    const verdict = connectVerdict('connect', code, milliseconds(1));
    return verdict.type === 'failed' ? verdict.failure.type : verdict.type === 'local' ? verdict.operation : verdict.type;
  });
  assert.deepEqual(outcomes, ['hostUnreachable', 'unreachable', 'connectionFailed', 'connectionFailed', 'bind', 'socket']);
});

test('a server that never answers fails when connect_timeout is over, not before', async (t) => {
  const port = await silentPort(t);
  const { prober, sink } = openProber(t);
  prober.start(1, loopback(port, { connectTimeout: milliseconds(50) }), soon());
  const verdict = await sink.verdictOf(1);
  assert.ok(verdict.type === 'failed');
  assert.deepEqual(verdict.failure, { type: 'connectTimeout' });
  assert.ok(verdict.latency >= 50_000, `${verdict.latency} us`);
});

test('the deadline of the probe ends it before a longer connect_timeout', async (t) => {
  const port = await silentPort(t);
  const { prober, sink } = openProber(t);
  prober.start(1, loopback(port, { connectTimeout: seconds(60) }), after(clock.now(), milliseconds(30)));
  prober.start(2, loopback(port, { connectTimeout: seconds(60) }), after(clock.now(), milliseconds(-30)));
  assert.equal((await sink.verdictOf(1)).type, 'failed');
  assert.equal((await sink.verdictOf(2)).type, 'failed');
});

test('bindto and bind_port decide where the connection comes from', async (t) => {
  const peers: string[] = [];
  const port = await listen(t, (socket) => peers.push(`${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`));
  const bindPort = await closedPort();
  const { prober, sink } = openProber(t);
  prober.start(1, loopback(port, { bindAddress: '127.0.0.5' as IpAddress, bindPort }), soon());
  assert.equal((await sink.verdictOf(1)).type, 'passed');
  await until(() => peers.length > 0);
  assert.deepEqual(peers, [`127.0.0.5:${bindPort}`]);
});

test('a source address this machine does not have is local trouble, not a failure', async (t) => {
  const { prober, sink } = openProber(t);
  prober.start(1, loopback(await listen(t), { bindAddress: '192.0.2.77' as IpAddress }), soon());
  assert.deepEqual(await sink.verdictOf(1), { type: 'local', operation: 'bind', code: 'EADDRNOTAVAIL' });
});

test('a device that does not exist is local trouble', async (t) => {
  const { prober, sink } = openProber(t);
  prober.start(1, loopback(await listen(t), { bindInterface: 'hf-none0' }), soon());
  assert.deepEqual(await sink.verdictOf(1), { type: 'local', operation: 'bind', code: 'ENODEV' });
});

test('running out of descriptors is local trouble', () => {
  const module = new URL('../../src/io/probes/tcp.js', import.meta.url).href;
  const program = `
    import { openSync } from 'node:fs';
    import { openTcpProber } from '${module}';
    const prober = openTcpProber({ now: () => 0 }, (id, verdict) => console.log(JSON.stringify(verdict)));
    try { for (;;) openSync('/dev/null'); } catch {}
    prober.start(1, { address: '127.0.0.1', port: 1, fwmark: 0, connectTimeout: 1e6 }, 1e6);
    prober.close();`;
  const child = spawnSync('prlimit', ['--nofile=64', process.execPath, '--input-type=module', '-e', program]);
  assert.deepEqual(JSON.parse(child.stdout.toString()), { type: 'local', operation: 'socket', code: 'EMFILE' });
});

test('fwmark and device are set on the socket', () => {
  const fd = openProbeSocket(endpointOf(loopback(80, { fwmark: 4_000_000_001, bindInterface: 'lo' })));
  assert.ok(typeof fd === 'number');
  const program =
    'import socket\ns = socket.socket(fileno=3)\n' +
    'print(s.getsockopt(socket.SOL_SOCKET, socket.SO_MARK) & 0xffffffff, s.getsockopt(socket.SOL_SOCKET, 25, 16))';
  const shown = spawnSync('python3', ['-c', program], { stdio: ['ignore', 'pipe', 'inherit', fd] });
  assert.equal(shown.stdout.toString().trim(), `4000000001 b'lo\\x00'`);
});

test('thousands of connects in flight are each answered once', async (t) => {
  const open = await listen(t);
  const closed = await closedPort();
  const { prober, sink } = openProber(t);
  const total = 3_000;
  for (let id = 0; id < total; id += 1) prober.start(id, loopback(id % 3 === 0 ? closed : open), soon());
  await until(() => sink.seen.length >= total);
  assert.equal(sink.seen.length, total);
  assert.equal(new Set(sink.seen.map(({ id }) => id)).size, total);
  for (const { id, verdict } of sink.seen) assert.equal(verdict.type, id % 3 === 0 ? 'failed' : 'passed', `probe ${id}`);
});

test('a cancelled probe is never answered, and its place may be taken at once', async (t) => {
  const silent = await silentPort(t);
  const port = await listen(t);
  const { prober, sink } = openProber(t);
  const quickly = { connectTimeout: milliseconds(40) };
  for (let id = 0; id < 100; id += 1) prober.start(id, loopback(silent, quickly), soon());
  for (let id = 0; id < 100; id += 2) prober.cancel(id);
  for (let id = 100; id < 150; id += 1) prober.start(id, loopback(port), soon());
  prober.cancel(0);
  prober.cancel(12_345);
  await until(() => sink.seen.length >= 100);
  await sleep(60);
  const answered = sink.seen.map(({ id }) => id).sort((a, b) => a - b);
  const expected = Array.from({ length: 150 }, (_, id) => id).filter((id) => id % 2 === 1 || id >= 100);
  assert.deepEqual(answered, expected);
});

test('closing ends everything without an answer', async (t) => {
  const silent = await silentPort(t);
  const { prober, sink } = openProber(t);
  prober.start(1, loopback(silent, { connectTimeout: milliseconds(20) }), soon());
  prober.close();
  prober.close();
  await sleep(50);
  assert.deepEqual(sink.seen, []);
});
