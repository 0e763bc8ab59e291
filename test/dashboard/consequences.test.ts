/** What the page says before a command, and what takes it back. */

import assert from 'node:assert/strict';
import test from 'node:test';

import type { RealServerStatus, Status } from '../../src/control/status.js';
import { consequencesOf, undoOf } from '../../src/dashboard/consequences.js';
import { farmStatus } from './farm.js';

const PLACE = { virtualServer: '[192.0.2.100]:tcp:80', server: '[198.51.100.1]:tcp:8001' } as const;
const NOW = Date.parse('2026-03-01T01:00:00.000Z');

/** A virtual server with three real servers, the first of them down, and the second with some connections. */
function status(more: Partial<RealServerStatus> = {}, quorum = 1): Status {
  const farm = farmStatus({ services: 1, serversEach: 3 });
  const { lvs } = farm;
  assert.ok(lvs !== undefined);
  const virtualServers = lvs.virtualServers.map((pool) => ({
    ...pool,
    quorum,
    services: pool.services.map((service) => ({ ...service, protocol: 'tcp' as const, address: '192.0.2.100', port: 80 })),
    realServers: pool.realServers.map((each) => (each.name === PLACE.server ? { ...each, connections: { active: 7, inactive: 2, persistent: 0 }, ...more } : each)),
  }));
  return { ...farm, lvs: { ...lvs, virtualServers } };
}

const lines = (...words: Parameters<typeof consequencesOf>): string => consequencesOf(...words)?.lines.join('\n') ?? '';

test('a drain names the connections that go on, who carries on and whether that is enough', () => {
  assert.match(lines({ action: 'drain', ...PLACE }, status()), /^It gets no new connections\. 7 open connections may go on .*\n1 other server carries on; nobody stands behind\. Weight alive 2 → 1, quorum 1\.\nIt holds/);
  assert.match(lines({ action: 'drain', ...PLACE }, status({}, 2)), /\nThat is less than the quorum/);
  assert.match(lines({ action: 'disable', ...PLACE }, status()), /7 open connections will break/);
  assert.match(lines({ action: 'weight', ...PLACE }, status(), 5), /^Its weight goes from 1 to 5\..*\n.* Weight alive 2 → 6,/);
  assert.match(lines({ action: 'drain', ...PLACE }, status({ state: 'down' })), /Weight alive 2 → 2/, 'what is down carries nothing');
  assert.equal(consequencesOf({ action: 'drain', ...PLACE, server: 'gone' }, status()), undefined);
});

test('a yield names the addresses that move, and what nobody here can know', () => {
  assert.match(lines({ action: 'yield', instance: 'VI_1' }, status()), /keeps 192\.0\.2\.100 until another router has spoken\.\nBackups are silent/);
  assert.equal(consequencesOf({ action: 'yield', instance: 'VI_9' }, status()), undefined);
});

test('what takes a word back is the word before it, with the time that it had left', () => {
  const weighed = { action: 'weight', ...PLACE, weight: 3, since: '2026-03-01T00:00:00.000Z', until: '2026-03-01T01:10:00.000Z', kept: false } as const;
  assert.deepEqual(undoOf({ action: 'drain', ...PLACE }, status(), NOW), { action: 'enable', ...PLACE });
  assert.deepEqual(undoOf({ action: 'drain', ...PLACE }, { ...status(), byHand: [weighed] }, NOW), { action: 'weight', ...PLACE, weight: 3, keep: false, seconds: 600 });
  assert.deepEqual(undoOf({ action: 'enable', ...PLACE }, { ...status(), byHand: [{ ...weighed, action: 'add' }, { action: 'drain', ...PLACE, since: weighed.since, kept: true }] }, NOW), { action: 'drain', ...PLACE, keep: true });
  assert.deepEqual(undoOf({ action: 'yield', instance: 'VI_1' }, status(), NOW), { action: 'resume', instance: 'VI_1' });
});
