/** Objects found in large tables, PDUs that come in pieces, and what is no AgentX. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import test from 'node:test';

import { createAnswerer } from '../../src/control/snmp/answers.js';
import { decodePdu, encodePdu, pduLength } from '../../src/control/snmp/agentx-pdu.js';
import { parseMasterAddress } from '../../src/control/snmp/master-address.js';
import { compareOids, integer, oidOf, text } from '../../src/control/snmp/values.js';
import { createView, table } from '../../src/control/snmp/view.js';
import { openWire } from '../../src/control/snmp/wire.js';

const ENTRY = oidOf('1.3.6.1.4.1.9.1');

interface World {
  readonly rows: number;
}

const view = createView<World>(
  table(ENTRY, ({ rows }: World) => Array.from({ length: rows }, (_, i) => ({ index: [rows - i], of: rows - i })), {
    2: (row) => integer(row),
    10: (row) => (row % 2 === 0 ? text(`even ${row}`) : undefined),
  }),
);

test('a walk meets every object of ten thousand rows once, in order, and leaves out what a row lacks', () => {
  const world: World = { rows: 10_000 };
  let at = ENTRY;
  let count = 0;
  for (let found = view.next(world, at, false); found !== undefined; found = view.next(world, at, false)) {
    assert.ok(compareOids(found.oid, at) > 0);
    at = found.oid;
    count += 1;
  }
  assert.equal(count, 15_000);
  assert.deepEqual(at, [...ENTRY, 10, 10_000]);
  assert.equal(view.get(world, [...ENTRY, 10, 3]), undefined);
  assert.deepEqual(view.get(world, [...ENTRY, 2, 3]), integer(3));
  assert.equal(view.next(world, [...ENTRY, 2, 10_000], false, [...ENTRY, 3]), undefined);
});

test('GETBULK repeats what is to be repeated and ends with the end', () => {
  const world: World = { rows: 3 };
  const answer = createAnswerer({ view, world: () => world, writables: [] });
  const ranges = [ENTRY, [...ENTRY, 2, 2]].map((start) => ({ start, include: false }));
  answer({ type: 'getBulk', sessionId: 1, transactionId: 1, packetId: 1, nonRepeaters: 1, maxRepetitions: 5, ranges }, ({ error, varBinds }) => {
    assert.equal(error, 0);
    assert.deepEqual(
      varBinds.map(({ oid, value }) => `${oid.slice(ENTRY.length).join('.')} ${value.type}`),
      ['2.1 integer', '2.3 integer', '10.2 octets', '10.2 endOfMibView'],
    );
  });
});

test('PDUs are found in a stream however it is cut', async (t) => {
  const response = { type: 'response', sessionId: 7, transactionId: 0, packetId: 9, error: 0, index: 0, varBinds: [] } as const;
  const bytes = Buffer.concat([encodePdu(response), encodePdu({ ...response, packetId: 10 })]);
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    const send = (from: number): void => {
      if (from >= bytes.length) return;
      socket.write(bytes.subarray(from, from + 13), () => setImmediate(() => send(from + 13)));
    };
    send(0);
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const heard: number[] = [];
  await new Promise<void>((done) => {
    const wire = openWire({ transport: 'tcp', family: 4, host: '127.0.0.1', port }, () => undefined, {
      onOpen: () => undefined,
      onPdu: (pdu) => {
        heard.push(decodePdu(pdu).packetId);
        if (heard.length < 2) return;
        wire.close();
        done();
      },
      onEnd: (reason) => assert.fail(reason),
    });
  });
  assert.deepEqual(heard, [9, 10]);
});

test('what is no AgentX ends the connection before it fills the memory', async (t) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(Buffer.alloc(64, 0xff));
  }).listen(0, '127.0.0.1');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const reason = await new Promise<string>((done) => {
    openWire({ transport: 'tcp', family: 4, host: '127.0.0.1', port }, () => undefined, { onOpen: () => undefined, onPdu: () => assert.fail('a PDU'), onEnd: done });
  });
  assert.match(reason, /no AgentX/);
  assert.equal(pduLength(Buffer.alloc(19)), undefined);
  assert.throws(() => decodePdu(Buffer.concat([Buffer.from([1, 5, 0x10, 0]), Buffer.alloc(16), Buffer.from([9])])), RangeError);
});

test('the address of the master is what net-snmp takes', () => {
  assert.deepEqual(parseMasterAddress('unix:/var/agentx/master'), { transport: 'unix', path: '/var/agentx/master' });
  assert.deepEqual(parseMasterAddress('/run/agentx'), { transport: 'unix', path: '/run/agentx' });
  assert.deepEqual(parseMasterAddress('udp:localhost:705'), { transport: 'udp', family: 4, host: 'localhost', port: 705 });
  assert.deepEqual(parseMasterAddress('tcp6:[::1]:7050'), { transport: 'tcp', family: 6, host: '::1', port: 7050 });
  assert.deepEqual(parseMasterAddress('192.0.2.1'), { transport: 'tcp', family: 4, host: '192.0.2.1', port: 705 });
  assert.equal(parseMasterAddress('tcp:host:port'), undefined);
  assert.equal(parseMasterAddress('unix:'), undefined);
});
