/** BFD control packets: bytes both ways, every fault, and 100,000 packets bent at random. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { nextRandom } from '../../src/base/random.js';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import { decodePacket, encodePacket, DIAGNOSTICS, PHASES, type BfdPacket } from '../../src/bfd/packet.js';
import { initialBfd, stepBfd } from '../../src/bfd/speaker.js';
import { address, packet, session } from './samples.js';

/** Version 1, no diagnostic, Init, poll, multiplier 3, 1 s, 100 ms, no echo. */
const BYTES = '20 a0 03 18 00000007 00000009 000f4240 000186a0 00000000';

test('a packet has the bytes of RFC 5880', () => {
  const init = packet({ phase: 'init', poll: true, yourDiscriminator: 9 });
  assert.equal(toHex(encodePacket(init)), BYTES.replaceAll(' ', ''));
  assert.deepEqual(decodePacket(fromHex(BYTES)), { ok: true, value: init });
});

test('every packet that can be written is read as it was', () => {
  for (const phase of PHASES) {
    for (const diagnostic of DIAGNOSTICS) {
      for (const flags of [{}, { poll: true }, { final: true }, { demand: true }, { independent: true }]) {
        const written = packet({ phase, diagnostic, yourDiscriminator: 1, minTransmit: micros(4_294_967_295), minEchoReceive: micros(1), ...flags });
        assert.deepEqual(decodePacket(encodePacket(written)), { ok: true, value: written });
      }
    }
  }
});

const FAULTS: readonly (readonly [string, string])[] = [
  ['20 a0 03 18 00000007 00000009 000f4240 000186a0 000000', 'tooShort'],
  ['40 a0 03 18 00000007 00000009 000f4240 000186a0 00000000', 'badVersion'],
  ['20 a0 03 17 00000007 00000009 000f4240 000186a0 00000000', 'badLength'],
  ['20 a0 03 19 00000007 00000009 000f4240 000186a0 00000000', 'badLength'],
  ['20 a0 00 18 00000007 00000009 000f4240 000186a0 00000000', 'zeroMultiplier'],
  ['20 a1 03 18 00000007 00000009 000f4240 000186a0 00000000', 'multipoint'],
  ['20 a0 03 18 00000000 00000009 000f4240 000186a0 00000000', 'zeroDiscriminator'],
  ['20 a0 03 18 00000007 00000000 000f4240 000186a0 00000000', 'missingDiscriminator'],
  ['20 e0 03 18 00000007 00000000 000f4240 000186a0 00000000', 'missingDiscriminator'],
  ['20 a4 03 18 00000007 00000009 000f4240 000186a0 00000000', 'authenticated'],
  ['20 b0 03 18 00000007 00000009 000f4240 000186a0 00000000', 'pollAndFinal'],
  ['29 a0 03 18 00000007 00000009 000f4240 000186a0 00000000', 'badDiagnostic'],
];

for (const [bytes, error] of FAULTS) {
  test(`${bytes} is ${error}`, () => {
    assert.deepEqual(decodePacket(fromHex(bytes)), { ok: false, error });
  });
}

test('bytes behind the packet are not looked at, and without a discriminator of ours only Down and AdminDown are heard', () => {
  assert.deepEqual(decodePacket(fromHex(`${BYTES} ffff`)), decodePacket(fromHex(BYTES)));
  for (const phase of ['down', 'adminDown'] as const) assert.ok(decodePacket(encodePacket(packet({ phase }))).ok);
});

test('100,000 bent packets: none throws, what is refused changes no session, and what is understood keeps its limits', () => {
  let state = stepBfd(initialBfd(1), { type: 'reconfigured', config: { sessions: [session()] } }, micros(0)).state;
  const source = address('192.0.2.2');
  let random = { value: 0, seed: 2026 };
  const draw = (below: number): number => {
    random = nextRandom(random.seed);
    return Math.floor(random.value * below);
  };
  const answers = new Set<string>();
  for (let round = 0; round < 100_000; round += 1) {
    const bytes = Uint8Array.from([...encodePacket(wellFormed(draw, state.sessions.get('router')?.state.discriminator ?? 0)), ...Array.from({ length: draw(4) }, () => draw(256))]);
    for (let bend = draw(4); bend > 0; bend -= 1) bytes[draw(bytes.length)] = draw(256);
    const read = decodePacket(bytes.subarray(0, draw(8) === 0 ? draw(bytes.length + 1) : bytes.length));
    answers.add(read.ok ? 'read' : read.error);
    const now = micros(round * 1_000);
    const before = state.sessions.get('router');
    const arrival = { source, sourcePort: 50_000, hopLimit: draw(10) === 0 ? 254 : 255, multihop: draw(50) === 0 };
    const step = read.ok
      ? stepBfd(state, { type: 'packetReceived', packet: read.value, ...arrival }, now)
      : stepBfd(state, { type: 'packetMalformed', error: read.error, ...arrival }, now);
    const isRefused = step.notes.some(({ type }) => type === 'packetRefused');
    if (!read.ok || arrival.multihop || arrival.hopLimit < 255) assert.ok(isRefused);
    if (isRefused) assert.equal(step.state.sessions.get('router'), before);
    assert.ok(step.effects.length <= 3, 'one packet is answered by one or two');
    state = stepBfd(step.state, { type: 'timeout' }, now).state;
  }
  assert.deepEqual([...answers].sort(), ['read', ...new Set(FAULTS.map(([, error]) => error))].sort());
});

function wellFormed(draw: (below: number) => number, discriminator: number): BfdPacket {
  const phase = PHASES[draw(4)] ?? 'down';
  const flags = [{}, {}, { poll: true }, { final: true }, { demand: true }][draw(5)] ?? {};
  return packet({
    phase,
    diagnostic: DIAGNOSTICS[draw(DIAGNOSTICS.length)] ?? 'none',
    ...flags,
    multiplier: 1 + draw(255),
    myDiscriminator: 1 + draw(5),
    yourDiscriminator: draw(3) === 0 ? 0 : discriminator,
    minTransmit: [milliseconds(1), milliseconds(100), seconds(1), micros(0)][draw(4)] ?? seconds(1),
    minReceive: [milliseconds(1), milliseconds(100), seconds(1), micros(0)][draw(4)] ?? seconds(1),
  });
}
