import assert from 'node:assert/strict';
import test from 'node:test';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { micros } from '../../src/base/time.js';
import type { IpAddress } from '../../src/base/address.js';
import { encodeHeadered, isIntact, nextSequence, readHeader } from '../../src/vrrp/wire/authentication-header.js';
import { unpackAdvert } from '../../src/vrrp/wire/unpack.js';
import { address } from '../support/address.js';

const source = address('192.0.2.1');
const group = address('224.0.0.18');
/** Captured from keepalived: auth_type AH, auth_pass secret12, its first advert. */
const ipHeader = fromHex('45c0004000010000ff3318b6c0000201e0000012');
const payload = fromHex('70040000 c0000201 00000001 357913b05e266bc7cffdf4b5 21339601 02018465 c0000264 0000000000000000');
const message = payload.subarray(24);

test('the authentication header of keepalived, byte for byte', () => {
  const path = { source, destination: group, hopLimit: 255, unicast: false, identification: 1 };
  assert.equal(toHex(encodeHeadered(message, 'secret12', 1, path)), toHex(payload));
});

test('a captured header is intact for who knows the password, and for nobody else', () => {
  const header = readHeader(ipHeader, payload);
  assert.ok(header !== undefined);
  assert.equal(isIntact(header, source, 'secret12', false), true);
  assert.equal(isIntact(header, source, 'secret13', false), false);
  assert.equal(isIntact(header, address('192.0.2.2'), 'secret12', false), false);
});

test('whatever is changed on the way shows, except what routers change', () => {
  const changeable = new Set([1, 6, 7, 10, 11]);
  const whole = Uint8Array.from([...ipHeader, ...payload]);
  for (let at = 0; at < whole.length; at += 1) {
    for (const bit of [0x01, 0x80]) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ bit;
      const header = readHeader(changed.subarray(0, 20), changed.subarray(20));
      const intact = header !== undefined && isIntact(header, source, 'secret12', false);
      assert.equal(intact, changeable.has(at), `byte ${at}`);
    }
  }
});

test('to peers the TTL may fall on the way', () => {
  const destination: IpAddress = address('192.0.2.2');
  const path = { source, destination, hopLimit: 255, unicast: true, identification: 9 };
  const sent = encodeHeadered(message, 'secret12', 7, path);
  const arrived = fromHex('45c0004000090000 40330000 c0000201 c0000202');
  const header = readHeader(arrived, sent);
  assert.ok(header !== undefined);
  assert.equal(header.sequence, 7);
  assert.equal(isIntact(header, source, 'secret12', true), true);
  assert.equal(isIntact(header, source, 'secret12', false), false);
});

test('a packet too short for the header, or for the advert behind it, is malformed', () => {
  const packet = { interface: 'eth0', family: 'ipv4', protocol: 'ah', source, destination: group, hopLimit: 255, wallClock: micros(0), ipHeader } as const;
  for (let length = 0; length < payload.length; length += 1) {
    assert.equal(unpackAdvert({ ...packet, payload: payload.subarray(0, length) }).type, 'advertMalformed', `${length} bytes`);
  }
  assert.equal(unpackAdvert({ ...packet, payload }).type, 'advertReceived');
});

test('a sequence is never 0', () => {
  assert.equal(nextSequence(0), 1);
  assert.equal(nextSequence(0xffff_ffff), 1);
});
