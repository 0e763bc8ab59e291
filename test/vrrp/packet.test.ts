import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { addressFromBytes, type Family } from '../../src/base/address.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { micros, milliseconds, seconds } from '../../src/base/time.js';
import { authenticationData } from '../../src/vrrp/wire/authentication.js';
import {
  advertLength,
  decodeAdvert,
  encodeAdvert,
  readAdvertHeader,
  type Advert,
  type AdvertPath,
} from '../../src/vrrp/wire/packet.js';
import { address } from '../support/address.js';
import { advertV2, advertV3 } from '../support/vrrp-configuration.js';

const ipv4: AdvertPath = { family: 'ipv4', source: address('192.0.2.1'), destination: address('224.0.0.18') };
const ipv6: AdvertPath = { family: 'ipv6', source: address('fe80::ff:fe00:a'), destination: address('ff02::12') };

/** VRRP messages captured from keepalived. */
const captured: readonly (readonly [string, AdvertPath, string, Advert])[] = [
  [
    'v2 without authentication, two addresses',
    ipv4,
    '21339602 0001c3fe c0000264 c0000265 0000000000000000',
    advertV2(150, { addresses: [address('192.0.2.100'), address('192.0.2.101')] }),
  ],
  [
    'v2 with a password',
    ipv4,
    '21339601 010117e7 c0000264 7365637265743132',
    advertV2(150, {
      authenticationType: 1,
      authenticationData: authenticationData({ type: 'pass', password: 'secret12' }),
    }),
  ],
  ['v3 over IPv4, 0.5 s', ipv4, '31339601 0032d3a3 c0000264', advertV3(150, { advertInterval: milliseconds(500) })],
  [
    'v3 over IPv6, two addresses',
    ipv6,
    '31339602 00640cf4 fe800000000000000000000000000100 20010db8000000000000000000000100',
    advertV3(150, { addresses: [address('fe80::100'), address('2001:db8::100')] }),
  ],
];

for (const [name, path, hex, advert] of captured) {
  test(`the advert of keepalived, byte for byte: ${name}`, () => {
    assert.equal(toHex(encodeAdvert(advert, path)), toHex(fromHex(hex)));
    assert.deepEqual(decodeAdvert(fromHex(hex), path), { ok: true, value: advert });
  });
}

const good = fromHex('31339601 0032d3a3 c0000264');
const goodV2 = fromHex('21339601 010117e7 c0000264 7365637265743132');

function changed(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[offset] = value;
  return copy;
}

const refused: readonly (readonly [string, Uint8Array, string])[] = [
  ['nothing at all', new Uint8Array(0), 'tooShort'],
  ['seven bytes', good.subarray(0, 7), 'tooShort'],
  ['version 1', changed(good, 0, 0x11), 'badVersion'],
  ['version 4', changed(good, 0, 0x41), 'badVersion'],
  ['an address count beyond the end', changed(good, 3, 200), 'lengthMismatch'],
  ['an address count of which nothing is left', changed(good, 3, 0), 'lengthMismatch'],
  ['a v2 message without its authentication data', goodV2.subarray(0, 12), 'lengthMismatch'],
  ['four bytes too many', Uint8Array.from([...good, 0, 0, 0, 0]), 'lengthMismatch'],
  ['padding on a message that fills an Ethernet frame', Uint8Array.from([...goodV2, ...new Uint8Array(8)]), 'lengthMismatch'],
  ['another packet type', changed(good, 0, 0x32), 'badType'],
  ['a flipped priority', changed(good, 2, 0), 'badChecksum'],
  ['a flipped v2 password', changed(goodV2, 12, 0), 'badChecksum'],
];

for (const [name, bytes, error] of refused) {
  test(`refused as ${error}: ${name}`, () => {
    assert.deepEqual(decodeAdvert(bytes, ipv4), { ok: false, error });
  });
}

test('the padding of a short Ethernet frame is ignored', () => {
  // 20 bytes of IP header and 12 of VRRP are padded to 46.
  const padded = new Uint8Array(26).fill(0xee);
  padded.set(good);
  assert.deepEqual(decodeAdvert(padded, ipv4), decodeAdvert(good, ipv4));
});

test('an IPv6 packet is never padded', () => {
  const path = { ...ipv6 };
  const bytes = encodeAdvert(advertV3(1, { addresses: [] }), path);
  assert.equal(decodeAdvert(Uint8Array.from([...bytes, 0, 0]), path).ok, false);
});

test('v2 does not exist over IPv6', () => {
  assert.deepEqual(decodeAdvert(goodV2, ipv6), { ok: false, error: 'badVersion' });
});

test('the v3 checksum guards the IP addresses', () => {
  const elsewhere = { ...ipv4, destination: address('224.0.0.19') };
  assert.deepEqual(decodeAdvert(good, elsewhere), { ok: false, error: 'badChecksum' });
});

test('the reserved bits of v3 are ignored', () => {
  // The first of the captured messages of v3, with 0x1000 moved from the checksum into the reserved bits.
  const bytes = changed(changed(good, 4, 0x10), 6, 0xc3);
  assert.deepEqual(decodeAdvert(bytes, ipv4), decodeAdvert(good, ipv4));
  assert.equal(decodeAdvert(bytes, ipv4).ok, true);
});

test('an advert that cannot exist is a bug, not a packet', () => {
  assert.throws(() => encodeAdvert(advertV3(256), ipv4), /priority/);
  assert.throws(() => encodeAdvert(advertV3(1, { virtualRouterId: 0 }), ipv4), /VRID/);
  assert.throws(() => encodeAdvert(advertV3(1, { advertInterval: seconds(41) }), ipv4), /interval/);
  assert.throws(() => encodeAdvert(advertV2(1), ipv6), /IPv6/);
  assert.throws(() => encodeAdvert(advertV3(1), ipv6), /family|ipv6/);
});

test('the header of refused bytes can still be told', () => {
  assert.equal(readAdvertHeader(good.subarray(0, 7)), undefined);
  assert.deepEqual(readAdvertHeader(changed(good, 0, 0x42)), {
    version: 4,
    packetType: 2,
    virtualRouterId: 51,
    addressCount: 1,
  });
});

const ip = (family: Family): fc.Arbitrary<ReturnType<typeof address>> =>
  fc
    .uint8Array(family === 'ipv4' ? { minLength: 4, maxLength: 4 } : { minLength: 16, maxLength: 16 })
    .map((bytes) => addressFromBytes(bytes));

const plainObject = { noNullPrototype: true } as const;

const pathOf = (family: Family): fc.Arbitrary<AdvertPath> =>
  fc.record({ family: fc.constant(family), source: ip(family), destination: ip(family) }, plainObject);

const byte = fc.integer({ min: 0, max: 255 });

const anyV2: fc.Arbitrary<readonly [Advert, AdvertPath]> = fc.tuple(
  fc.record({
    version: fc.constant(2 as const),
    virtualRouterId: fc.integer({ min: 1, max: 255 }),
    priority: byte,
    advertInterval: byte.map(seconds),
    authenticationType: byte,
    authenticationData: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    addresses: fc.array(ip('ipv4'), { maxLength: 255 }),
  }, plainObject),
  pathOf('ipv4'),
);

const anyV3 = (family: Family): fc.Arbitrary<readonly [Advert, AdvertPath]> =>
  fc.tuple(
    fc.record({
      version: fc.constant(3 as const),
      virtualRouterId: fc.integer({ min: 1, max: 255 }),
      priority: byte,
      advertInterval: fc.integer({ min: 0, max: 4095 }).map((units) => micros(units * 10_000)),
      addresses: fc.array(ip(family), { maxLength: 255 }),
    }, plainObject),
    pathOf(family),
  );

const anyAdvert = fc.oneof(anyV2, anyV3('ipv4'), anyV3('ipv6'));

test('every advert survives the wire', () => {
  fc.assert(
    fc.property(anyAdvert, ([advert, path]) => {
      const bytes = encodeAdvert(advert, path);
      assert.equal(bytes.length, advertLength(advert.version, path.family, advert.addresses.length));
      assert.deepEqual(decodeAdvert(bytes, path), { ok: true, value: advert });
    }),
    { numRuns: 300 },
  );
});

test('no single flipped bit goes unnoticed', () => {
  fc.assert(
    fc.property(anyAdvert, fc.nat(), ([advert, path], position) => {
      const bytes = encodeAdvert(advert, path);
      const bit = position % (bytes.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(decodeAdvert(bytes, path).ok, false);
    }),
    { numRuns: 500 },
  );
});

test('random bytes never throw and never reach beyond what was received', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.constantFrom(0x21, 0x31), fc.uint8Array({ maxLength: 60 })).map(([first, rest]) => Uint8Array.from([first, ...rest])),
  );
  fc.assert(
    fc.property(noise, fc.constantFrom(ipv4, ipv6), fc.nat(40), (bytes, path, beyond) => {
      // The same bytes inside a larger buffer: what lies around them must not matter.
      const surrounded = new Uint8Array(bytes.length + 2 * beyond).fill(0xff);
      surrounded.set(bytes, beyond);
      const window = surrounded.subarray(beyond, beyond + bytes.length);
      assert.deepEqual(decodeAdvert(window, path), decodeAdvert(bytes, path));
    }),
    { numRuns: 2000 },
  );
});
