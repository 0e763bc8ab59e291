import assert from 'node:assert/strict';
import test from 'node:test';

import type { DownMessage } from '../../src/daemon/children/ipc.js';
import { createMasterRelay } from '../../src/daemon/relays/master-relay.js';
import type { PoolConfig } from '../../src/health/config.js';
import { wantedSettings } from '../../src/health/sync-daemon.js';

const FOLLOWED: PoolConfig = { virtualServers: [], syncDaemon: { interface: 'eth1', instance: 'V1', syncId: 7 } };

test('the checkers hear who is master while they follow an instance, and a new process hears what was said last', () => {
  let pool: PoolConfig | undefined = FOLLOWED;
  const sent: (readonly [string, DownMessage])[] = [];
  const relay = createMasterRelay((child, message) => void sent.push([child, message]), () => pool);
  assert.deepEqual(relay.known(), []);
  relay.reported(['V1']);
  assert.deepEqual(sent, [['checkers', { type: 'masters', masters: ['V1'] }]]);
  assert.deepEqual(relay.known(), ['V1']);
  pool = { virtualServers: [] };
  relay.reported([]);
  assert.equal(sent.length, 1, 'nobody follows');
  pool = FOLLOWED;
  assert.deepEqual(relay.known(), []);
});

test('who is master sends, everybody else receives, and who follows nobody does both', () => {
  const roles = (config: PoolConfig, masters: readonly string[]): readonly string[] =>
    wantedSettings(config, new Set(masters)).daemons.map(({ role, interface: name, syncId }) => `${role} ${name} ${syncId}`);
  assert.deepEqual(roles(FOLLOWED, ['V1', 'V2']), ['master eth1 7']);
  assert.deepEqual(roles(FOLLOWED, ['V2']), ['backup eth1 7']);
  assert.deepEqual(roles({ virtualServers: [], syncDaemon: { interface: 'eth1' } }, []), ['master eth1 0', 'backup eth1 0']);
  assert.deepEqual(roles({ virtualServers: [] }, ['V1']), []);
});
