import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import type { IpAddress } from '../../src/base/address.js';
import { after, milliseconds } from '../../src/base/time.js';
import type { HttpUrl } from '../../src/health/config-check.js';
import { HttpReplyReader } from '../../src/io/probes/http-reply.js';
import { httpRequest } from '../../src/io/probes/http-request.js';
import { canAskUndici } from '../../src/io/probes/http-undici.js';
import { openProbes } from '../../src/io/probes/probes.js';
import { type Asked, PROTOCOLS, answering, ask, brief, listenTls, pour, question } from './support/http.js';
import { closedPort, listen, silentPort } from './support/servers.js';
import { clock, verdictSink } from './support/sinks.js';
import { until } from './support/until.js';

test('the request is keepalived\'s, byte for byte', () => {
  const bytes = (asked: Asked): string => httpRequest(question(8080, asked));
  const agent = 'User-Agent: KeepAliveClient\r\n';
  assert.equal(bytes({ url: { path: '/a?b=c d' } }), `GET /a?b=c d HTTP/1.0\r\n${agent}Host: 127.0.0.1:8080\r\n\r\n`);
  assert.equal(
    bytes({ protocol: '1.0C', url: { virtualHost: 'www.example.org' } }),
    `GET / HTTP/1.0\r\n${agent}Connection: close\r\nHost: www.example.org\r\n\r\n`,
  );
  assert.equal(
    bytes({ protocol: '1.1', connection: { address: '2001:db8::1' as IpAddress } }),
    `GET / HTTP/1.1\r\n${agent}Connection: close\r\nHost: [2001:db8::1]:8080\r\n\r\n`,
  );
});

test('what is on the wire is that request, and by undici the same fields', async (t) => {
  for (const protocol of PROTOCOLS) {
    const requests: string[] = [];
    const port = await listen(t, (socket) => {
      socket.on('data', (chunk) => {
        requests.push(chunk.toString());
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    assert.equal(brief(await ask(t, port, { protocol, url: { virtualHost: 'www.example.org' } })), 'passed');
    const [request = ''] = requests;
    if (protocol === '1.0') assert.equal(request, httpRequest(question(port, { url: { virtualHost: 'www.example.org' } })));
    const fields = (text: string): string[] => text.trimEnd().toLowerCase().split('\r\n').sort();
    assert.deepEqual(fields(request), fields(httpRequest(question(port, { protocol, url: { virtualHost: 'www.example.org' } }))));
  }
});

test('undici is asked only what it asks and judges as keepalived does', () => {
  const can = (asked: Asked): boolean => canAskUndici(question(80, asked));
  assert.ok(can({ protocol: '1.1' }));
  assert.ok(!can({ protocol: '1.0' }));
  assert.ok(!can({ protocol: '1.0C' }));
  assert.ok(!can({ protocol: '1.1', url: { digest: '0'.repeat(32) } }));
  assert.ok(!can({ protocol: '1.1', url: { path: '/a b' } }));
  assert.ok(!can({ protocol: '1.1', url: { path: 'index.html' } }));
  assert.ok(!can({ protocol: '1.1', url: { virtualHost: 'two words' } }));
});

test('status codes decide: 2xx unless ranges are given, and no redirect is followed', async (t) => {
  for (const protocol of PROTOCOLS) {
    const verdict = async (status: number, url: Partial<HttpUrl>): Promise<string> => {
      const location = 'Location: http://127.0.0.1:1/\r\n';
      const port = await listen(t, answering(`HTTP/1.1 ${status} Text\r\n${location}Content-Length: 2\r\n\r\nhi`));
      return brief(await ask(t, port, { protocol, url }));
    };
    assert.equal(await verdict(200, {}), 'passed');
    assert.equal(await verdict(299, {}), 'passed');
    assert.equal(await verdict(302, {}), 'statusCode 302');
    assert.equal(await verdict(404, { statusCodes: [{ from: 404, to: 404 }] }), 'passed');
    assert.equal(await verdict(200, { statusCodes: [{ from: 300, to: 399 }, { from: 404, to: 404 }] }), 'statusCode 200');
  }
});

test('a digest is made of the body as it is on the wire, chunk framing included', async (t) => {
  const body = '5\r\nhello\r\n0\r\n\r\n';
  const port = await listen(t, answering(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`));
  const digest = createHash('md5').update(body).digest('hex');
  for (const protocol of PROTOCOLS) {
    assert.equal(brief(await ask(t, port, { protocol, url: { digest } })), 'passed');
    const wrong = await ask(t, port, { protocol, url: { digest: '0'.repeat(32) } });
    assert.deepEqual(wrong.type === 'failed' && wrong.failure, { type: 'digest', digest });
  }
});

test('a large page is digested to its last byte', async (t) => {
  const page = Buffer.alloc(5_000_000, 'abcdefg');
  const port = await listen(t, answering(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), page])));
  const digest = createHash('md5').update(page).digest('hex');
  assert.equal(brief(await ask(t, port, { url: { digest } })), 'passed');
  const secured = await listenTls(t, {}, answering(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), page])));
  assert.equal(brief(await ask(t, secured, { url: { digest }, tls: true })), 'passed');
});

test('connections: refused, unanswered, from an address we lack, from one we have', async (t) => {
  const peers: (string | undefined)[] = [];
  const port = await listen(t, (socket) => {
    peers.push(socket.remoteAddress);
    answering('HTTP/1.0 200 OK\r\n\r\n')(socket);
  });
  const silent = await silentPort(t);
  for (const protocol of PROTOCOLS) {
    assert.equal(brief(await ask(t, await closedPort(), { protocol })), 'refused');
    assert.equal(brief(await ask(t, silent, { protocol, step: 50 })), 'connectTimeout');
    assert.equal(
      brief(await ask(t, port, { protocol, connection: { bindAddress: '192.0.2.77' as IpAddress } })),
      'local bind EADDRNOTAVAIL',
    );
    const connection = { bindAddress: '127.0.0.5' as IpAddress, fwmark: 7, bindInterface: 'lo' };
    assert.equal(brief(await ask(t, port, { protocol, connection })), 'passed');
  }
  assert.deepEqual(peers, ['127.0.0.5', '127.0.0.5']);
});

/** What a hostile server does, and the verdict over 1.0 and 1.1 (the same unless two are given; `|` where a busy machine decides). */
const HOSTILE: readonly (readonly [name: string, server: (socket: Socket) => void, exchanged: string, byUndici?: string])[] = [
  ['says nothing', () => undefined, 'readTimeout'],
  ['hangs up at once', (socket) => socket.end(), 'noData'],
  ['hangs up when asked', answering(''), 'noData'],
  ['resets when asked', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'readFailed'],
  [
    'resets in the body',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart');
      setTimeout(() => socket.resetAndDestroy(), 50);
    },
    'readFailed',
  ],
  [
    'breaks off in the body',
    answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'),
    'passed',
  ],
  [
    'sends a head byte by byte',
    (socket) => {
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => {
        clearInterval(timer);
      });
      socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
    },
    'readTimeout',
  ],
  ['sends an endless field', (socket) => pour(socket, 'HTTP/1.1 200 OK\r\nX: ', () => 'x'.repeat(4_096)), 'malformedReply'],
  ['sends 40 KiB of fields', answering(`HTTP/1.1 200 OK\r\n${`X: ${'y'.repeat(80)}\r\n`.repeat(500)}\r\n`), 'malformedReply'],
  ['sends endless fields', (socket) => pour(socket, 'HTTP/1.1 200 OK\r\n', () => 'X: y\r\n'.repeat(5_000)), 'malformedReply', 'malformedReply|readTimeout'],
  ['sends endless interim answers', (socket) => pour(socket, '', () => 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000)), 'statusCode 100'],
  ['never stops its body', (socket) => pour(socket, 'HTTP/1.1 200 OK\r\n\r\n', () => Buffer.alloc(65_536)), 'passed'],
  [
    'floods one-byte chunks',
    (socket) => pour(socket, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', () => '1\r\nx\r\n'.repeat(10_000)),
    'passed',
    'passed|readTimeout',
  ],
  [
    'sends an endless chunk extension',
    (socket) => pour(socket, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;', () => 'x'.repeat(4_096)),
    'passed',
    'readTimeout',
  ],
  ['sends binary garbage', (socket) => pour(socket, '', () => Buffer.alloc(4_096, 0xfe)), 'malformedReply'],
  ['ends its lines with LF alone', answering('HTTP/1.1 200 OK\nServer: x\n\nbody'), 'passed'],
  ['puts blanks before colons', answering('HTTP/1.1 200 OK\r\nServer : x\r\n\r\nbody'), 'passed'],
  ['speaks HTTP/1.0', answering('HTTP/1.0 200 OK\r\n\r\nbody'), 'passed'],
  ['sends an interim answer first', answering('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'), 'statusCode 103'],
  ['sends a line that is no status', answering('aa aaaaaaaaaaaHTTP/1.1aa200aaaa\r\n\r\n'), 'malformedReply'],
  ['sends a status of 4 digits', answering('HTTP/1.1 2000 OK\r\n\r\n'), 'malformedReply'],
  ['sends a negative length', answering('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'), 'passed'],
  [
    'sends length and chunks',
    answering('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    'passed',
  ],
  [
    'begins an upgrade and never ends it',
    (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    'readTimeout',
  ],
  [
    'sends a compressed bomb',
    answering(
      Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'), gzipSync(Buffer.alloc(50_000_000))]),
    ),
    'passed',
  ],
];

for (const [name, server, exchanged, byUndici = exchanged] of HOSTILE) {
  test(`a server that ${name} gets its verdict in time and little memory`, async (t) => {
    const port = await listen(t, server);
    const before_ = process.memoryUsage().rss;
    for (const [protocol, expected] of [['1.0', exchanged], ['1.1', byUndici]] as const) {
      const step = expected.includes('readTimeout') ? 500 : 2_000;
      const verdict = await ask(t, port, { protocol, step, whole: 2 * step });
      assert.ok(expected.split('|').includes(brief(verdict)), `HTTP/${protocol}: ${brief(verdict)}, not ${expected}`);
      assert.ok(verdict.type === 'local' || verdict.latency < 5_000_000, `${protocol}: ${JSON.stringify(verdict)}`);
    }
    assert.ok(process.memoryUsage().rss - before_ < 100 * 1024 * 1024, 'memory stays bounded');
  });
}

test('a body without end never gets a digest', async (t) => {
  const port = await listen(t, (socket) => pour(socket, 'HTTP/1.1 200 OK\r\n\r\n', () => Buffer.alloc(65_536)));
  const verdict = await ask(t, port, { url: { digest: '0'.repeat(32) }, step: 200, whole: 400 });
  assert.match(brief(verdict), /^read(Failed|Timeout)$/);
});

test('a cancelled or closed probe is not answered and closes its connection', async (t) => {
  const closed: string[] = [];
  const port = await listen(t, (socket) => socket.on('data', () => undefined).on('close', () => closed.push('closed')));
  for (const protocol of PROTOCOLS) {
    const sink = verdictSink();
    const probes = openProbes(clock, sink.onVerdict);
    for (const id of [1, 2]) probes.start(id, question(port, { protocol, step: 1_500 }), after(clock.now(), milliseconds(1_500)));
    await sleep(50);
    probes.cancel(1);
    probes.close();
    await sleep(1_600);
    assert.deepEqual(sink.seen, []);
  }
  await until(() => closed.length === 4);
});

test('a reply in any pieces is read the same', () => {
  const reply = Buffer.from('HTTP/1.1 200 OK\nServer: x\n\r\nbody\r\n\r\nmore');
  const digest = createHash('md5').update('body\r\n\r\nmore').digest('hex');
  for (let size = 1; size <= reply.length; size += 1) {
    const reader = new HttpReplyReader({ digest: '' });
    for (let at = 0; at < reply.length; at += size) assert.equal(reader.add(reply.subarray(at, at + size)), undefined);
    assert.deepEqual(reader.end(), { type: 'replied', reply: { status: 200, bodyDigest: digest } }, `pieces of ${size}`);
  }
});

test('SSL_GET takes any certificate, and a server name is sent only when given', async (t) => {
  const names: (string | false | null)[] = [];
  const port = await listenTls(t, { requestCert: true, rejectUnauthorized: false }, (socket) => {
    names.push(socket.servername ?? null);
    answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody')(socket);
  });
  const digest = createHash('md5').update('body').digest('hex');
  for (const protocol of PROTOCOLS) {
    assert.equal(brief(await ask(t, port, { protocol, tls: true })), 'passed');
    assert.equal(brief(await ask(t, port, { protocol, tls: true, serverName: 'www.example.org' })), 'passed');
    assert.equal(brief(await ask(t, port, { protocol, tls: true, serverName: '192.0.2.1' })), 'passed');
    const connection = { bindAddress: '127.0.0.5' as IpAddress };
    assert.equal(brief(await ask(t, port, { protocol, tls: true, url: { digest }, connection })), 'passed');
  }
  const once_ = [false, 'www.example.org', false, false];
  assert.deepEqual(names, [...once_, ...once_]);
});

test('TLS that does not come about fails: plain text, silence, a refusal, a reset', async (t) => {
  const plain = await listen(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const silent = await listen(t);
  const reset = await listen(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
  const ancient = await listenTls(t, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, () => undefined);
  const alerts = await listen(t, (socket) => pour(socket, '', () => Buffer.from('150301000201ff'.repeat(100), 'hex')));
  for (const protocol of PROTOCOLS) {
    assert.equal(brief(await ask(t, plain, { protocol, tls: true })), 'tlsFailed');
    assert.equal(brief(await ask(t, silent, { protocol, tls: true, step: 100 })), 'connectTimeout');
    assert.equal(brief(await ask(t, reset, { protocol, tls: true })), 'tlsFailed');
    assert.equal(brief(await ask(t, ancient, { protocol, tls: true })), 'tlsFailed');
    assert.equal(brief(await ask(t, alerts, { protocol, tls: true })), 'tlsFailed');
  }
});

test('TLS that ends in the reply is judged as plain connections are', async (t) => {
  const torn = await listenTls(t, {}, (socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart', () => socket.destroy()));
  });
  const silent = await listenTls(t, {}, () => undefined);
  for (const protocol of PROTOCOLS) {
    assert.match(brief(await ask(t, torn, { protocol, tls: true })), /^(passed|readFailed)$/);
    assert.equal(brief(await ask(t, silent, { protocol, tls: true, step: 100 })), 'readTimeout');
  }
});
