/**
 * A client that keeps connections: `node holder.js ADDRESS PORT COUNT INTERVAL_MS`. Each says a line at a fixed beat and hears it
 * back. `held` once all are open; the line `report` on stdin gives a line of JSON, a Holding.
 */

import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

export interface Holding {
  /** Connections that are open. */
  readonly held: number;
  /** Why others are not: an error code such as ECONNRESET, or CLOSED. */
  readonly lost: readonly string[];
  /** Milliseconds from a line to its echo, at most, since the last report. What has not come back yet counts as far as it goes. */
  readonly longest: number;
}

const [address = '', port = '80', count = '100', interval = '200'] = process.argv.slice(2);
const lost: string[] = [];
/** When the line was said that has not come back; undefined: all have. */
const waiting = new Map<Socket, number | undefined>();
let longest = 0;

function say(socket: Socket): void {
  if (waiting.get(socket) !== undefined) return;
  waiting.set(socket, performance.now());
  socket.write('ECHO\n');
}

function open(): Promise<void> {
  return new Promise((done) => {
    const socket = connect({ host: address, port: Number(port) });
    const lose = (code: string): void => {
      if (waiting.delete(socket)) lost.push(code);
    };
    socket.once('connect', () => {
      socket.setNoDelay(true);
      say(socket);
    });
    socket.once('data', () => done());
    socket.on('data', () => {
      longest = Math.max(longest, performance.now() - (waiting.get(socket) ?? Infinity));
      waiting.set(socket, undefined);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => lose(code ?? 'ERROR'));
    socket.on('close', () => {
      lose('CLOSED');
      done();
    });
    waiting.set(socket, undefined);
  });
}

for (let left = Number(count); left > 0; left -= 1) await open();
process.stdout.write('held\n');
longest = 0;
setInterval(() => {
  for (const socket of waiting.keys()) say(socket);
}, Number(interval));
createInterface({ input: process.stdin }).on('line', () => {
  const now = performance.now();
  const longestYet = Math.max(longest, ...[...waiting.values()].map((since) => now - (since ?? now)));
  const holding: Holding = { held: waiting.size, lost, longest: Math.round(longestYet) };
  longest = 0;
  process.stdout.write(`${JSON.stringify(holding)}\n`);
});
