import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../src/base/bytes.js';
import { authenticationData, authenticationType, sameAuthenticationData } from '../../src/vrrp/wire/authentication.js';

test('a short password is padded with zeros, a long one is cut at eight bytes', () => {
  assert.equal(toHex(authenticationData({ type: 'pass', password: 'abc' })), '6162630000000000');
  assert.equal(toHex(authenticationData({ type: 'pass', password: '1234567890' })), '3132333435363738');
  assert.equal(toHex(authenticationData({ type: 'none' })), '0000000000000000');
});

test('a password is bytes in UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (password) => {
      const expected = Buffer.alloc(8);
      Buffer.from(password, 'utf8').copy(expected);
      assert.equal(toHex(authenticationData({ type: 'pass', password })), expected.toString('hex'));
    }),
  );
});

test('the wire type follows the configuration', () => {
  assert.equal(authenticationType({ type: 'none' }), 0);
  assert.equal(authenticationType({ type: 'pass', password: 'x' }), 1);
});

test('authentication data is equal only in all eight bytes', () => {
  const eight = fc.uint8Array({ minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(eight, eight, (a, b) => {
      assert.equal(sameAuthenticationData(a, b), toHex(a) === toHex(b));
      assert.equal(sameAuthenticationData(a, a.slice()), true);
    }),
  );
  assert.equal(sameAuthenticationData(new Uint8Array(7), new Uint8Array(8)), false);
  assert.equal(sameAuthenticationData(new Uint8Array(9), new Uint8Array(9)), false);
});
