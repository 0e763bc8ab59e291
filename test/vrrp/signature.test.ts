import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { IpAddress } from '../../src/base/address.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { micros, seconds, type Micros } from '../../src/base/time.js';
import type { HmacConfig } from '../../src/vrrp/config/authentication.js';
import { judgeSignature, NOTHING_HEARD, remember, sequenceToSign, type Freshness } from '../../src/vrrp/wire/freshness.js';
import { isNewer, nextSequence, readSignature, sequenceAt, sign, type Sequence, type Signed } from '../../src/vrrp/wire/signature.js';
import { address } from '../support/address.js';

const secret = Uint8Array.from({ length: 32 }, (_, i) => i);
const config: HmacConfig = {
  keys: [
    { id: 1, secret },
    { id: 2, secret: new Uint8Array(40).fill(7) },
  ],
  activeKey: 1,
  mode: 'enforce',
  antiReplay: 'time',
  timeWindow: seconds(5),
};
const monotonic: HmacConfig = { ...config, antiReplay: 'monotonic' };

/** Captured from keepalived 2.4: version 3, key 1 = bytes 0 to 31. */
const message = fromHex('31339601 0064d371 c0000264');
const captured = fromHex('01010000 6b008c24 5fb7 0000 d70f36dc3a777f4d6e06482e1f26f2ae');
const signed: Signed = { family: 'ipv4', source: address('192.0.2.1'), message };
const CAPTURED_AT = seconds(0x6b008c24);

function verdict(at: number, of = config, bytes = captured, heard: Freshness = NOTHING_HEARD, what = signed): string {
  return judgeSignature(of, heard, what, bytes, micros(at)).type;
}

/** What is known after the signature has been accepted. */
function after(bytes: Uint8Array, source: IpAddress = signed.source): Freshness {
  const sequence = readSignature(bytes)?.sequence;
  assert.ok(sequence !== undefined);
  return remember(NOTHING_HEARD, { address: source, sequence }, true);
}

test('the signature of keepalived, byte for byte, and it is believed', () => {
  const sequence = { seconds: 0x6b008c24, rest: 0x5fb70000 };
  assert.equal(toHex(sign(secret, { key: 1, sequence }, signed)), toHex(captured));
  assert.equal(verdict(CAPTURED_AT), 'fresh');
});

test('every changed bit of signature or message is noticed, the checksum apart', () => {
  for (let at = 0; at < captured.length; at += 1) {
    const changed = captured.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x04;
    assert.notEqual(verdict(CAPTURED_AT, config, changed), 'fresh', `byte ${at} of the signature`);
  }
  for (let at = 0; at < message.length; at += 1) {
    const changed = message.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x04;
    const expected = at === 6 || at === 7 ? 'fresh' : 'invalid';
    assert.equal(verdict(CAPTURED_AT, config, captured, NOTHING_HEARD, { ...signed, message: changed }), expected, `byte ${at}`);
  }
});

test('it belongs to its sender, its family and its key', () => {
  assert.equal(verdict(CAPTURED_AT, config, captured, NOTHING_HEARD, { ...signed, source: address('192.0.2.2') }), 'invalid');
  assert.equal(verdict(CAPTURED_AT, config, captured, NOTHING_HEARD, { ...signed, family: 'ipv6', source: address('fe80::1') }), 'invalid');
  const withKey = (key: number): Uint8Array => Uint8Array.from(captured, (byte, at) => (at === 1 ? key : byte));
  assert.equal(verdict(CAPTURED_AT, config, withKey(2)), 'invalid');
  assert.equal(verdict(CAPTURED_AT, config, withKey(3)), 'unknownKey');
  assert.equal(verdict(CAPTURED_AT, config, withKey(0)), 'malformed');
});

test('clocks may differ by the window and not by more, in both directions', () => {
  for (const [skew, expected] of [[5, 'fresh'], [-5, 'fresh'], [6, 'stale'], [-6, 'stale'], [3_600, 'stale'], [-31_536_000, 'stale']] as const) {
    assert.equal(verdict(CAPTURED_AT + skew * 1_000_000), expected, `${skew} s`);
  }
  assert.equal(verdict(0, monotonic), 'fresh');
});

test('what was accepted once is a replay, from the same sender', () => {
  assert.equal(verdict(CAPTURED_AT, config, captured, after(captured)), 'replayed');
  assert.equal(verdict(CAPTURED_AT, config, captured, after(captured, address('192.0.2.9'))), 'fresh');
});

test('a mark that the clock has left behind shuts nobody out, unless there is no clock', () => {
  const future = sign(secret, { key: 1, sequence: sequenceAt(micros(CAPTURED_AT + seconds(3_600))) }, signed);
  assert.equal(verdict(CAPTURED_AT, config, captured, after(future)), 'fresh');
  assert.equal(verdict(CAPTURED_AT, monotonic, captured, after(future)), 'replayed');
});

test('of senders to a group the four heard last are remembered, of peers all', () => {
  const sequence: Sequence = { seconds: 1, rest: 0 };
  let group = NOTHING_HEARD;
  let peers = NOTHING_HEARD;
  for (let i = 1; i <= 6; i += 1) {
    const signer = { address: address(`192.0.2.${i}`), sequence };
    group = remember(group, signer, true);
    peers = remember(peers, signer, false);
  }
  assert.deepEqual(group.signers.map((signer) => signer.address), ['192.0.2.3', '192.0.2.4', '192.0.2.5', '192.0.2.6']);
  assert.equal(peers.signers.length, 6);
});

test('own sequences grow however the clock runs, until it is set back by more than the window', () => {
  const steps = fc.array(fc.integer({ min: -4_000_000, max: 4_000_000 }), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (offsets) => {
      let last: Sequence | undefined;
      for (const offset of offsets) {
        const next = sequenceToSign(config, last, micros(1_700_000_000_000_000 + offset / 2));
        if (last !== undefined) assert.ok(isNewer(next, last));
        last = next;
      }
    }),
  );
  const ahead = sequenceAt(seconds(1_000));
  const back: Micros = seconds(900);
  assert.deepEqual(sequenceToSign(config, ahead, back), sequenceAt(back));
  assert.deepEqual(sequenceToSign(monotonic, ahead, back), nextSequence(ahead));
});

test('sequences go on across the end of their seconds', () => {
  const end: Sequence = { seconds: 0xffff_ffff, rest: 0xffff_ffff };
  assert.deepEqual(nextSequence(end), { seconds: 0, rest: 0 });
  assert.equal(isNewer(nextSequence(end), end), true);
  assert.equal(isNewer(end, nextSequence(end)), false);
});
