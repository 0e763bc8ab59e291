/**
 * A client that asks the same address over HTTP at a fixed beat: `node client.js ADDRESS PORT INTERVAL_MS TIMEOUT_MS`.
 * Each request is a new connection and one line of JSON on stdout, an Exchange; a slow answer delays no later request.
 */

import { connect } from 'node:net';

/** What came of one request. */
export interface Exchange {
  /** From 1 on, in the order of the requests. */
  readonly number: number;
  /** Milliseconds since the epoch at which it was started. */
  readonly at: number;
  /** Milliseconds until the answer or the failure. */
  readonly took: number;
  /** The answering server's name. */
  readonly server?: string;
  /** Why there is none: an error code such as ECONNREFUSED, NOT_CONNECTED or NOT_ANSWERED in time, or EMPTY. */
  readonly error?: string;
}

const [address = '', port = '80', interval = '50', timeout = '1000'] = process.argv.slice(2);

/**
 * Each request has a port of its own. The kernel's choice comes round after some hundred connections, and IPVS takes a
 * SYN from a port whose old connection it remembers to the server of then, even when that server has been removed.
 */
let localPort = 1023;

function ask(number: number): void {
  const at = Date.now();
  const started = performance.now();
  let text = '';
  let over = false;
  localPort = localPort === 65_535 ? 1024 : localPort + 1;
  const socket = connect({ host: address, port: Number(port), localPort });
  const finish = (result: { server: string } | { error: string }): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    socket.destroy();
    const exchange: Exchange = { number, at, took: Math.round(performance.now() - started), ...result };
    process.stdout.write(JSON.stringify(exchange) + '\n');
  };
  const timer = setTimeout(() => finish({ error: socket.connecting ? 'NOT_CONNECTED' : 'NOT_ANSWERED' }), Number(timeout));
  socket.setEncoding('utf8');
  socket.on('connect', () => socket.write(`GET / HTTP/1.1\r\nHost: ${address}\r\nConnection: close\r\n\r\n`));
  socket.on('data', (piece: string) => (text += piece));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (!over && (error.code === 'EADDRINUSE' || error.code === 'EADDRNOTAVAIL')) {
      // Somebody on this host has the port: nothing has been asked yet.
      over = true;
      clearTimeout(timer);
      setImmediate(() => ask(number));
    } else finish({ error: error.code ?? error.message });
  });
  socket.on('close', () => {
    const body = text.split('\r\n\r\n')[1]?.trim();
    finish(body === undefined || body === '' ? { error: 'EMPTY' } : { server: body });
  });
}

let next = performance.now();
let count = 0;
function beat(): void {
  count += 1;
  ask(count);
  // Beats that were missed while the machine was busy are left out, not made up for in a burst.
  const now = performance.now();
  do next += Number(interval);
  while (next <= now);
  setTimeout(beat, next - now);
}
beat();
