/** What a pattern finds in a body: offsets count bytes, options as PCRE2 has them. */

import assert from 'node:assert/strict';
import test from 'node:test';

import type { BodyPattern } from '../../src/health/config-check.js';
import { type PieceResult, findPattern } from '../../src/io/probes/find-pattern.js';

function find(source: string, body: string | Uint8Array, changes: Partial<BodyPattern> = {}): PieceResult {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return findPattern({ source, flags: '', minOffset: 0, firstLine: false, ...changes }, { bytes, base: 0, from: 0, until: bytes.length, last: true });
}

test('a pattern is found anywhere in the body, or not', () => {
  assert.equal(find('status: *ok', 'status:   ok\n'), 'found');
  assert.equal(find('status: *ok', 'status: failed\n'), 'missing');
  assert.equal(find('OK', 'ok', { flags: 'i' }), 'found');
  assert.equal(find('', ''), 'found', 'an empty pattern in an empty body');
  assert.equal(find('end', `${'x'.repeat(60_000)}end`), 'found');
});

test('without utf a character is a byte, with it a code point, and bytes that are no UTF-8 are unreadable', () => {
  assert.equal(find('^..$', 'ä'), 'found');
  assert.equal(find('^.$', 'ä', { flags: 'u' }), 'found');
  assert.equal(find('\\xff', Uint8Array.of(0xff)), 'found');
  assert.equal(find('.', Uint8Array.of(0xff), { flags: 'u' }), 'unreadable');
});

test('a match begins at the least offset or later, and before the greatest', () => {
  assert.equal(find('ok', 'ok', { minOffset: 1 }), 'missing');
  assert.equal(find('ok', 'ok ok', { minOffset: 1 }), 'found');
  assert.equal(find('ok', 'xx ok', { maxOffset: 3 }), 'missing');
  assert.equal(find('ok', 'xx ok', { maxOffset: 4 }), 'found');
  assert.equal(find('ok', 'ok', { minOffset: 50 }), 'missing');
  assert.equal(find('ok', 'ää ok', { flags: 'u', minOffset: 5 }), 'found', 'bytes are counted in UTF-8 too');
  assert.equal(find('ok', 'ää ok', { flags: 'u', minOffset: 6 }), 'missing');
});

test('firstline: a match begins on the first line', () => {
  assert.equal(find('ok', 'is ok\nmore', { firstLine: true }), 'found');
  assert.equal(find('ok', 'is\nok', { firstLine: true }), 'missing');
});
