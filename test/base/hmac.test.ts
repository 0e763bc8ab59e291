import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../src/base/bytes.js';
import { equalInConstantTime, hmacMd5, hmacSha256 } from '../../src/base/hmac.js';
import { md5 } from '../../src/base/md5.js';
import { sha256 } from '../../src/base/sha256.js';

const bytes = fc.uint8Array({ maxLength: 300 });

test('MD5 and SHA-256 say of any message what the library of the machine says', () => {
  fc.assert(
    fc.property(bytes, (message) => {
      assert.equal(toHex(md5(message)), createHash('md5').update(message).digest('hex'));
      assert.equal(toHex(sha256(message)), createHash('sha256').update(message).digest('hex'));
    }),
  );
});

test('every length around a block is padded rightly', () => {
  for (let length = 0; length <= 130; length += 1) {
    const message = new Uint8Array(length).fill(length);
    assert.equal(toHex(md5(message)), createHash('md5').update(message).digest('hex'));
    assert.equal(toHex(sha256(message)), createHash('sha256').update(message).digest('hex'));
  }
});

test('HMAC is that of the library of the machine for any key, longer than a block too', () => {
  fc.assert(
    fc.property(bytes, bytes, (key, message) => {
      assert.equal(toHex(hmacMd5(key, message)), createHmac('md5', key).update(message).digest('hex'));
      assert.equal(toHex(hmacSha256(key, message)), createHmac('sha256', key).update(message).digest('hex'));
    }),
  );
});

test('bytes are equal only when all are and none is missing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5 }), fc.uint8Array({ maxLength: 5 }), (a, b) => {
      assert.equal(equalInConstantTime(a, b), toHex(a) === toHex(b));
      assert.equal(equalInConstantTime(a, a.slice()), true);
    }),
  );
});
