/**
 * Servers that speak TLS, HTTP/2 and HTTP as they should, and whose bytes are bent on their way to whoever asks: what sockets,
 * OpenSSL, nghttp2 and undici make of them is part of a check, and no parser of ours can be asked alone.
 */

import { once } from 'node:events';
import { createServer as createHttp2Server, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

import { milliseconds } from '../../src/base/time.js';
import { questionOf } from '../../src/health/check-kinds.js';
import type { ProbeSpec } from '../../src/health/config-check.js';
import type { Choices } from '../conf/generator/choices.js';
import { answering, credentials, listenTls, question } from '../io/support/http.js';
import { listen } from '../io/support/servers.js';
import { loopback } from '../io/support/sinks.js';
import { mutateBytes } from './mutate-bytes.js';

export interface BentServer {
  readonly name: string;
  /** The question to ask it, given connect_timeout in milliseconds. */
  readonly ask: (step: number) => ProbeSpec;
}

const REPLY = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody';

/** One of each kind. Every byte that they answer is bent with some likelihood; `choices` draws. */
export async function openBentServers(t: TestContext, choices: Choices): Promise<readonly BentServer[]> {
  const bend = async (port: number): Promise<number> => bendingProxy(t, port, choices);
  const tls12 = await bend(await listenTls(t, { maxVersion: 'TLSv1.2' }, answering(REPLY)));
  const tls13 = await bend(await listenTls(t, { minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false }, answering(REPLY)));
  const plain = await bend(await listen(t, answering(REPLY)));
  const clear = await bend(await started(t, createHttp2Server().on('stream', serving)));
  const secure = await bend(await started(t, createSecureServer(credentials()).on('stream', serving)));
  const http = (asked: Parameters<typeof question>[1], port: number) => (step: number): ProbeSpec => question(port, { ...asked, step });
  const grpc = (port: number, tls: boolean) => (step: number): ProbeSpec =>
    questionOf({ type: 'GRPC_CHECK', connection: loopback(port, { connectTimeout: milliseconds(step) }), service: '', tls }, 0);
  return [
    { name: 'TLS 1.2', ask: http({ tls: true }, tls12) },
    { name: 'TLS 1.3', ask: http({ tls: true }, tls13) },
    { name: 'TLS 1.3 by undici', ask: http({ tls: true, protocol: '1.1' }, tls13) },
    { name: 'HTTP', ask: http({}, plain) },
    { name: 'HTTP by undici', ask: http({ protocol: '1.1' }, plain) },
    { name: 'gRPC', ask: grpc(clear, false) },
    { name: 'gRPC over TLS', ask: grpc(secure, true) },
  ];
}

/** SERVING, and the status as gRPC tells it. */
function serving(stream: ServerHttp2Stream): void {
  stream.on('error', () => undefined);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
}

async function started(t: TestContext, server: Server): Promise<number> {
  server.on('error', () => undefined).on('sessionError', () => undefined).on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const LONGEST = 100_000;

/** Every third piece of an answer is bent, once in a while the answer ends or stops there. */
async function bendingProxy(t: TestContext, port: number, choices: Choices): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroySoon();
      });
    }
    client.pipe(upstream);
    upstream.on('end', () => client.end());
    upstream.on('data', (piece: Buffer) => {
      const bent = choices.chance(1 / 3) ? mutateBytes(choices, piece, piece, LONGEST) : piece;
      if (client.writable) client.write(bent);
      const fate = choices.integer(0, 40);
      if (fate === 0) client.end();
      else if (fate === 1) client.resetAndDestroy();
      else if (fate === 2) upstream.pause();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
