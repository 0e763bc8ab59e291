import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { IpAddress } from '../../src/base/address.js';
import { KernelError } from '../../src/io/kernel-error.js';
import { interfaceIndex } from '../../src/io/sockets/native-socket.js';
import { RawSocket, type RemoteInfo } from '../../src/io/sockets/raw-socket.js';
import { bindToDevice } from '../../src/io/sockets/socket-options.js';
import { drainUntil } from './drain.js';
import { createWire } from './namespaces.js';

const PROTOCOL = 253; // RFC 3692: for experiments
const wire = createWire();
wire.left.ip('address add 192.0.2.1/24 dev eth0');
wire.right.ip('address add 192.0.2.2/24 dev eth0');
wire.left.ip('address add 2001:db8::1/64 dev eth0 nodad');
wire.right.ip('address add 2001:db8::2/64 dev eth0 nodad');
after(() => wire.remove());

const addresses = {
  ipv4: { left: '192.0.2.1' as IpAddress, right: '192.0.2.2' as IpAddress },
  ipv6: { left: '2001:db8::1' as IpAddress, right: '2001:db8::2' as IpAddress },
};

function openPair(family: 'ipv4' | 'ipv6'): { left: RawSocket; right: RawSocket } {
  const open = (): RawSocket => new RawSocket({ family, protocol: PROTOCOL, options: [bindToDevice('eth0')] });
  return { left: wire.left.inside(open), right: wire.right.inside(open) };
}

for (const family of ['ipv4', 'ipv6'] as const) {
  test(`${family}: a datagram arrives with its source, destination, hop limit and interface`, async () => {
    const { left, right } = openPair(family);
    const heard = new Promise<[Uint8Array, RemoteInfo]>((resolve) => {
      right.on('message', (message, info) => resolve([message, info]));
    });
    assert.equal(left.send(Uint8Array.from([1, 2, 3]), addresses[family].right), 0);
    const [message, info] = await heard;
    assert.deepEqual(message.subarray(-3), Uint8Array.from([1, 2, 3]));
    assert.deepEqual(info, {
      address: addresses[family].left,
      destination: addresses[family].right,
      hopLimit: 64,
      interfaceIndex: wire.right.inside(() => interfaceIndex('eth0')),
      truncated: false,
    });
    left.close();
    right.close();
  });
}

test('drain delivers what is queued before it returns, also when a listener drains', () => {
  const { left, right } = openPair('ipv4');
  const heard: number[] = [];
  right.on('message', (message) => {
    heard.push(message.at(-1) ?? -1);
    right.drain();
  });
  for (let i = 0; i < 40; i++) left.send(Uint8Array.from([i]), addresses.ipv4.right);
  assert.deepEqual(heard, []);
  drainUntil(
    () => right.drain(),
    () => heard.length >= 40,
  );
  assert.deepEqual(heard, Array.from({ length: 40 }, (_, i) => i));
  left.close();
  right.close();
});

test('a throwing listener is an uncaught exception and loses no other datagram', async () => {
  const { left, right } = openPair('ipv4');
  const uncaught: unknown[] = [];
  process.setUncaughtExceptionCaptureCallback((error) => uncaught.push(error));
  let heard = 0;
  const all = new Promise<void>((resolve) => {
    right.on('message', () => {
      heard += 1;
      if (heard === 3) resolve();
      if (heard === 1) throw new Error('from a listener');
    });
  });
  for (let i = 0; i < 3; i++) left.send(Uint8Array.from([i]), addresses.ipv4.right);
  await all;
  process.setUncaughtExceptionCaptureCallback(null);
  assert.deepEqual(uncaught.map(String), ['Error: from a listener']);
  left.close();
  right.close();
});

test('nothing is delivered after close, and closing twice is harmless', () => {
  const { left, right } = openPair('ipv4');
  let heard = 0;
  right.on('message', () => {
    heard += 1;
    right.close();
    right.close();
  });
  left.send(Uint8Array.from([1]), addresses.ipv4.right);
  left.send(Uint8Array.from([2]), addresses.ipv4.right);
  drainUntil(
    () => right.drain(),
    () => heard > 0,
  );
  right.drain();
  assert.equal(heard, 1);
  left.close();
  assert.equal(left.send(Uint8Array.from([1]), addresses.ipv4.right), -9);
});

test('a refused send is an errno, a refused socket a KernelError', () => {
  const { left, right } = openPair('ipv4');
  assert.equal(left.send(new Uint8Array(70_000), addresses.ipv4.right), -90);
  left.close();
  right.close();
  const absent = (): RawSocket => new RawSocket({ family: 'ipv4', protocol: PROTOCOL, options: [bindToDevice('absent0')] });
  assert.throws(absent, (error: unknown) => error instanceof KernelError && error.code === 'ENODEV');
});

test('an environment that ends with open sockets and alarms ends cleanly', async () => {
  const modules = new URL('../../src/io/', import.meta.url);
  const worker = new Worker(
    `import(${JSON.stringify(new URL('sockets/raw-socket.js', modules).href)}).then(async ({ RawSocket }) => {
       const { openAlarm } = await import(${JSON.stringify(new URL('alarm.js', modules).href)});
       globalThis.kept = [new RawSocket({ family: 'ipv4', protocol: ${PROTOCOL}, options: [] }), openAlarm(() => {})];
       new RawSocket({ family: 'ipv4', protocol: ${PROTOCOL}, options: [] }).close();
       require('node:worker_threads').parentPort.postMessage('open');
     })`,
    { eval: true },
  );
  await new Promise((resolve) => worker.once('message', resolve));
  assert.equal(await worker.terminate(), 1);
});

test('a datagram that came in pieces is told from one that did not', () => {
  for (const family of ['ipv4', 'ipv6'] as const) {
    const { left, right } = openPair(family);
    const heard: RemoteInfo[] = [];
    right.on('message', (_message, info) => void heard.push(info));
    left.send(new Uint8Array(1_600), addresses[family].right);
    left.send(new Uint8Array(100), addresses[family].right);
    drainUntil(() => right.drain(), () => heard.length >= 2);
    assert.deepEqual(heard.map(({ fragmented }) => fragmented), [true, undefined], family);
    left.close();
    right.close();
  }
});
