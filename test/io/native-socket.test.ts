import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { IpAddress } from '../../src/base/address.js';
import { viewOf } from '../../src/base/bytes.js';
import { hostInt32 } from '../../src/io/host-bytes.js';
import { type NativeMessage, NativeSocket, interfaceIndex } from '../../src/io/sockets/native-socket.js';
import { AF, addressOf, sockaddrIn } from '../../src/io/sockets/sockaddr.js';
import { drainUntil } from '../kernel/drain.js';

const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_DOMAIN = 39;
const loopback = '127.0.0.1' as IpAddress;

interface Ear {
  readonly socket: NativeSocket;
  readonly heard: NativeMessage[];
  readonly errors: number[];
}

function openDatagram(): Ear {
  const heard: NativeMessage[] = [];
  const errors: number[] = [];
  const socket = new NativeSocket({
    domain: AF.inet,
    type: SOCK_DGRAM,
    protocol: 0,
    slots: 4,
    slotSize: 64,
    onMessage: (message) => heard.push(message),
    onError: (errno) => errors.push(errno),
  });
  assert.equal(socket.bind(sockaddrIn(loopback)), 0);
  socket.start();
  return { socket, heard, errors };
}

/** Hears until there are so many: on a busy machine even the loopback hands them over some time after they were sent. */
function hear({ socket, heard }: Ear, count: number): void {
  drainUntil(() => socket.drain(), () => heard.length >= count);
}

/** What waits to be read at the port of a socket, as the kernel counts it. */
function bytesAt(socket: NativeSocket): number {
  const port = viewOf(socket.localAddress()).getUint16(2).toString(16).toUpperCase().padStart(4, '0');
  const [, bytes = '0'] = new RegExp(`:${port} 00000000:0000 07 [0-9A-F]+:([0-9A-F]+)`).exec(readFileSync('/proc/net/udp', 'utf8')) ?? [];
  return Number.parseInt(bytes, 16);
}

test('a connected socket sends without an address, and the other side sees from where', () => {
  const left = openDatagram();
  const right = openDatagram();
  assert.equal(left.socket.connect(right.socket.localAddress()), 0);
  assert.equal(left.socket.send(Uint8Array.of(1, 2, 3), null, null), 3);
  hear(right, 1);
  assert.deepEqual(
    right.heard.map(({ data, source, truncated }) => [data, addressOf(source), truncated]),
    [[Uint8Array.of(1, 2, 3), loopback, false]],
  );
  assert.deepEqual(right.heard[0]?.source, left.socket.localAddress());
  left.socket.close();
  right.socket.close();
});

test('a datagram longer than a slot is marked, more datagrams than slots all arrive', () => {
  const left = openDatagram();
  const right = openDatagram();
  const to = right.socket.localAddress();
  for (const length of [65, 64, 0, 1, 2, 3]) left.socket.send(new Uint8Array(length), to, null);
  hear(right, 6);
  assert.deepEqual(
    right.heard.map(({ data, truncated }) => [data.length, truncated]),
    [
      [64, true],
      [64, false],
      [0, false],
      [1, false],
      [2, false],
      [3, false],
    ],
  );
  left.socket.close();
  right.socket.close();
});

test('what came before start is thrown away', () => {
  const left = openDatagram();
  const heard: NativeMessage[] = [];
  const late = new NativeSocket({
    domain: AF.inet,
    type: SOCK_DGRAM,
    protocol: 0,
    slots: 1,
    slotSize: 64,
    onMessage: (message) => heard.push(message),
    onError: () => undefined,
  });
  late.bind(sockaddrIn(loopback));
  left.socket.send(Uint8Array.of(1), late.localAddress(), null);
  drainUntil(() => undefined, () => bytesAt(late) > 0);
  const one = bytesAt(late);
  for (let i = 1; i < 5; i++) left.socket.send(Uint8Array.of(1), late.localAddress(), null);
  drainUntil(() => undefined, () => bytesAt(late) >= 5 * one);
  late.start();
  left.socket.send(Uint8Array.of(2), late.localAddress(), null);
  drainUntil(() => late.drain(), () => heard.length > 0);
  assert.deepEqual(
    heard.map(({ data }) => data[0]),
    [2],
  );
  late.close();
  left.socket.close();
});

test('options are set and read as bytes', () => {
  const { socket } = openDatagram();
  assert.equal(viewOf(socket.getOption(SOL_SOCKET, SO_DOMAIN, 4)).getInt32(0, true), AF.inet);
  assert.equal(socket.setOption(SOL_SOCKET, SO_RCVBUF, hostInt32(65536)), 0);
  assert.equal(viewOf(socket.getOption(SOL_SOCKET, SO_RCVBUF, 4)).getInt32(0, true), 131072);
  assert.equal(socket.setOption(SOL_SOCKET, 9999, hostInt32(1)), -92);
  assert.throws(() => socket.getOption(SOL_SOCKET, 9999, 4), { code: 'ENOPROTOOPT' });
  socket.close();
});

test('an error that the network reports comes as an errno, and the socket goes on', () => {
  const left = openDatagram();
  const gone = openDatagram();
  const nobody = gone.socket.localAddress();
  gone.socket.close();
  left.socket.connect(nobody);
  left.socket.send(Uint8Array.of(1), null, null);
  drainUntil(() => left.socket.drain(), () => left.errors.length > 0);
  assert.deepEqual(left.errors, [-111]);
  left.socket.close();
});

test('a closed socket answers EBADF to everything and can be closed again', () => {
  const { socket } = openDatagram();
  socket.close();
  socket.close();
  assert.equal(socket.send(Uint8Array.of(1), sockaddrIn(loopback, 9), null), -9);
  assert.equal(socket.bind(sockaddrIn(loopback)), -9);
  assert.throws(() => socket.start(), { code: 'EBADF' });
  assert.throws(() => socket.localAddress(), { code: 'EBADF' });
});

test('an impossible socket is a KernelError', () => {
  const options = { type: SOCK_DGRAM, protocol: 0, slots: 1, slotSize: 64, onMessage: () => undefined, onError: () => undefined };
  assert.throws(() => new NativeSocket({ ...options, domain: 250 }), { code: 'EAFNOSUPPORT' });
});

test('interfaces are found by name', () => {
  assert.equal(interfaceIndex('lo'), 1);
  assert.equal(interfaceIndex('absent0'), undefined);
});
