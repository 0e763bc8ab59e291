/** GRPC_CHECK against Node's own HTTP/2 server: what a health service may answer. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ServerHttp2Stream, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';

import { after, milliseconds } from '../../src/base/time.js';
import { questionOf } from '../../src/health/check-kinds.js';
import { openProbes } from '../../src/io/probes/probes.js';
import { listen } from './support/servers.js';
import { clock, loopback, verdictSink } from './support/sinks.js';

type Answer = (stream: ServerHttp2Stream, asked: Buffer) => void;

async function serve(t: TestContext, answer: Answer): Promise<number> {
  const server = createServer().on('stream', (stream, headers) => {
    const fits = headers[':path'] === '/grpc.health.v1.Health/Check' && headers['content-type'] === 'application/grpc' && headers['te'] === 'trailers';
    const pieces: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('end', () => {
      if (fits) answer(stream, Buffer.concat(pieces));
      else stream.respond({ ':status': 415 }, { endStream: true });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Answers with a message and a status, as every gRPC library does. */
function saying(message: readonly number[], grpcStatus = '0'): Answer {
  return (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus }));
    stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
  };
}

async function ask(t: TestContext, port: number, service = ''): Promise<string> {
  const sink = verdictSink();
  const probes = openProbes(clock, sink.onVerdict);
  t.after(probes.close);
  const spec = questionOf({ type: 'GRPC_CHECK', connection: loopback(port), service, tls: false }, 0);
  probes.start(1, spec, after(clock.now(), milliseconds(5_000)));
  const verdict = await sink.verdictOf(1);
  if (verdict.type !== 'failed') return verdict.type;
  const { failure } = verdict;
  return 'detail' in failure ? failure.detail : failure.type === 'statusCode' ? `status ${failure.status}` : failure.type;
}

test('a service that says SERVING is up, one that says anything else is not', async (t) => {
  const answers: readonly [readonly number[], string, string][] = [
    [[8, 1], '0', 'passed'],
    [[8, 2], '0', 'gRPC: NOT_SERVING'],
    [[8, 3], '0', 'gRPC: SERVICE_UNKNOWN'],
    [[], '0', 'gRPC: UNKNOWN'],
    [[8, 1], '5', 'gRPC: status 5 NOT_FOUND'],
    [[16, 1], '0', 'gRPC: no health came'],
  ];
  for (const [message, status, verdict] of answers) assert.equal(await ask(t, await serve(t, saying(message, status))), verdict);
});

test('the name of the service reaches the server; a head without body, HTTP errors and resets are told apart', async (t) => {
  let asked = '';
  const named = await serve(t, (stream, bytes) => {
    asked = bytes.toString('latin1');
    saying([8, 1])(stream, bytes);
  });
  assert.equal(await ask(t, named, 'shop.Orders'), 'passed');
  assert.equal(asked, '\0\0\0\0\r\n\vshop.Orders');
  const unimplemented = await serve(t, (stream) => stream.respond({ ':status': 200, 'grpc-status': '12' }, { endStream: true }));
  assert.equal(await ask(t, unimplemented), 'gRPC: status 12 UNIMPLEMENTED');
  const broken = await serve(t, (stream) => stream.respond({ ':status': 503 }, { endStream: true }));
  assert.equal(await ask(t, broken), 'status 503');
  const reset = await serve(t, (stream) => stream.close(2));
  assert.equal(await ask(t, reset), 'readFailed');
});

test('a server that pings or sets on and on without an answer has failed, whatever its time', async (t) => {
  const frame = (type: number, length: number): Buffer => Buffer.from([0, 0, length, type, 0, 0, 0, 0, 0, ...Array.from({ length }, () => 0)]);
  for (const demand of [frame(6, 8), frame(4, 0)]) {
    const port = await listen(t, (socket) => {
      const pour = (): void => {
        while (!socket.destroyed && socket.write(Buffer.concat(Array.from({ length: 500 }, () => demand))));
      };
      socket.resume().on('drain', pour).write(frame(4, 0));
      pour();
    });
    assert.equal(await ask(t, port), 'malformedReply');
  }
});
