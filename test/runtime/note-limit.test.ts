import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, seconds } from '../../src/base/time.js';
import { createNoteLimit } from '../../src/runtime/note-limit.js';
import type { VrrpNote } from '../../src/vrrp/notes.js';
import { address } from '../support/address.js';

const rejected = (type: 'password' | 'headerMissing', instance = 'V1'): VrrpNote => ({
  type: 'advertRejected',
  instance,
  source: address('192.0.2.9'),
  rejection: { type },
});

test('what packets cause is told at most twenty times a minute for each reason and instance, however many there are', () => {
  const limit = createNoteLimit();
  for (const note of [rejected('password'), rejected('headerMissing'), rejected('password', 'V2')]) {
    let told = 0;
    for (let i = 0; i < 100_000; i += 1) if (limit.admit(note, 1, micros(i * 500)).admitted) told += 1;
    assert.ok(told > 0 && told <= 20, `${told} lines`);
  }
});

test('after the minute it is told again, and how many were kept back before', () => {
  const limit = createNoteLimit();
  let told = 0;
  for (let i = 0; i < 100; i += 1) if (limit.admit(rejected('password'), 1, micros(0)).admitted) told += 1;
  const { admitted, before } = limit.admit(rejected('password'), 1, seconds(60));
  assert.equal(admitted, true);
  assert.deepEqual(before.map(({ text }) => text), [`(V1) ${100 - told} more of the next message were not logged in the last minute`]);
});

test('what the director does by itself is always told', () => {
  const limit = createNoteLimit();
  const note: VrrpNote = { type: 'stateChanged', instance: 'V1', from: 'BACKUP', to: 'MASTER' };
  for (let i = 0; i < 1_000; i += 1) assert.equal(limit.admit(note, 1, micros(0)).admitted, true);
});
