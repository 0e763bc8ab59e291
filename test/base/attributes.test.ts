import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  cstring,
  decodeAttributes,
  decodeFields,
  encodeAttributes,
  encodeFields,
  field,
  nested,
  rawBytes,
  u16,
  u16be,
  u32,
  u8,
} from '../../src/base/attributes.js';
import { fromHex, toHex } from '../../src/base/bytes.js';

const TABLE = {
  octet: field(1, u8),
  host: field(2, u16),
  network: field(3, u16be),
  wide: field(4, u32),
  name: field(5, cstring),
  address: field(6, rawBytes(4)),
} as const;

test('attributes are length, type and value, padded to four bytes', () => {
  const bytes = encodeFields(TABLE, { octet: 7, host: 0x1234, network: 0x1234, name: 'wlc' });
  assert.equal(toHex(encodeAttributes(bytes)), '05000100070000000600020034120000060003001234000008000500776c6300');
});

test('a nested attribute carries the nested flag, which decoding takes off again', () => {
  const bytes = encodeAttributes([nested(2, encodeFields(TABLE, { wide: 1 }))]);
  assert.equal(toHex(bytes), '0c0002800800040001000000');
  const outer = decodeAttributes(bytes);
  assert.ok(outer.ok);
  assert.deepEqual(decodeFields(TABLE, outer.value.get(2) ?? new Uint8Array()), { ok: true, value: { wide: 1 } });
});

test('what a table writes it reads back', () => {
  const values = fc.record(
    {
      octet: fc.nat(255),
      host: fc.nat(65535),
      network: fc.nat(65535),
      wide: fc.nat(0xffffffff),
      name: fc.stringMatching(/^[a-z0-9_-]{0,15}$/),
      address: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(values, (each) => {
      assert.deepEqual(decodeFields(TABLE, encodeAttributes(encodeFields(TABLE, each))), { ok: true, value: { ...each } });
    }),
  );
});

test('attributes a table does not know are skipped, of equal ones the last counts', () => {
  const bytes = fromHex('08006300ffffffff 0500010001000000 0500010002000000');
  assert.deepEqual(decodeFields(TABLE, bytes), { ok: true, value: { octet: 2 } });
});

test('lengths that cannot be are errors, and so are values of the wrong size', () => {
  const error = (hex: string): unknown => {
    const read = decodeFields(TABLE, fromHex(hex));
    return read.ok ? read.value : read.error;
  };
  assert.equal(error('03000100'), 'attributeLengthInvalid');
  assert.equal(error('00000000'), 'attributeLengthInvalid');
  assert.equal(error('0900040001000000'), 'attributeTruncated');
  assert.equal(error('0800010001000000'), 'attributeValueInvalid');
  assert.deepEqual(error('000000'), {}, 'less than a header is padding');
  assert.deepEqual(error('0500010009'), { octet: 9 }, 'the last value needs no padding');
});

test('no bytes of any kind make the decoder throw or read outside what it was given', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(8), (bytes, skip) => {
      const inner = bytes.subarray(Math.min(skip, bytes.length));
      const read = decodeAttributes(inner);
      if (!read.ok) return;
      for (const value of read.value.values()) {
        assert.ok(value.byteOffset >= inner.byteOffset);
        assert.ok(value.byteOffset + value.length <= inner.byteOffset + inner.length);
      }
    }),
    { numRuns: 5000 },
  );
});
