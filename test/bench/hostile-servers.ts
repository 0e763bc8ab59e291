/**
 * The hostile servers, a port a kind: with the word `holding` those that hold on to whoever asks, with `loud` the others; or
 * with `healthy` well-behaved ones on 8080 (TCP) and 8081 (HTTP). Each is a process: the loud ones shall not delay the figures
 * of others. Every line
 * read is answered with one of JSON and begins a new measurement: how many milliseconds connections to each kind were held,
 * or how much later than a second after the last one each healthy server was asked again.
 */

import { createSocket } from 'node:dgram';
import { type Socket, createServer } from 'node:net';

import { HOSTILE_KINDS, portOf } from './hostile-kinds.js';

const DELAY_LOOP = 1_000;
const measured = new Map<string, number[]>();

function note(name: string, milliseconds: number): void {
  const all = measured.get(name);
  if (all === undefined) measured.set(name, [milliseconds]);
  else all.push(milliseconds);
}

function serve(port: number, onConnection: (socket: Socket) => void): void {
  createServer({ highWaterMark: 16_384 }, (socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  }).listen({ port, host: '0.0.0.0', backlog: 4_096 });
}

function startHostile(holding: boolean): void {
  for (const [i, { name, behave, hold }] of HOSTILE_KINDS.entries()) {
    if ((hold !== undefined) !== holding) continue;
    if (typeof behave === 'function') {
      serve(portOf(i), (socket) => {
        const since = performance.now();
        socket.on('close', () => note(name, performance.now() - since));
        socket.resume();
        behave(socket);
      });
      continue;
    }
    const socket = createSocket('udp4');
    socket.on('message', (_question, from) => {
      note(name, 0);
      for (let times = 0; times < 50; times += 1) for (const datagram of behave.datagrams) socket.send(datagram, from.port, from.address);
    });
    socket.on('error', () => undefined).bind(portOf(i), '0.0.0.0');
  }
}

function startHealthy(): void {
  const lastSeen = new Map<string, number>();
  const asked = ({ localAddress = '', localPort = 0 }: Socket): void => {
    const server = `${localAddress}:${localPort}`;
    const now = performance.now();
    const last = lastSeen.get(server);
    lastSeen.set(server, now);
    if (last !== undefined) note('healthy', now - last - DELAY_LOOP);
  };
  serve(8_080, (socket) => {
    asked(socket);
    socket.resume();
  });
  serve(8_081, (socket) => {
    asked(socket);
    socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nok'));
  });
}

if (process.argv[2] === 'healthy') startHealthy();
else startHostile(process.argv[2] === 'holding');
process.stdin.on('data', () => {
  process.stdout.write(`${JSON.stringify(Object.fromEntries(measured))}\n`);
  measured.clear();
});
process.stdin.on('end', () => process.exit(0));
process.stdout.write('ready\n');
