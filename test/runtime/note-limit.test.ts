import assert from 'node:assert/strict';
import test from 'node:test';
import { micros, seconds } from '../../src/base/time.js';
import { createPoolNoteLimit, createVrrpNoteLimit } from '../../src/runtime/note-limit.js';
import type { HealthNote } from '../../src/health/notes.js';
import type { VrrpNote } from '../../src/vrrp/notes.js';
import { address } from '../support/address.js';

const rejected = (type: 'password' | 'headerMissing', instance = 'V1'): VrrpNote => ({
  type: 'advertRejected',
  instance,
  source: address('192.0.2.9'),
  rejection: { type },
});

test('what packets cause is told at most twenty times a minute for each reason and instance, however many there are', () => {
  const limit = createVrrpNoteLimit();
  for (const note of [rejected('password'), rejected('headerMissing'), rejected('password', 'V2')]) {
    let told = 0;
    for (let i = 0; i < 100_000; i += 1) if (limit.admit(note, 1, micros(i * 500)).admitted) told += 1;
    assert.ok(told > 0 && told <= 20, `${told} lines`);
  }
});

test('after the minute it is told again, and how many were kept back before', () => {
  const limit = createVrrpNoteLimit();
  let told = 0;
  for (let i = 0; i < 100; i += 1) if (limit.admit(rejected('password'), 1, micros(0)).admitted) told += 1;
  const { admitted, before } = limit.admit(rejected('password'), 1, seconds(60));
  assert.equal(admitted, true);
  assert.deepEqual(before.map(({ text }) => text), [`(V1) ${100 - told} more of the next message were not logged in the last minute`]);
});

test('what the director does by itself is always told', () => {
  const limit = createVrrpNoteLimit();
  const note: VrrpNote = { type: 'stateChanged', instance: 'V1', from: 'BACKUP', to: 'MASTER' };
  for (let i = 0; i < 1_000; i += 1) assert.equal(limit.admit(note, 1, micros(0)).admitted, true);
});

const SERVER = { server: '[192.0.2.11]:tcp:80', virtualServer: '[192.0.2.100]:tcp:80' } as const;

test('a server that flaps fills no log: it is told a bounded number of times a minute, with the number of what was kept back', () => {
  const limit = createPoolNoteLimit();
  const told: string[] = [];
  // Ten minutes of a check that fails and passes ten times a second.
  for (let i = 0; i < 6_000; i += 1) {
    for (const type of ['serverRemoved', 'serverAdded'] as const) {
      const note: HealthNote = { type, ...SERVER };
      const { admitted, before } = limit.admit(note, 1, micros(i * 100_000));
      told.push(...before.map(({ text }) => text), ...(admitted ? [type] : []));
    }
  }
  assert.ok(told.length <= 10 * 2 * 16, `${told.length} lines`);
  assert.ok(told.includes('[192.0.2.11]:tcp:80: 585 more of the next message were not logged in the last minute'), told.join('\n'));
});

test('each of very many servers is told at once, and quorums always are', () => {
  const limit = createPoolNoteLimit();
  for (let i = 0; i < 20_000; i += 1) assert.equal(limit.admit({ type: 'serverAdded', ...SERVER, server: `server ${i}` }, 1, micros(0)).admitted, true);
  const lost: HealthNote = { type: 'quorumLost', virtualServer: SERVER.virtualServer, quorum: 1, hysteresis: 0, threshold: 1, weight: 0 };
  for (let i = 0; i < 100; i += 1) assert.equal(limit.admit(lost, 1, micros(0)).admitted, true);
});
