/**
 * A tiny HTTP server: `node real-server.js NAME ADDRESS:PORT...` answers every request with its name. A connection that begins
 * with `ECHO` is kept instead, and hears what it says.
 * Lines on stdin, `close ADDRESS:PORT` and `open ADDRESS:PORT`, make one of its addresses die and come back.
 */

import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const [name = 'server', ...addresses] = process.argv.slice(2);
const servers = new Map<string, Server>();
const connections = new Set<Socket>();

function answer(socket: Socket): void {
  connections.add(socket);
  socket.on('close', () => connections.delete(socket));
  // Health checks close without a word, clients in tests vanish: neither is this server's trouble.
  socket.on('error', () => socket.destroy());
  socket.once('data', (said: Buffer) => {
    if (said.toString('latin1').startsWith('ECHO')) {
      socket.write(said);
      socket.pipe(socket);
      return;
    }
    const body = `${name}\n`;
    socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
  });
}

function say(line: string): void {
  process.stdout.write(line + '\n');
}

function open(address: string): Promise<void> {
  const colon = address.lastIndexOf(':');
  const server = createServer(answer);
  servers.set(address, server);
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)), backlog: 511 }, () => done());
  });
}

function close(address: string): void {
  servers.get(address)?.close();
  servers.delete(address);
}

await Promise.all(addresses.map(open));
say('ready');
createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, ...targets] = line.trim().split(' ');
  if (verb === 'close') targets.forEach(close);
  void Promise.all(verb === 'open' ? targets.map(open) : []).then(() => say(`done ${line}`));
});
