/** The BFD driver against ports of the test: what goes out in which order, and in which words it is told. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogEntry } from '../../src/base/log.js';
import { micros, milliseconds, seconds, type Micros } from '../../src/base/time.js';
import type { BfdNote } from '../../src/bfd/notes.js';
import { decodePacket } from '../../src/bfd/packet.js';
import { bfdDumpText } from '../../src/runtime/bfd-dump-text.js';
import { createBfdDriver, type BfdDriver } from '../../src/runtime/bfd-driver.js';
import { narrateBfd } from '../../src/runtime/narrate/bfd.js';
import type { BfdPorts } from '../../src/runtime/ports.js';
import { address, packet, session } from '../bfd/samples.js';

interface Bench {
  readonly driver: BfdDriver;
  /** What the ports were asked for, in order. */
  readonly asked: string[];
  readonly sentences: string[];
  readonly at: (now: Micros) => void;
  /** What is queued in the kernel: delivered by drain. */
  readonly queued: (() => void)[];
}

function bench(): Bench {
  const asked: string[] = [];
  const sentences: string[] = [];
  const queued: (() => void)[] = [];
  let now = micros(0);
  const ports: BfdPorts = {
    clock: { now: () => now },
    alarm: { set: () => undefined },
    channels: {
      configure: (channels) => asked.push(`open ${channels.map(({ session: name, hopLimit, multihop }) => `${name} ${hopLimit}${multihop ? ' multihop' : ''}`).join(', ')}`),
      send: (name, payload) => {
        const read = decodePacket(payload);
        asked.push(`send ${name} ${read.ok ? read.value.phase : read.error}`);
      },
      drain: () => {
        asked.push('drain');
        for (const arrive of queued.splice(0)) arrive();
      },
    },
    followers: { tell: (name, up) => asked.push(`tell ${name} ${up ? 'up' : 'down'}`) },
    logger: { log: ({ text }: LogEntry) => sentences.push(text) },
  };
  const driver = createBfdDriver(ports, { seed: 1, onStopped: () => asked.push('stopped') });
  return { driver, asked, sentences, queued, at: (instant) => (now = instant) };
}

const FROM_PEER = { type: 'packetReceived', source: address('192.0.2.2'), sourcePort: 50_000, hopLimit: 255, multihop: false } as const;

function upBench(): Bench {
  const run = bench();
  run.driver.deliver({ type: 'reconfigured', config: { sessions: [session()] } });
  run.driver.deliver({ ...FROM_PEER, packet: packet() });
  const [{ discriminator } = { discriminator: 0 }] = run.driver.snapshot().sessions;
  run.driver.deliver({ ...FROM_PEER, packet: packet({ phase: 'init', yourDiscriminator: discriminator, minTransmit: milliseconds(100) }) });
  return run;
}

test('a session comes up, is told, and says goodbye on its channel before that is closed', () => {
  const run = upBench();
  run.driver.deliver({ type: 'reconfigured', config: { sessions: [] } });
  assert.deepEqual(run.asked, ['open router 255', 'send router init', 'tell router up', 'send router up', 'send router down', 'open ']);
  assert.deepEqual(run.sentences, ['(router) Entering Init state', '(router) Entering Up state', '(router) Starting poll sequence', '(router) Entering AdminDown state']);
});

test('a packet that has arrived is heard before silence is believed', () => {
  const run = upBench();
  const [{ discriminator } = { discriminator: 0 }] = run.driver.snapshot().sessions;
  // The process was not run for ten seconds.
  run.at(seconds(10));
  run.queued.push(() => run.driver.deliver({ ...FROM_PEER, packet: packet({ phase: 'up', yourDiscriminator: discriminator, minTransmit: milliseconds(100) }) }));
  run.driver.onAlarm();
  assert.equal(run.driver.snapshot().sessions[0]?.phase, 'up');
  assert.doesNotMatch(run.asked.join('\n'), /tell router down/);
  run.at(seconds(20));
  run.driver.onAlarm();
  assert.equal(run.driver.snapshot().sessions[0]?.phase, 'down');
  assert.equal(run.asked.at(-1), 'send router down');
});

test('a stop tells the peer and ends', () => {
  const run = upBench();
  run.driver.deliver({ type: 'stopRequested' });
  assert.deepEqual(run.asked.slice(-2), ['send router down', 'stopped']);
});

test('the dump has keepalived\'s keys', () => {
  const text = bfdDumpText(upBench().driver.snapshot());
  const expected = [
    '------< BFD Topology >------',
    ' BFD Instance = router',
    '   Neighbor IP = 192.0.2.2',
    '   local state = Up',
    '   remote state = Init',
    /^ {3}local discriminator = 0x[0-9a-f]+$/,
    '   remote discriminator = 0x7',
    '   local diag = No Diagnostic',
    '   remote diag = No Diagnostic',
    '   remote min tx intv = 100000 us',
    '   remote min rx intv = 100000 us',
    '   remote detect multiplier = 3',
    '   poll',
    '   local tx intv = 100000 us',
    '   local detection time = 300000 us',
    '   told to followers = UP',
    ' Refused packets = 0',
    '',
  ];
  const lines = text.split('\n');
  assert.equal(lines.length, expected.length, text);
  for (const [index, line] of expected.entries()) {
    if (typeof line === 'string') assert.equal(lines[index], line);
    else assert.match(lines[index] ?? '', line);
  }
});

const SESSION = { session: 'router' } as const;
const REFUSED = { type: 'packetRefused', source: address('192.0.2.2'), sourcePort: 50_000, hopLimit: 254 } as const;

/** keepalived's sentences, `-D` those that need --log-detail. */
const SENTENCES: readonly (readonly [BfdNote, string])[] = [
  [{ type: 'sessionEntered', ...SESSION, phase: 'up', diagnostic: 'none', remoteDiagnostic: 'none' }, '(router) Entering Up state'],
  [
    { type: 'sessionEntered', ...SESSION, phase: 'down', diagnostic: 'detectionTimeExpired', remoteDiagnostic: 'neighbourSignaledDown' },
    '(router) Entering Down state (Local diagnostic - Control Detection Time Expired, Remote diagnostic - Neighbor Signaled Session Down)',
  ],
  [{ type: 'sessionEntered', ...SESSION, phase: 'adminDown', diagnostic: 'pathDown', remoteDiagnostic: 'none' }, '(router) Entering AdminDown state'],
  [{ type: 'sessionExpired', ...SESSION, after: milliseconds(300), overdue: micros(38) }, '(router) Expired after 300 ms (38 usec overdue)'],
  [{ ...REFUSED, reason: 'tooManyHops', lowest: 255 }, '-D Packet from [192.0.2.2]:50000: ttl(254) < 255 - discarding'],
  [
    { ...REFUSED, reason: 'unknownDiscriminator', discriminator: 0x2b5a3350 },
    '-D Discarding packet from [192.0.2.2]:50000 (session is not found - your discriminator field is 0x2b5a3350)',
  ],
  [{ ...REFUSED, reason: 'unknownPeer' }, '-D Discarding packet from [192.0.2.2]:50000 (session is not found)'],
  [{ ...REFUSED, reason: 'zeroMultiplier' }, "-D Discarding bogus packet from [192.0.2.2]:50000 (Packet 'detection multiplier' field is zero)"],
  [{ type: 'channelFailed', ...SESSION, reason: 'bind: EADDRNOTAVAIL' }, '(router) Cannot open the socket of the session: bind: EADDRNOTAVAIL'],
];

for (const [note, sentence] of SENTENCES) {
  test(`BFD: ${sentence}`, () => {
    const { detail, text } = narrateBfd(note);
    assert.equal(`${detail ? '-D ' : ''}${text}`, sentence);
  });
}
