import assert from 'node:assert/strict';
import test from 'node:test';

import { parseDownMessage, parseUpMessage } from '../../src/daemon/children/ipc.js';

/** Nothing of this is a message of either side. */
const RUBBISH = [undefined, null, 0, 'ready', [], {}, { type: 'nonsense' }, { type: 'configured' }, { type: 'dump', kind: 'all' }];

test('what a child says is understood, everything else is passed over', () => {
  assert.deepEqual(parseUpMessage({ type: 'ready' }), { type: 'ready' });
  assert.deepEqual(parseUpMessage({ type: 'alive', more: 1 }), { type: 'alive' });
  assert.deepEqual(parseUpMessage({ type: 'configured', generation: 3 }), { type: 'configured', generation: 3 });
  const change = { session: 'peer', up: true, at: 5 };
  assert.deepEqual(parseUpMessage({ type: 'session', change }), { type: 'session', change });
  assert.equal(parseUpMessage({ type: 'session', change: { ...change, up: 'yes' } }), undefined);
  assert.deepEqual(parseUpMessage({ type: 'masters', masters: ['V1'] }), { type: 'masters', masters: ['V1'] });
  assert.equal(parseUpMessage({ type: 'masters', masters: [1] }), undefined);
  assert.equal(parseUpMessage({ type: 'configured', generation: '3' }), undefined);
  for (const rubbish of RUBBISH) assert.equal(parseUpMessage(rubbish), undefined, JSON.stringify(rubbish));
});

test('a child takes a configuration of its own kind only', () => {
  const part = { child: 'vrrp', global: {}, director: {} };
  const message = { type: 'configure', generation: 2, part };
  assert.deepEqual(parseDownMessage('vrrp', message), message);
  assert.equal(parseDownMessage('checkers', message), undefined);
  assert.equal(parseDownMessage('vrrp', { ...message, generation: undefined }), undefined);
  assert.equal(parseDownMessage('vrrp', { type: 'configure', generation: 2 }), undefined);
  const change = { session: 'peer', up: false, at: 5 };
  assert.deepEqual(parseDownMessage('vrrp', { type: 'session', change }), { type: 'session', change });
  assert.deepEqual(parseDownMessage('checkers', { type: 'masters', masters: [] }), { type: 'masters', masters: [] });
  assert.equal(parseDownMessage('checkers', { type: 'masters', masters: 'V1' }), undefined);
  assert.deepEqual(parseDownMessage('checkers', { type: 'dump', kind: 'data' }), { type: 'dump', kind: 'data' });
  for (const rubbish of RUBBISH) assert.equal(parseDownMessage('vrrp', rubbish), undefined, JSON.stringify(rubbish));
});
