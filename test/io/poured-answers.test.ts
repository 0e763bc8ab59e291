/** Servers that send faster than they are read: little of it is taken, less is held, and what was read is soon gone. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type SecureServerOptions, createSecureServer, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type TestContext } from 'node:test';

import { exchangeHttp } from '../../src/io/probes/http-exchange.js';
import { exchangeHttp2 } from '../../src/io/probes/http-http2.js';
import type { HttpOutcome, HttpQuestion } from '../../src/io/probes/http-transport.js';
import { askUndici } from '../../src/io/probes/http-undici.js';
import { openProbeStream } from '../../src/io/probes/probe-stream.js';
import { ReadingBudget } from '../../src/io/probes/reading-budget.js';
import { createTlsClient } from '../../src/io/probes/tls-client.js';
import { type Asked, credentials, listenTls, pour, question } from './support/http.js';
import { listen } from './support/servers.js';
import { loopback } from './support/sinks.js';
import { until } from './support/until.js';

const NOISE = Buffer.alloc(65_536, 'x');
const OK = 'HTTP/1.1 200 OK\r\n\r\n';
/** As soon as somebody has asked. */
const pouring = (socket: Socket): void => void socket.once('data', () => pour(socket, OK, () => NOISE));

/** A server of HTTP/2 that pours, in clear or under TLS. */
async function listenHttp2(t: TestContext, secured: SecureServerOptions | undefined): Promise<number> {
  const server = secured === undefined ? createServer() : createSecureServer(secured);
  const sessions = new Set<{ destroy: () => void }>();
  server.on('session', (session) => void sessions.add(session.on('error', () => undefined)));
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined).respond({ ':status': 200 });
    const more = (): void => {
      while (!stream.destroyed && stream.write(NOISE));
    };
    stream.on('drain', more);
    more();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const LANES: readonly (readonly [name: string, exchange: typeof exchangeHttp, asked: Asked, http2: boolean])[] = [
  ['HTTP/1.0 by bytes', exchangeHttp, {}, false],
  ['HTTP/1.0 by bytes under TLS', exchangeHttp, { tls: true }, false],
  ['HTTP/1.1', askUndici, { protocol: '1.1' }, false],
  ['HTTP/1.1 under TLS', askUndici, { protocol: '1.1', tls: true }, false],
  ['HTTP/2', exchangeHttp2, {}, true],
  ['HTTP/2 under TLS', exchangeHttp2, { tls: true }, true],
];

for (const [name, exchange, asked, http2] of LANES) {
  test(`${name}: an endless body is read no faster than there is time for`, async (t) => {
    let now = 1_000;
    const budget = new ReadingBudget(() => now);
    budget.spend(1024 * 1024);
    let waits = 0;
    const mustWait = budget.mustWait.bind(budget);
    t.mock.method(budget, 'mustWait', (onRoom: () => void) => {
      const must = mustWait(onRoom);
      if (must) waits += 1;
      return must;
    });
    const plain = (): Promise<number> => (http2 ? listenHttp2(t, undefined) : listen(t, pouring));
    const secured = (): Promise<number> => (http2 ? listenHttp2(t, credentials()) : listenTls(t, {}, pouring));
    const port = await (asked.tls === true ? secured() : plain());
    const outcomes: HttpOutcome[] = [];
    const asking: HttpQuestion = { ...question(port, asked), ...(http2 ? { http2 } : {}) };
    const open = exchange(asking, { onProgress: () => undefined, onOutcome: (outcome) => outcomes.push(outcome), budget }, createTlsClient());
    t.after(() => {
      open.abort();
      budget.close();
    });
    await until(() => waits > 0 || outcomes.length > 0);
    // Whoever reads on in spite of it is at the end of what is read at all before long.
    await sleep(100);
    assert.deepEqual([waits, outcomes], [1, []]);
    const end = setInterval(() => (now += 1_000), 5);
    t.after(() => clearInterval(end));
    await until(() => outcomes.length > 0);
    assert.deepEqual(outcomes.map(({ type }) => type), ['replied']);
  });
}

test('of what nobody reads a probe\'s connection takes no more than two portions of 16 KiB, and under TLS five', async (t) => {
  const open = async (port: number): Promise<Socket> => {
    const stream = openProbeStream(loopback(port));
    assert.ok(!('type' in stream));
    t.after(() => stream.destroy());
    await once(stream, 'connect');
    return stream;
  };
  const plain = await open(await listen(t, (socket) => pour(socket, '', () => NOISE)));
  // Asks for something to be read, and takes nothing.
  plain.on('error', () => undefined).on('readable', () => undefined);
  const raw = await open(await listenTls(t, {}, (socket) => pour(socket, '', () => NOISE)));
  const secured = await createTlsClient().secure(raw, {});
  secured.on('error', () => undefined).on('readable', () => undefined);
  await until(() => plain.readableLength > 0 && secured.readableLength > 0);
  await sleep(100);
  assert.ok(plain.bytesRead <= 32 * 1024, `${plain.bytesRead} bytes`);
  assert.ok(raw.bytesRead <= 80 * 1024, `${raw.bytesRead} bytes under TLS`);
});

test('what was read and is not needed any more does not pile up', async (t) => {
  const stream = openProbeStream(loopback(await listen(t, (socket) => pour(socket, '', () => NOISE))));
  assert.ok(!('type' in stream));
  t.after(() => stream.destroy());
  await once(stream, 'connect');
  const before = process.memoryUsage().arrayBuffers;
  let read = 0;
  let most = 0;
  stream.on('data', (chunk: Buffer) => {
    read += chunk.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  });
  await until(() => read > 64 * 1024 * 1024);
  assert.ok(most < 14 * 1024 * 1024, `${most} bytes of ${read} were still there`);
});
