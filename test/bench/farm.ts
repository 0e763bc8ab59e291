/**
 * Real servers for benchmarks: one process that accepts on port 8080 of every loopback address and closes when the peer
 * does, and answers HTTP on port 8081. Every line read is answered with the number of connections accepted so far.
 */

import { createServer } from 'node:net';

let accepted = 0;

const server = createServer((socket) => {
  accepted += 1;
  socket.on('error', () => undefined);
  socket.resume();
});
server.listen({ port: 8080, host: '0.0.0.0', backlog: 4096 }, () => process.stdout.write('ready\n'));
createServer((socket) => {
  accepted += 1;
  socket.on('error', () => undefined);
  socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n'));
}).listen({ port: 8081, host: '0.0.0.0', backlog: 4096 });
process.stdin.on('data', () => process.stdout.write(`${accepted}\n`));
process.stdin.on('end', () => process.exit(0));
