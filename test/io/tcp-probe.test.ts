import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { IpAddress } from '../../src/base/address.js';
import type { Micros } from '../../src/base/time.js';
import { after, micros, milliseconds, seconds } from '../../src/base/time.js';
import type { Series } from '../../src/health/events.js';
import { openProbeSocket } from '../../src/io/probes/connect-engine.js';
import { endpointOf } from '../../src/io/probes/endpoint.js';
import { connectVerdict } from '../../src/io/probes/failure.js';
import { type TcpProber, openTcpProber } from '../../src/io/probes/tcp.js';
import { startScript } from '../../src/io/processes/script.js';
import { closedPort, listen, silentPort } from './support/servers.js';
import { type VerdictSink, clock, loopback, verdictSink } from './support/sinks.js';
import { until } from './support/until.js';

function openProber(t: TestContext): { prober: TcpProber; sink: VerdictSink } {
  const sink = verdictSink();
  const prober = openTcpProber(clock, sink.onVerdict);
  t.after(prober.close);
  return { prober, sink };
}

/** A series of one question. */
const once = (at: Micros): Series => ({ at, every: seconds(1), until: at });

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
    const prober = openTcpProber({ now: () => 0 }, (id, verdict) => {
      console.log(JSON.stringify(verdict));
      prober.close();
    });
    try { for (;;) openSync('/dev/null'); } catch {}
    prober.start(1, { address: '127.0.0.1', port: 1, fwmark: 0, connectTimeout: 1e6 }, 1e6);`;
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

test('connections that end while a program is being started are answered once, and their places are not mistaken for those of others', async (t) => {
  const port = await listen(t);
  const { prober, sink } = openProber(t);
  let running = 0;
  let id = 0;
  // Until it has begun a program has our connections too: what we have closed is not closed for the kernel.
  for (let round = 0; round < 40; round += 1) {
    for (let i = 0; i < 50; i += 1) prober.start(++id, loopback(port), soon());
    for (let i = 0; i < 5; i += 1) {
      const started = startScript(['true'], undefined, () => (running -= 1));
      if ('pid' in started) running += 1;
    }
    await sleep(1);
  }
  await until(() => sink.seen.length >= id && running === 0);
  assert.equal(sink.seen.length, id);
  assert.equal(new Set(sink.seen.map((each) => each.id)).size, id);
  for (const each of sink.seen) assert.equal(each.verdict.type, 'passed', `probe ${each.id}`);
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

test('one handed over ahead begins at its instant although the event loop is busy, and its pass waits to be asked for', async (t) => {
  const port = await listen(t);
  const instants = new Map<number, number>();
  const prober = openTcpProber(clock, (id, _, at) => instants.set(id, at));
  t.after(prober.close);
  const first = after(clock.now(), milliseconds(100));
  const second = after(first, milliseconds(200));
  prober.start(1, loopback(port), after(first, seconds(5)), once(first));
  prober.start(2, loopback(port), after(second, seconds(5)), once(second));
  prober.start(3, loopback(port), after(second, seconds(5)), once(after(second, seconds(60))));
  while (clock.now() < second + 300_000) continue;
  // No turn of the loop: what asks is another thread, which a busy machine may hold up.
  while (instants.size < 2 && clock.now() < second + seconds(20)) prober.drain();
  assert.deepEqual([...instants.keys()], [1, 2]);
  const [one = 0, two = 0] = [instants.get(1), instants.get(2)];
  assert.ok(one >= first - 50_000 && two >= second - 50_000 && two < clock.now() - 50_000, 'near their instants');
});

test('a pass that nobody waits for is told all the same, with others that are', async (t) => {
  const port = await listen(t);
  const { prober, sink } = openProber(t);
  const began = clock.now();
  prober.start(1, loopback(port), soon(), once(began));
  await sink.verdictOf(1);
  assert.ok(clock.now() - began >= 200_000, 'a quarter of a second later');
  prober.start(2, loopback(port), soon(), once(clock.now()));
  prober.attend(2);
  prober.attend(3);
  prober.start(4, loopback(await closedPort()), soon(), once(clock.now()));
  await sink.verdictOf(2);
  await sink.verdictOf(4);
  assert.deepEqual(sink.seen.map(({ id, verdict }) => `${id} ${verdict.type}`).sort(), ['1 passed', '2 passed', '4 failed']);
});

test('one handed over ahead is called back before it has begun', async (t) => {
  let connections = 0;
  const port = await listen(t, () => (connections += 1));
  const { prober, sink } = openProber(t);
  const at = after(clock.now(), milliseconds(500));
  prober.start(1, loopback(port), after(at, seconds(5)), once(at));
  prober.start(2, loopback(port), after(at, seconds(5)), once(at));
  prober.cancel(1);
  await sink.verdictOf(2);
  await until(() => connections > 0);
  assert.equal(connections, 1);
});

test('a series asks again and again without a word, and is told when the server is gone', async (t) => {
  let connections = 0;
  const server = createServer(() => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { prober, sink } = openProber(t);
  const began = clock.now();
  prober.start(1, loopback(port), after(began, seconds(60)), { at: began, every: milliseconds(20), until: after(began, seconds(60)) });
  await until(() => connections >= 5);
  assert.deepEqual(sink.seen, []);
  const [seen] = prober.seen();
  assert.ok(seen !== undefined && seen.id === 1 && seen.at > began && seen.at <= clock.now() && seen.latency > 0);
  server.close();
  const verdict = await sink.verdictOf(1);
  assert.ok(verdict.type === 'failed');
  assert.deepEqual(verdict.failure, { type: 'refused' });
  assert.deepEqual(prober.seen(), []);
});

/** When the last question of each series began that has been answered. */
const beginnings = (prober: TcpProber): readonly number[] => prober.seen().map(({ at, latency }) => at - latency);

test('few series that are due at about the same time begin together', async (t) => {
  const port = await listen(t);
  const { prober } = openProber(t);
  const together = Math.ceil(clock.now() / 20_000 + 3) * 20_000;
  for (const [id, apart] of [-8, -4, 0, 4, 8].entries()) {
    const at = micros(together + apart * 1_000);
    prober.start(id, loopback(port), after(at, seconds(60)), { at, every: milliseconds(200), until: after(at, seconds(60)) });
  }
  // In their own time they would be sixteen milliseconds apart for ever.
  await until(() => {
    const begun = beginnings(prober);
    return begun.length === 5 && Math.max(...begun) - Math.min(...begun) < 4_000;
  });
});

test('many series keep their distance, so that they do not wait for each other', async (t) => {
  const port = await listen(t);
  const { prober } = openProber(t);
  const first = after(clock.now(), milliseconds(100));
  for (let id = 0; id < 500; id += 1) {
    const at = micros(first + id * 400);
    prober.start(id, loopback(port), after(at, seconds(60)), { at, every: milliseconds(200), until: after(at, seconds(60)) });
  }
  // The first 320 share multiples of twenty milliseconds, thirty-two each; of the others two in five begin far from those.
  await until(() => beginnings(prober).filter((at) => at % 20_000 >= 6_000 && at % 20_000 < 14_000).length >= 50);
});

test('the last pass of a series is told, and none follows', async (t) => {
  let connections = 0;
  const port = await listen(t, () => (connections += 1));
  const { prober, sink } = openProber(t);
  const began = clock.now();
  prober.start(1, loopback(port), after(began, seconds(60)), { at: began, every: milliseconds(50), until: after(began, milliseconds(120)) });
  assert.equal((await sink.verdictOf(1)).type, 'passed');
  // What the server has yet to take.
  await sleep(150);
  const asked = connections;
  assert.ok(asked >= 1 && asked <= 3, `${asked}`);
  await sleep(150);
  assert.equal(connections, asked);
  assert.equal(sink.seen.length, 1);
});

test('a series that is waited for asks at once, and ends', async (t) => {
  let connections = 0;
  const port = await listen(t, () => (connections += 1));
  const { prober, sink } = openProber(t);
  const began = clock.now();
  prober.start(1, loopback(port), after(began, seconds(600)), { at: began, every: seconds(100), until: after(began, seconds(500)) });
  await until(() => prober.seen().length > 0);
  prober.attend(1);
  assert.equal((await sink.verdictOf(1)).type, 'passed');
  await until(() => connections >= 2);
  assert.equal(connections, 2);
});

test('a series is called back between two questions, and its place is another one\'s', async (t) => {
  let connections = 0;
  const port = await listen(t, () => (connections += 1));
  const { prober, sink } = openProber(t);
  const began = clock.now();
  const series = { at: began, every: milliseconds(40), until: after(began, seconds(60)) };
  prober.start(1, loopback(port), after(began, seconds(60)), series);
  await until(() => prober.seen().length > 0);
  prober.cancel(1);
  await until(() => connections > 0);
  // What the server has yet to take.
  await sleep(150);
  prober.start(2, loopback(await closedPort()), soon(), once(after(clock.now(), milliseconds(150))));
  assert.deepEqual(prober.seen(), [], 'nothing of the one before');
  const asked = connections;
  assert.equal((await sink.verdictOf(2)).type, 'failed');
  assert.ok(connections - asked <= 1, 'at most one that was already under way');
  assert.equal(sink.seen.length, 1);
});

test('a process that was stopped for a while does not ask everybody at once, but tells the last passes', () => {
  const module = new URL('../../src/io/probes/tcp.js', import.meta.url).href;
  const program = `
    import { createServer } from 'node:net';
    import { execFile } from 'node:child_process';
    import { openTcpProber } from '${module}';
    const now = () => Number(process.hrtime.bigint() / 1000n);
    let connections = 0;
    const server = createServer(() => (connections += 1)).listen(0, '127.0.0.1', () => {
      const began = now();
      const told = [];
      const prober = openTcpProber({ now }, (id, verdict, at) => {
        told.push([verdict.type, now() - at > 1_000_000]);
        if (told.length < 3) return;
        prober.close();
        server.close();
        console.log(JSON.stringify(told));
        process.exit(0);
      });
      const connection = { address: '127.0.0.1', port: server.address().port, fwmark: 0, connectTimeout: 1e6 };
      for (const id of [1, 2, 3]) prober.start(id, connection, began + 60e6, { at: began, every: 500_000, until: began + 50e6 });
      const look = setInterval(() => {
        if (prober.seen().length < 3 || connections < 3) return;
        clearInterval(look);
        execFile('sh', ['-c', 'sleep 2.5; kill -CONT ' + process.pid]);
        process.kill(process.pid, 'SIGSTOP');
      }, 5);
    });`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], { timeout: 300_000 });
  // More than a second old: had it been asked anew, the pass would be of now.
  assert.deepEqual(JSON.parse(child.stdout.toString()), [['passed', true], ['passed', true], ['passed', true]]);
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
