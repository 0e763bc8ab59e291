/** UDP_CHECK, DNS_CHECK and PING_CHECK against servers on loopback. */

import assert from 'node:assert/strict';
import { type RemoteInfo, type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { IpAddress } from '../../src/base/address.js';
import { after, milliseconds, seconds } from '../../src/base/time.js';
import type { ProbeSpec } from '../../src/health/config-check.js';
import type { Verdict } from '../../src/health/events.js';
import { type OpenProbes, openProbes } from '../../src/io/probes/probes.js';
import { type VerdictSink, clock, loopback, verdictSink } from './support/sinks.js';
import { until } from './support/until.js';

function open(t: TestContext): { probes: OpenProbes; sink: VerdictSink } {
  const sink = verdictSink();
  const probes = openProbes(clock, sink.onVerdict);
  t.after(probes.close);
  return { probes, sink };
}

type Answer = (message: Buffer, from: RemoteInfo, socket: Socket) => void;

async function serve(t: TestContext, answer: Answer = () => undefined, host = '127.0.0.1'): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (message, from) => answer(message, from, socket));
  socket.bind(0, host);
  await once(socket, 'listening');
  t.after(() => socket.close());
  return socket.address().port;
}

function reply(...answers: readonly Uint8Array[]): Answer {
  return (_, { address, port }, socket) => {
    for (const answer of answers) socket.send(answer, port, address);
  };
}

async function ask(t: TestContext, spec: ProbeSpec): Promise<Verdict> {
  const { probes, sink } = open(t);
  probes.start(1, spec, after(clock.now(), seconds(5)));
  return sink.verdictOf(1);
}

function outcome(verdict: Verdict): unknown {
  return verdict.type === 'failed' ? verdict.failure : verdict.type;
}

const HASTY = { connectTimeout: milliseconds(60) };

test('UDP_CHECK sends its payload, and silence is health when no reply is asked for', async (t) => {
  const heard: string[] = [];
  const port = await serve(t, (message) => heard.push(message.toString('hex')));
  const verdict = await ask(t, { type: 'udp', connection: loopback(port, HASTY), payload: '0102ff' });
  assert.equal(outcome(verdict), 'passed');
  assert.ok(verdict.type === 'passed' && verdict.latency >= 60_000);
  assert.deepEqual(heard, ['0102ff']);
});

test('UDP_CHECK fails when the network says that nobody is there', async (t) => {
  const port = await serve(t);
  const closed = await new Promise<number>((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => {
      const { port: free } = socket.address();
      socket.close(() => resolve(free));
    });
  });
  assert.notEqual(closed, port);
  assert.deepEqual(outcome(await ask(t, { type: 'udp', connection: loopback(closed), payload: '00' })), { type: 'refused' });
});

test('UDP_CHECK with require_reply wants an answer of the right bytes and length', async (t) => {
  const port = await serve(t, reply(Buffer.from('0a1b2c', 'hex')));
  const mute = await serve(t);
  const wanted = { minLength: 0, maxLength: 255 };
  for (const [want, expected] of [
    [wanted, 'passed'],
    [{ ...wanted, pattern: '0axb' }, 'passed'],
    [{ ...wanted, pattern: '0a1b2c' }, 'passed'],
    [{ ...wanted, pattern: '0a1c' }, { type: 'otherReply' }],
    [{ ...wanted, pattern: '0a1b2cxx' }, { type: 'otherReply' }],
    [{ minLength: 4, maxLength: 255 }, { type: 'otherReply' }],
    [{ minLength: 0, maxLength: 2 }, { type: 'otherReply' }],
  ] as const) {
    const verdict = await ask(t, { type: 'udp', connection: loopback(port), payload: '00', reply: want });
    assert.deepEqual(outcome(verdict), expected, JSON.stringify(want));
  }
  const silence = await ask(t, { type: 'udp', connection: loopback(mute, HASTY), payload: '00', reply: wanted });
  assert.deepEqual(outcome(silence), { type: 'readTimeout' });
});

/** An answer to a query: its id, response bit and RCODE. */
function dnsAnswer(query: Buffer, responseCode: number): Buffer {
  const answer = Buffer.from(query);
  answer.writeUInt16BE(0x8180 | responseCode, 2);
  return answer;
}

test('DNS_CHECK asks one recursive question of the given name and type', async (t) => {
  const heard: Buffer[] = [];
  const port = await serve(t, (query, from, socket) => {
    heard.push(query);
    reply(dnsAnswer(query, 0))(query, from, socket);
  });
  const verdict = await ask(t, { type: 'dns', connection: loopback(port), name: 'www.example.com', queryType: 'AAAA' });
  assert.equal(outcome(verdict), 'passed');
  assert.equal(
    heard[0]?.subarray(2).toString('hex'),
    `0100 0001 0000 0000 0000 03${Buffer.from('www').toString('hex')} 07${Buffer.from('example').toString('hex')} 03${Buffer.from('com').toString('hex')} 00 001c 0001`.replaceAll(' ', ''),
  );
  const root = await ask(t, { type: 'dns', connection: loopback(port), name: '', queryType: 'SOA' });
  assert.equal(outcome(root), 'passed');
  assert.equal(heard[1]?.subarray(12).toString('hex'), '0000060001');
});

test('DNS_CHECK fails on an error code, and waits past what is no answer of its own', async (t) => {
  const failing = await serve(t, (query, from, socket) => reply(dnsAnswer(query, 3))(query, from, socket));
  const dns = (port: number, options = {}): ProbeSpec => ({ type: 'dns', connection: loopback(port, options), name: 'a', queryType: 'A' });
  assert.deepEqual(outcome(await ask(t, dns(failing))), { type: 'dnsError', responseCode: 3 });
  const confused = await serve(t, (query, from, socket) => {
    const foreign = dnsAnswer(query, 2);
    foreign.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
    reply(Buffer.from('00', 'hex'), foreign, query, dnsAnswer(query, 0))(query, from, socket);
  });
  assert.equal(outcome(await ask(t, dns(confused))), 'passed');
  const mute = await serve(t);
  assert.deepEqual(outcome(await ask(t, dns(mute, HASTY))), { type: 'readTimeout' });
});

test('PING_CHECK hears an echo reply, over IPv4 and IPv6', async (t) => {
  for (const address of ['127.0.0.1', '::1'] as IpAddress[]) {
    assert.equal(outcome(await ask(t, { type: 'ping', connection: loopback(0, { address }) })), 'passed', address);
  }
});

test('an address that nobody answers for fails PING_CHECK', async (t) => {
  const verdict = outcome(await ask(t, { type: 'ping', connection: loopback(0, { address: '127.0.0.1' as IpAddress, ...HASTY, bindInterface: 'hf-none0' }) }));
  assert.equal(verdict, 'local');
  const unrouted = outcome(await ask(t, { type: 'ping', connection: loopback(0, { address: '240.0.0.1' as IpAddress, ...HASTY }) }));
  assert.ok(typeof unrouted === 'object', JSON.stringify(unrouted));
});

test('bindto and bind_port decide where a datagram comes from; an address of somebody else is local trouble', async (t) => {
  const peers: string[] = [];
  const port = await serve(t, (_, { address, port: source }, socket) => {
    peers.push(`${address}:${source}`);
    socket.send('x', source, address);
  });
  const bindPort = await serve(t, undefined, '127.0.0.6');
  const bindAddress = '127.0.0.5' as IpAddress;
  const from = (options: object): ProbeSpec => ({ type: 'udp', connection: loopback(port, options), payload: '00' });
  assert.equal(outcome(await ask(t, from({ bindAddress, bindPort, bindInterface: 'lo', fwmark: 7 }))), 'passed');
  assert.deepEqual(peers, [`127.0.0.5:${bindPort}`]);
  assert.deepEqual(await ask(t, from({ bindAddress: '192.0.2.77' as IpAddress })), { type: 'local', operation: 'bind', code: 'EADDRNOTAVAIL' });
});

test('a cancelled or closed datagram probe is never answered, many are each answered once', async (t) => {
  const port = await serve(t, (message, { address, port: source }, socket) => socket.send(message, source, address));
  const mute = await serve(t);
  const { probes, sink } = open(t);
  const deadline = after(clock.now(), seconds(5));
  for (let id = 0; id < 200; id += 1) probes.start(id, { type: 'udp', connection: loopback(port), payload: '00' }, deadline);
  for (let id = 200; id < 210; id += 1) probes.start(id, { type: 'udp', connection: loopback(mute, HASTY), payload: '00' }, deadline);
  for (let id = 200; id < 210; id += 1) probes.cancel(id);
  await until(() => sink.seen.length >= 200);
  probes.start(300, { type: 'udp', connection: loopback(mute, HASTY), payload: '00' }, deadline);
  probes.close();
  await sleep(100);
  assert.deepEqual(sink.seen.map(({ id }) => id).sort((a, b) => a - b), Array.from({ length: 200 }, (_, id) => id));
});
