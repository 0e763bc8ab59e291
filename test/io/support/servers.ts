/** Loopback servers for probe tests, closed with the test. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/** Listens on a free port of `host` until the test ends; every connection goes to `onConnection`. */
export async function listen(
  t: TestContext,
  onConnection: (socket: Socket) => void = () => undefined,
  host = '127.0.0.1',
): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(0, host, 2_048);
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A port whose listener never accepts and whose queue is full: the kernel drops every further SYN. */
export async function silentPort(t: TestContext): Promise<number> {
  const program =
    'import socket, time\ns = socket.socket()\ns.bind(("127.0.0.1", 0))\ns.listen(0)\n' +
    'print(s.getsockname()[1], flush=True)\ntime.sleep(60)';
  const child: ChildProcess = spawn('python3', ['-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('no pipe');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  const filler = connect(port, '127.0.0.1');
  t.after(() => filler.destroy());
  await once(filler, 'connect');
  return port;
}
