/** HTTP questions to servers of the test, and what came of them in a word. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import * as tls from 'node:tls';

import { after, milliseconds } from '../../../src/base/time.js';
import type { ConnectionOptions, HttpProtocol, HttpUrl } from '../../../src/health/config-check.js';
import type { Verdict } from '../../../src/health/events.js';
import type { HttpQuestion } from '../../../src/io/probes/http-transport.js';
import { openProbes } from '../../../src/io/probes/probes.js';
import { clock, loopback, verdictSink } from './sinks.js';

/** Both carriers: undici takes 1.1, the exchange everything else. */
export const PROTOCOLS: readonly HttpProtocol[] = ['1.0', '1.1'];

export interface Asked {
  readonly protocol?: HttpProtocol;
  readonly tls?: boolean;
  readonly url?: Partial<HttpUrl>;
  readonly connection?: Partial<ConnectionOptions>;
  readonly serverName?: string;
  /** Milliseconds of every step and of the whole. */
  readonly step?: number;
  readonly whole?: number;
}

export function question(port: number, asked: Asked): HttpQuestion {
  const { protocol = '1.0', tls: secured = false, url = {}, connection = {}, serverName, step = 2_000 } = asked;
  return {
    type: 'http',
    connection: loopback(port, { connectTimeout: milliseconds(step), ...connection }),
    tls: secured,
    url: { path: '/', statusCodes: [], ...url },
    protocol,
    ...(serverName === undefined ? {} : { serverName }),
  };
}

export async function ask(t: TestContext, port: number, asked: Asked = {}): Promise<Verdict> {
  const sink = verdictSink();
  const probes = openProbes(clock, sink.onVerdict);
  t.after(probes.close);
  probes.start(1, question(port, asked), after(clock.now(), milliseconds(asked.whole ?? 5_000)));
  return sink.verdictOf(1);
}

/** The failure's type, `passed`, or `local OPERATION CODE`. */
export function brief(verdict: Verdict): string {
  switch (verdict.type) {
    case 'passed':
      return 'passed';
    case 'local':
      return `local ${verdict.operation} ${verdict.code}`;
    case 'failed':
      return verdict.failure.type === 'statusCode' ? `statusCode ${verdict.failure.status}` : verdict.failure.type;
  }
}

/** Answers every request with `reply` and closes. */
export function answering(reply: string | Buffer): (socket: Socket) => void {
  return (socket) => {
    socket.once('data', () => socket.end(reply));
  };
}

/** Writes what `next` gives as fast as it is taken. */
export function pour(socket: Socket, first: string, next: () => string | Buffer): void {
  socket.write(first);
  const more = (): void => {
    let room = !socket.destroyed;
    while (room) room = socket.write(next());
  };
  socket.on('drain', more);
  more();
}

let made: Credentials | undefined;

export interface Credentials {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** A certificate that nobody vouches for. */
export function credentials(): Credentials {
  const folder = mkdtempSync(join(tmpdir(), 'hf-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const options = ['req', '-x509', '-nodes', '-days', '1', '-subj', '/CN=expired.example', '-keyout', key, '-out', cert];
  execFileSync('openssl', [...options, ...curve], { stdio: 'ignore' });
  const read = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return read;
}

export async function listenTls(t: TestContext, options: tls.TlsOptions, onConnection: (socket: tls.TLSSocket) => void): Promise<number> {
  made ??= credentials();
  const server = tls.createServer({ ...made, ...options }, (socket) => {
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}
