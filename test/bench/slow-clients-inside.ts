/**
 * Clients of the control socket that are a nuisance: `node slow-clients-inside.js SOCKET COUNT`. A third connects and says nothing, a
 * third asks and never reads, a third listens to events and never reads; all come back when they are let go. Says `ready` when all
 * have tried, and ends with its input.
 */

import { connect } from 'node:net';

const [path = '', count = '0'] = process.argv.slice(2);

const WORDS = ['GET /v1/st', 'GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20), 'GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n'];
/** Milliseconds until one that was let go is back. */
const BACK = 500;

function client(index: number): void {
  const socket = connect(path);
  socket.pause();
  socket.on('connect', () => socket.write(WORDS[index % WORDS.length] ?? ''));
  socket.on('error', () => undefined);
  socket.on('close', () => setTimeout(() => client(index), BACK));
}

for (let i = 0; i < Number(count); i += 1) client(i);
setTimeout(() => process.stdout.write('ready\n'), 1_000);
process.stdin.on('end', () => process.exit(0)).resume();
