import assert from 'node:assert/strict';
import test from 'node:test';
import { seconds } from '../../src/base/time.js';
import type { PoolConfig, RealServerConfig, VirtualServerConfig } from '../../src/health/config.js';
import { describePool } from '../../src/health/describe.js';
import { address } from '../support/address.js';
import { PASSED, PoolRun, command, failure, realServer, virtualServer } from './samples.js';

const REAL = [realServer(1), realServer(2)];
const SORRY = { address: address('198.51.100.99'), port: 80, method: 'nat', inhibit: false } as const;
const BACKUPS = [realServer(11, { tier: 1 }), realServer(12, { tier: 1, weight: 5 }), realServer(21, { tier: 2 })];

function pool(changes: Partial<VirtualServerConfig> = {}, servers: readonly RealServerConfig[] = REAL): PoolConfig {
  return { virtualServers: [virtualServer(1, servers, { backupServers: BACKUPS, ...changes })] };
}

function failing(run: PoolRun, ...dead: readonly number[]): void {
  run.answer = (last) => (dead.includes(last) ? failure() : PASSED);
  run.run(seconds(13));
}

test('backup servers are checked and serve nobody while there is a quorum', () => {
  const run = new PoolRun(pool());
  run.run(seconds(30));
  assert.deepEqual(run.table(1), ['1=1', '2=1']);
  assert.ok(run.questions.some((question) => question.endsWith(' 21')), 'they are asked');
  assert.equal(describePool(run.state).virtualServers[0]?.aliveWeight, 2, 'they do not count');
});

test('when the quorum is lost the first tier that is alive serves, tier by tier, then the sorry server', () => {
  const run = new PoolRun(pool({ sorryServer: SORRY }));
  run.run(seconds(5));
  run.told();
  failing(run, 1, 2);
  assert.deepEqual(run.table(1), ['11=1', '12=5']);
  const told = run.told();
  assert.ok(told.includes('backupTierAdded 1') && told.includes('aliveServersRemoved 1'), told.join());
  failing(run, 1, 2, 11);
  assert.deepEqual(run.table(1), ['12=5'], 'half a tier is a tier');
  failing(run, 1, 2, 11, 12);
  assert.deepEqual(run.table(1), ['21=1']);
  failing(run, 1, 2, 11, 12, 21);
  assert.deepEqual(run.table(1), ['99=1']);
  failing(run, 1, 2, 11, 12);
  assert.deepEqual(run.table(1), ['21=1'], 'back up the tiers');
  failing(run, 1, 2);
  assert.deepEqual(run.table(1), ['11=1', '12=5']);
  run.told();
  failing(run);
  assert.deepEqual(run.table(1), ['1=1', '2=1']);
  assert.ok(run.told().includes('backupTierRemoved 1'));
});

test('without any backup alive and without a sorry server the real servers that are left serve', () => {
  const run = new PoolRun(pool({ quorum: 2 }));
  run.run(seconds(5));
  failing(run, 1);
  assert.deepEqual(run.table(1), ['11=1', '12=5']);
  failing(run, 1, 11, 12, 21);
  assert.deepEqual(run.table(1), ['2=1']);
});

test('their own commands run, and a reload may add, change and remove them while they serve', () => {
  const run = new PoolRun(pool({ backupServers: [realServer(11, { tier: 1, notifyDown: command('down11') })] }));
  run.run(seconds(5));
  failing(run, 1, 2);
  run.deliver({ type: 'reconfigured', config: pool({ backupServers: [realServer(11, { tier: 1, weight: 7 }), realServer(12, { tier: 2 })] }) });
  assert.deepEqual(run.table(1), ['11=7']);
  run.deliver({ type: 'reconfigured', config: pool({ backupServers: [realServer(12, { tier: 2 })] }) });
  assert.deepEqual(run.table(1), ['12=1']);
  const none = { virtualServers: [virtualServer(1, REAL)] };
  run.deliver({ type: 'reconfigured', config: none });
  assert.deepEqual(run.table(1), [], 'nobody is left');
  assert.equal(describePool(run.state).virtualServers[0]?.activeTier, undefined);
  run.deliver({ type: 'reconfigured', config: pool() });
  assert.deepEqual(run.table(1), ['11=1', '12=5'], 'added while the quorum is down they serve at once');
});

test('a backup server that becomes a real server is one', () => {
  const run = new PoolRun(pool());
  run.run(seconds(5));
  run.deliver({ type: 'reconfigured', config: pool({ backupServers: [] }, [...REAL, realServer(11)]) });
  run.run(seconds(5));
  assert.deepEqual(run.table(1), ['1=1', '2=1', '11=1']);
  assert.equal(describePool(run.state).virtualServers[0]?.aliveWeight, 3);
});

test('with inhibit_on_failure they stay in the table at weight 0 while they do not serve', () => {
  const run = new PoolRun(pool({ backupServers: [realServer(11, { tier: 1, inhibitOnFailure: true })] }));
  run.run(seconds(5));
  assert.deepEqual(run.table(1), ['1=1', '2=1', '11=0']);
  failing(run, 1, 2);
  assert.deepEqual(run.table(1), ['11=1']);
});
